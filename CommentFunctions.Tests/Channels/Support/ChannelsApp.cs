using CommentFunctions.Channels.Signal;
using CommentFunctions.Channels.Telegram;
using CommentFunctions.Channels.WhatsApp;
using CommentFunctions.Tests.Support;

namespace CommentFunctions.Tests.Channels.Support;

/// <summary>An app with all channels, on the stand-ins of their services.</summary>
public sealed class ChannelsApp : IAsyncDisposable
{
    private ChannelsApp(TelegramStandIn telegram, WhatsAppStandIn whatsApp, SignalStandIn signal, TestApp app) =>
        (Telegram, WhatsApp, Signal, App) = (telegram, whatsApp, signal, app);

    public TelegramStandIn Telegram { get; }

    public WhatsAppStandIn WhatsApp { get; }

    public SignalStandIn Signal { get; }

    public TestApp App { get; }

    public static async Task<ChannelsApp> StartAsync()
    {
        var (telegram, whatsApp, signal) = (
            await StandIn.StartAsync<TelegramStandIn>(), await StandIn.StartAsync<WhatsAppStandIn>(), await StandIn.StartAsync<SignalStandIn>());
        return new(telegram, whatsApp, signal, await TestApp.StartAsync(new([.. telegram.Settings, .. whatsApp.Settings, .. signal.Settings])));
    }

    /// <summary>Posts an update of Telegram.</summary>
    public Task<HttpAnswer> TelegramAsync(string body, string? secret = TelegramStandIn.Secret) => App.SendAsync<TelegramWebhook>(
        HttpCalls.Post("/api/channels/telegram", body).With("X-Telegram-Bot-Api-Secret-Token", secret), (f, r) => f.RunAsync(r, default));

    /// <summary>Posts an event of WhatsApp with its signature.</summary>
    public Task<HttpAnswer> WhatsAppAsync(string body) => WhatsAppAsync(body, WhatsAppStandIn.Sign(body));

    /// <summary>Posts an event of WhatsApp.</summary>
    public Task<HttpAnswer> WhatsAppAsync(string body, string? signature) => App.SendAsync<WhatsAppWebhook>(
        HttpCalls.Post("/api/channels/whatsapp", body).With("X-Hub-Signature-256", signature), (f, r) => f.RunAsync(r, default));

    /// <summary>Posts a notification of Signal.</summary>
    public Task<HttpAnswer> SignalAsync(string body) => App.SendAsync<SignalWebhook>(
        HttpCalls.Post($"/api/channels/signal?secret={SignalStandIn.Secret}", body), (f, r) => f.RunAsync(r, default));

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Telegram.DisposeAsync();
        await WhatsApp.DisposeAsync();
        await Signal.DisposeAsync();
    }
}
