using System.Text;
using CommentFunctions.Data;
using CommentFunctions.Hosts;
using CommentFunctions.Http;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.EndToEnd.Support;
using CommentFunctions.Tests.LocalRuntime.Support;
using CommentFunctions.Tests.Support;
using CommentFunctions.Tests.Telemetry.Support;
using Functions.LocalRuntime.Hosting;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>What the app tells of itself, logs at Trace and activities with everything included, has no secret of a channel and no comment.</summary>
[Collection(SpanListening.Name)]
public sealed class SecrecyTests
{
    private const string Comment = "what nobody else may read";

    private static readonly string[] Secrets =
    [
        TelegramStandIn.Token, TelegramStandIn.Secret,
        WhatsAppStandIn.Token, WhatsAppStandIn.Secret, WhatsAppStandIn.VerifyToken,
        SignalStandIn.Secret, Convert.ToBase64String(Encoding.UTF8.GetBytes($"bot:{SignalStandIn.Secret}")),
        Comment,
    ];

    [Fact]
    public async Task No_log_activity_event_or_exception_has_a_secret_or_a_comment()
    {
        await using var telegram = await StandIn.StartAsync<TelegramStandIn>();
        await using var whatsApp = await StandIn.StartAsync<WhatsAppStandIn>();
        await using var signal = await StandIn.StartAsync<SignalStandIn>();
        StandIn[] services = [telegram, whatsApp, signal];
        using var ear = new Eavesdropper();
        // Off by default: what an operator may turn on must have no secret either.
        var settings = new Dictionary<string, string?> { ["Logging:LogLevel:Microsoft.AspNetCore"] = "Trace" };
        await using var app = await LocalApp.StartAsync(
            typeof(Comment).Assembly.GetExportedTypes(),
            settings.Concat(telegram.Settings).Concat(whatsApp.Settings).Concat(signal.Settings).ToDictionary(s => s.Key, s => s.Value!),
            configure: builder => Configure(builder, ear));
        await app.Http.PostCommentAsync("ann", Comment);

        foreach (var kind in Enum.GetValues<TroubleKind>().Except([TroubleKind.Hang, TroubleKind.DeliverAndHang]))
        {
            // Each may say again what it was told.
            telegram.Plan(new Trouble(kind, Wait: 60, Text: $"{TelegramStandIn.Token} {TelegramStandIn.Secret}"));
            whatsApp.Plan(new Trouble(kind, Text: $"{WhatsAppStandIn.Token} {WhatsAppStandIn.Secret} {WhatsAppStandIn.VerifyToken}"));
            signal.Plan(new Trouble(kind, Text: SignalStandIn.Secret));

            await AskAsync(app, (int)kind + 1);
            await Wait.UntilAsync($"the services were called ({kind})", () => services.All(service => service.Calls.Count > (int)kind));
        }

        await RefusedAsync(app);
        await app.Http.PostAsync("api/channels/telegram/webhook?url=https://example.org/api/channels/telegram", null);
        await app.StopAsync();

        Assert.Contains(ear.Heard, line => line.StartsWith("log Trace", StringComparison.Ordinal));
        Assert.Contains(ear.Heard, line => line.StartsWith("activity ", StringComparison.Ordinal));
        Assert.Contains(ear.Heard, line => line.Contains("/bot/sendMessage", StringComparison.Ordinal));
        Assert.Contains(ear.Heard, line => line.Contains("telegram answered 400: *** ***", StringComparison.Ordinal));
        // This test's own calls of the webhooks, which are made with the secrets, are told of too.
        var told = string.Join('\n', ear.Heard
            .Where(line => !line.Contains("System.Net.Http", StringComparison.Ordinal) || !line.Contains("/api/channels/", StringComparison.Ordinal))
            .Where(line => Secrets.Any(secret => line.Contains(secret, StringComparison.Ordinal)))
            .Select(line => line[..Math.Min(400, line.Length)]));
        Assert.True(told.Length == 0, told);
    }

    private static void Configure(LocalFunctionsApplicationBuilder builder, Eavesdropper ear)
    {
        builder.Logging.SetMinimumLevel(LogLevel.Trace);
        builder.Logging.AddFilter(null, LogLevel.Trace);
        builder.Logging.AddProvider(ear);
        builder.UseProblemDetails().UseCallers().AddApp().AddLocalHost();
        TestApp.AllowManyStores(builder.Services);
    }

    private static async Task AskAsync(LocalApp app, int id)
    {
        await PostAsync(app, "telegram", TelegramStandIn.Update(id, "ann", chat: id), ("X-Telegram-Bot-Api-Secret-Token", TelegramStandIn.Secret));
        var body = WhatsAppStandIn.Event([WhatsAppStandIn.Text($"wamid.{id}", "ann", from: $"{id}", at: DateTimeOffset.UtcNow.ToUnixTimeSeconds())]);
        await PostAsync(app, "whatsapp", body, ("X-Hub-Signature-256", WhatsAppStandIn.Sign(body)));
        await PostAsync(app, $"signal?secret={SignalStandIn.Secret}", SignalStandIn.Received(id, "ann", person: Guid.NewGuid().ToString()), null);
        await PostAsync(app, "signal", SignalStandIn.Received(id, "ann"), ("Authorization", $"Basic {Secrets[^2]}"));
    }

    private static async Task RefusedAsync(LocalApp app)
    {
        await PostAsync(app, "telegram", "{", ("X-Telegram-Bot-Api-Secret-Token", TelegramStandIn.Secret));
        await PostAsync(app, "telegram", "{", ("X-Telegram-Bot-Api-Secret-Token", TelegramStandIn.Secret + "x"));
        await PostAsync(app, "whatsapp", "{", ("X-Hub-Signature-256", WhatsAppStandIn.Sign("{")));
        await PostAsync(app, $"signal?secret={SignalStandIn.Secret}", "{", null);
        await PostAsync(app, $"signal?secret={SignalStandIn.Secret}x&secret={SignalStandIn.Secret}", "{", null);
        await app.Http.GetAsync($"api/channels/whatsapp?hub.mode=subscribe&hub.challenge=1&hub.verify_token={WhatsAppStandIn.VerifyToken}");
        await app.Http.GetAsync($"api/channels/whatsapp?hub.mode=no&hub.challenge=1&hub.verify_token={WhatsAppStandIn.VerifyToken}");
    }

    private static async Task PostAsync(LocalApp app, string channel, string body, (string Name, string Value)? header)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"api/channels/{channel}") { Content = content };
        if (header is { } given)
        {
            request.Headers.Add(given.Name, given.Value);
        }

        using var answer = await app.Http.SendAsync(request);
    }
}
