using CommentFunctions.Telemetry;
using CommentFunctions.Tests.EndToEnd.Support;
using CommentFunctions.Tests.Telemetry.Support;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>What a collector gets of an app that was used once, over HTTP unless said otherwise.</summary>
public sealed class ExportTests(ExportedRun run) : IClassFixture<ExportedRun>
{
    private const int Internal = 1;
    private const int Server = 2;
    private const int Client = 3;
    private const int Consumer = 5;

    [Fact]
    public void A_message_is_one_trace_from_the_webhook_to_the_channel() => AssertOneTrace(run.Collector);

    [Fact]
    public async Task Over_grpc_all_of_it_arrives_too()
    {
        var over = new ExportedRun { Protocol = "grpc" };
        try
        {
            await over.InitializeAsync();

            AssertOneTrace(over.Collector);
            Assert.Equal(
                TelemetryNames.Metrics.Order(StringComparer.Ordinal),
                over.Collector.Points.Select(p => p.Name).Distinct().Order(StringComparer.Ordinal));
            Assert.Contains(over.Collector.Logs, entry => entry.Category == "Function.DeliverBotReply");
        }
        finally
        {
            await over.DisposeAsync();
        }
    }

    [Fact]
    public void Spans_tell_of_their_request_and_their_message_by_the_conventions()
    {
        var trace = Chain(run.Collector.Spans).ToDictionary(span => span.Name, span => span.Tags);
        var webhook = trace["POST /api/bot/messages"];
        Assert.Equal(
            ("POST", "/api/bot/messages", 202L),
            (webhook["http.request.method"], webhook["http.route"], webhook["http.response.status_code"]));
        Assert.Equal("http", trace["function PostBotMessage"]["faas.trigger"]);
        var answer = trace["function AnswerBotMessage"];
        Assert.Equal(("AnswerBotMessage", "pubsub"), (answer["faas.name"], answer["faas.trigger"]));
        Assert.True(Guid.TryParse($"{answer["faas.invocation_id"]}", out _));
        Assert.Equal(
            ("servicebus", "process", "bot-messages", 1L),
            (answer["messaging.system"], answer["messaging.operation.type"], answer["messaging.destination.name"],
             answer["messaging.servicebus.message.delivery_count"]));
        Assert.StartsWith("web:", $"{answer["messaging.message.id"]}", StringComparison.Ordinal);
        Assert.Equal("bot-replies", trace["function DeliverBotReply"]["messaging.destination.name"]);
        Assert.Equal(("web", "sent"), (trace["send web"]["channel"], trace["send web"]["outcome"]));
    }

    [Fact]
    public void Each_metric_is_exported_with_its_unit_its_value_and_its_tags()
    {
        var points = run.Collector.Points;
        Assert.All(points, point => Assert.Equal(TelemetryNames.App, point.Meter));
        Assert.Equal(TelemetryNames.Metrics.Order(StringComparer.Ordinal), points.Select(p => p.Name).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(
            ["bot.replies sum {reply} channel=web outcome=delivered 1",
             "channel.send.duration histogram s channel=web outcome=sent 1",
             "comments.expired.deleted sum {comment} 1",
             "expiry.run.duration histogram s outcome=succeeded triggered_by=operator 1",
             "queue.oldest.age gauge s messaging.destination.name=bot-messages 0",
             "queue.oldest.age gauge s messaging.destination.name=bot-replies 0",
             "queue.oldest.age gauge s messaging.destination.name=expiry-runs 0",
             "requests.refused sum {request} limit=conversation 1"],
            points.Select(Describe).Order(StringComparer.Ordinal));
        Assert.All(points.Where(p => p.Type == "histogram"), p =>
        {
            Assert.InRange(p.Value, 0, 60);
            // In seconds: the bounds that are usual elsewhere are for milliseconds.
            Assert.True(p.Bounds[0] < 0.1 && p.Bounds[^1] >= 60);
        });
    }

    [Fact]
    public void The_log_is_exported_within_the_traces_that_it_belongs_to()
    {
        var log = Assert.Single(run.Collector.Logs, entry => entry.Category == "CommentFunctions.Expiry.ExpiryJob");
        Assert.Contains("Succeeded, 1 comments", log.Body, StringComparison.Ordinal);
        Assert.Contains(run.Collector.Spans, span => span.TraceId == log.TraceId && span.Name == "function DeleteExpiredCommentsOnDemand");
        Assert.Contains(run.Collector.Logs, entry => entry.Category == "Function.DeliverBotReply" && entry.TraceId == ExportedRun.TraceId);
    }

    [Fact]
    public void Nothing_exported_quotes_what_people_wrote_or_who_they_are_or_a_key()
    {
        string[] secrets = [ExportedRun.Comment, ExportedRun.User, ExportedRun.Conversation, ExportedRun.Key, ExportedRun.BadBody];

        Assert.Equal(["logs", "trace"], run.Collector.SignalsWith("DeliverBotReply").Order());
        Assert.All(secrets, secret => Assert.Empty(run.Collector.SignalsWith(secret)));
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, run.Output, StringComparison.Ordinal));
    }

    private static void AssertOneTrace(Collector collector)
    {
        var trace = collector.Spans.Where(span => span.TraceId == ExportedRun.TraceId).ToList();
        Assert.Equal(
            [("POST /api/bot/messages", Server), ("function PostBotMessage", Internal), ("function AnswerBotMessage", Consumer),
             ("function DeliverBotReply", Consumer), ("send web", Client)],
            Chain(trace).Select(span => (span.Name, span.Kind)));
        Assert.Equal(5, trace.Count);
        Assert.All(trace, span => Assert.Equal((0, ""), (span.Status, span.StatusMessage)));
        Assert.All(trace, span => Assert.Equal("CommentFunctions", span.Resource["service.name"]));
        Assert.Equal(
            [TelemetryNames.Worker, TelemetryNames.Worker, TelemetryNames.Worker],
            trace.Where(span => span.Name.StartsWith("function ", StringComparison.Ordinal)).Select(span => span.Source));
        Assert.Equal([ExportedRun.Key], collector.Keys);
    }

    // From the span whose parent is the caller's down, each the only child of the one before.
    private static List<Span> Chain(IReadOnlyList<Span> spans)
    {
        List<Span> chain = [];
        for (var parent = ExportedRun.CallerId; spans.SingleOrDefault(span => span.Parent == parent) is { } child; parent = child.Id)
        {
            chain.Add(child);
        }

        return chain;
    }

    private static string Describe(Point point)
    {
        var tags = point.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}");
        var value = point.Type == "histogram" ? point.Count : point.Value;
        return string.Join(' ', [point.Name, point.Type, point.Unit, .. tags, $"{value}"]);
    }
}
