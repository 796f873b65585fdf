using System.Net;
using System.Net.Sockets;
using CommentFunctions.Telemetry;
using CommentFunctions.Tests.EndToEnd.Support;
using CommentFunctions.Tests.Telemetry.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>The app and its collector: while the app runs, for a command, and when there is something wrong with it.</summary>
public sealed class CollectorTests : IDisposable
{
    private const string Lost = "Telemetry is lost";

    private static readonly (string Name, string Value)[] Often =
        [("OTEL_BSP_SCHEDULE_DELAY", "200"), ("OTEL_BLRP_SCHEDULE_DELAY", "200"), ("OTEL_METRIC_EXPORT_INTERVAL", "200")];

    private readonly AppFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_age_of_the_oldest_waiting_message_is_told_while_it_waits()
    {
        await using var collector = await Collector.StartAsync();
        await using var app = await AppProcess.ServeAsync(
            folder, [.. collector.Settings("http/protobuf"), .. Often, ("AzureWebJobs.DeliverBotReply.Disabled", "true")]);

        await app.Http.AskBotAsync("demo", "alice");

        await AppClient.EventuallyAsync(() => Task.FromResult(Ages(collector, "bot-replies").Any(age => age > 1)), "the reply is a second old");
        Assert.Equal(0, Ages(collector, "bot-messages")[^1]);
    }

    [Fact]
    public async Task A_command_exports_what_it_did()
    {
        await using var collector = await Collector.StartAsync();

        var (exitCode, output) = await AppProcess.RunAsync(
            folder, ["run", "DeleteExpiredComments"], [.. collector.Settings("http/protobuf"), .. ExportedRun.OnlyAtTheEnd]);

        Assert.True(exitCode == 0, output);
        var duration = Assert.Single(collector.Points, point => point.Name == TelemetryNames.ExpiryDuration);
        Assert.Equal(("operator", "succeeded"), (duration.Tags["triggered_by"], duration.Tags["outcome"]));
        Assert.Equal("timer", Assert.Single(collector.Spans).Tags["faas.trigger"]);
    }

    [Fact]
    public async Task Without_a_collector_the_app_does_its_work_says_so_once_and_stops()
    {
        await using var app = await AppProcess.ServeAsync(folder, [.. Settings(ClosedPort()), .. Often]);

        await UseAsync(app);
        await AppClient.EventuallyAsync(() => Task.FromResult(app.Output.Contains(Lost, StringComparison.Ordinal)), "the loss is told");

        Assert.Equal(0, await app.TerminateAsync());
        Assert.Single(LostLines(app));
    }

    [Fact]
    public async Task A_collector_that_refuses_everything_is_told_of_once()
    {
        var refused = 0;
        await using var refusing = await RefuseAsync(() => Interlocked.Increment(ref refused));
        await using var app = await AppProcess.ServeAsync(folder, [.. Settings(new Uri(refusing.Urls.First()).Port), .. Often]);

        await UseAsync(app);
        await AppClient.EventuallyAsync(() => Task.FromResult(Volatile.Read(ref refused) >= 10), "ten exports are refused");

        Assert.Equal(0, await app.TerminateAsync());
        Assert.Single(LostLines(app));
        Assert.DoesNotContain("   at ", app.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_never_answers_holds_up_neither_the_work_nor_the_end()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        // An exporter that waits for an hour for each answer: the app's end must not wait for it.
        await using var app = await AppProcess.ServeAsync(
            folder, [.. Settings(((IPEndPoint)silent.LocalEndpoint).Port), .. Often, ("OTEL_EXPORTER_OTLP_TIMEOUT", "3600000")]);

        await UseAsync(app);

        Assert.Equal(0, await app.TerminateAsync());
    }

    [Fact]
    public async Task An_endpoint_that_is_none_ends_the_start_with_a_line_that_names_the_setting()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => AppProcess.ServeAsync(folder, ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317")));

        Assert.Contains("OTEL_EXPORTER_OTLP_ENDPOINT is 'localhost:4317'. Allowed: ", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", failure.Message, StringComparison.Ordinal);
    }

    private static (string Name, string Value)[] Settings(int port) =>
        [("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://127.0.0.1:{port}"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")];

    private static async Task UseAsync(AppProcess app)
    {
        Assert.Equal(HttpStatusCode.Created, (await app.Http.PostCommentAsync("alice", "Hello, world")).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await app.Http.AskBotAsync("demo", "alice")).StatusCode);
        await AppClient.EventuallyAsync(
            async () => await app.Http.RepliesAsync("demo") is ["Last comment for alice was Hello, world"], "the bot quotes the comment");
    }

    private static List<double> Ages(Collector collector, string queue) =>
    [
        .. collector.Points
            .Where(point => point.Name == TelemetryNames.QueueOldestAge && Equals(point.Tags[TelemetryNames.Queue], queue))
            .Select(point => point.Value),
    ];

    private static IEnumerable<string> LostLines(AppProcess app) =>
        app.Output.Split('\n').Where(line => line.Contains(Lost, StringComparison.Ordinal));

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<WebApplication> RefuseAsync(Action refused)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var server = builder.Build();
        server.Urls.Add("http://127.0.0.1:0");
        server.Run(http =>
        {
            refused();
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return Task.CompletedTask;
        });
        await server.StartAsync();
        return server;
    }
}
