using CommentFunctions.Bot;
using CommentFunctions.Channels.Web.Chat;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Channels.Web;

/// <summary>Registers the web channel.</summary>
public static class WebChannelServices
{
    /// <summary>Adds the channel and its page, which need no configuration.</summary>
    public static IHostApplicationBuilder AddWebChannel(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<IBotChannel, WebChannel>();
        builder.Services.AddScoped<ConversationReader>();
        builder.Services.AddSingleton<ChatFiles>();
        return builder;
    }
}
