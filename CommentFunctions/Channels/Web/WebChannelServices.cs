using CommentFunctions.Bot;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Channels.Web;

/// <summary>Registers the web channel.</summary>
public static class WebChannelServices
{
    /// <summary>Adds the channel, which needs no configuration.</summary>
    public static IHostApplicationBuilder AddWebChannel(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddScoped<IBotChannel, WebChannel>();
        builder.Services.AddScoped<ConversationReader>();
        return builder;
    }
}
