using System.Net;
using CommentFunctions.Tests.Telemetry.Support;

namespace CommentFunctions.Tests.EndToEnd.Support;

/// <summary>What an app exports that is used once and then told to stop: nothing before that, as its exporters wait for an hour.</summary>
public sealed class ExportedRun : IAsyncLifetime
{
    public const string User = "zelda.the.user";
    public const string Comment = "a comment that is nowhere else";
    public const string Conversation = "a-conversation-that-is-nowhere-else";
    public const string Key = "a-key-that-is-nowhere-else";
    public const string BadBody = "a body that is nowhere else";
    public const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    public const string CallerId = "b7ad6b7169203331";

    /// <summary>Settings with which nothing is exported before the app's end.</summary>
    internal static readonly (string Name, string Value)[] OnlyAtTheEnd =
    [
        ("OTEL_BSP_SCHEDULE_DELAY", "3600000"), ("OTEL_BLRP_SCHEDULE_DELAY", "3600000"), ("OTEL_METRIC_EXPORT_INTERVAL", "3600000"),
    ];

    /// <summary>How it exports: <c>http/protobuf</c> or <c>grpc</c>.</summary>
    public string Protocol { get; init; } = "http/protobuf";

    /// <summary>What the app wrote.</summary>
    public string Output { get; private set; } = "";

    internal Collector Collector { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Collector = await Collector.StartAsync();
        using var folder = AppFolder.WithHostJson();
        await using var app = await AppProcess.ServeAsync(
            folder,
            [.. Collector.Settings(Protocol), .. OnlyAtTheEnd, ("OTEL_EXPORTER_OTLP_HEADERS", $"api-key={Key}"), ("RequestLimits__PerSecondPerConversation", "15")]);
        await app.Http.PostCommentAsync(User, Comment);
        await AskAsync(app.Http);
        await AppClient.EventuallyAsync(
            async () => await app.Http.RepliesAsync(Conversation) is [$"Last comment for {User} was {Comment}"], "the bot replies");
        Assert.Equal([Comment], await app.Http.CommentsAsync(User));
        await app.Http.PostAsync("api/bot/messages", new StringContent(BadBody));
        Assert.Equal(HttpStatusCode.OK, (await app.Http.PostAsync("api/expiry-runs?olderThan=00:00:00", null)).StatusCode);
        await BeRefusedAsync(app.Http);
        Assert.Empty(Collector.Spans);
        Assert.Equal(0, await app.TerminateAsync());
        Output = app.Output;
    }

    public Task DisposeAsync() => Collector.DisposeAsync().AsTask();

    // Once: by a conversation of its own, at a rate that waiting for the reply above does not have.
    private static async Task BeRefusedAsync(HttpClient http)
    {
        for (var i = 0; i < 5_000; i++)
        {
            using var answer = await http.GetAsync("api/bot/conversations/of-somebody-in-a-hurry");
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                return;
            }
        }

        throw new InvalidOperationException("5,000 calls were answered, and none refused.");
    }

    // As a webhook calls: with a key in its address, and in a trace of its caller.
    private static async Task AskAsync(HttpClient http)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"api/bot/messages?code={Key}");
        request.Headers.Add("traceparent", $"00-{TraceId}-{CallerId}-01");
        request.Content = new StringContent($$"""{"conversation": "{{Conversation}}", "text": "{{User}}"}""", null, "application/json");
        (await http.SendAsync(request)).EnsureSuccessStatusCode();
    }
}
