using CommentFunctions.Bot;
using CommentFunctions.Channels;
using CommentFunctions.Channels.Signal;
using CommentFunctions.Channels.Telegram;
using CommentFunctions.Channels.Web;
using CommentFunctions.Channels.WhatsApp;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions;

/// <summary>Registers the channels by which people talk to the bot.</summary>
public static class ChannelServices
{
    /// <summary>Adds all channels: the web, with its page, and the services that the sections <c>Channels:{Name}</c> configure.</summary>
    public static IHostApplicationBuilder AddChannels(this IHostApplicationBuilder builder) => builder.AddWebChannel().AddServiceChannels();

    /// <summary>Adds the web channel, and its page.</summary>
    public static IHostApplicationBuilder AddWebChannel(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<IBotChannel, WebChannel>();
        builder.Services.AddScoped<ConversationReader>();
        builder.Services.AddScoped<Func<ConversationReader>>(provider => provider.GetRequiredService<ConversationReader>);
        return builder;
    }

    /// <summary>Adds the channels to services.</summary>
    public static IHostApplicationBuilder AddServiceChannels(this IHostApplicationBuilder builder)
    {
        builder.AddServiceChannel<TelegramOptions, TelegramChannel>(new TelegramErrorParser(), options => new TelegramTokenHandler(options));
        builder.AddServiceChannel<WhatsAppOptions, WhatsAppChannel>(new WhatsAppErrorParser(), options => new WhatsAppTokenHandler(options));
        builder.AddServiceChannel<SignalOptions, SignalChannel>(new SignalErrorParser());
        builder.Services.AddSingleton<TelegramIdentity>();
        builder.Services.AddHostedService<TelegramPolling>();
        builder.Services.AddHostedService<SignalPolling>();
        return builder;
    }
}
