using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Channels.Telegram;

/// <summary>Registers the Telegram channel.</summary>
public static class TelegramServices
{
    /// <summary>Adds the channel where the section <c>Channels:Telegram</c> configures it.</summary>
    public static IHostApplicationBuilder AddTelegramChannel(this IHostApplicationBuilder builder)
    {
        builder.AddServiceChannel<TelegramOptions, TelegramChannel>(new TelegramErrorParser(), options => new TelegramToken(options));
        builder.Services.TryAddSingleton<TelegramIdentity>();
        builder.Services.TryAddSingleton<TelegramRegistration>();
        return builder;
    }
}
