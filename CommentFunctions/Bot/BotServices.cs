using Azure.Messaging.ServiceBus;
using CommentFunctions.Failures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Bot;

/// <summary>Registers the bot.</summary>
public static class BotServices
{
    /// <summary>Adds the bot and its queues; channels add themselves as <see cref="IBotChannel"/>.</summary>
    public static IHostApplicationBuilder AddBot(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddSingleton(provider => new Lazy<ServiceBusClient>(provider.GetRequiredService<ServiceBusClient>));
        services.AddSingleton<BotSender>();
        services.AddSingleton<IOutages, QueueOutages>();
        services.AddSingleton<FailurePolicy>();
        services.AddSingleton<DeliveredReplies>();
        services.AddSingleton<BotReplyMetrics>();
        services.AddSingleton<ChannelSends>();
        services.AddScoped<CommentBot>();
        services.AddScoped<BotChannels>();
        services.AddScoped<ReplyDelivery>();
        services.AddScoped<UndeliveredReplies>();
        return builder;
    }
}
