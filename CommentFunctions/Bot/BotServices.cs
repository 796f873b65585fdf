using CommentFunctions.Failures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Bot;

/// <summary>Registers the bot.</summary>
public static class BotServices
{
    /// <summary>Adds the bot; channels add themselves as <see cref="IBotChannel"/>.</summary>
    public static IHostApplicationBuilder AddBot(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<IOutages, ChannelOutages>();
        services.AddSingleton<DeliveryRecords>();
        services.AddSingleton<BotReplyMetrics>();
        services.AddSingleton<ChannelSends>();
        services.AddScoped<CommentBot>();
        services.AddScoped<BotChannels>();
        services.AddScoped<ReplyDelivery>();
        services.AddScoped<UndeliveredReplies>();
        return builder;
    }
}
