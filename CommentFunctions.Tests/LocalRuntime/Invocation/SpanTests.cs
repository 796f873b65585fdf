using System.Collections.Concurrent;
using System.Diagnostics;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Tests.LocalRuntime.Support;
using CommentFunctions.Tests.Telemetry.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Tests.LocalRuntime.Invocation;

[Collection(SpanListening.Name)]
public sealed class SpanTests
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public async Task A_trace_goes_on_from_the_request_through_the_queues_while_somebody_listens()
    {
        using var spans = new Spans();
        await using var app = await LocalApp.StartAsync([typeof(Traced)]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/Begin");
        request.Headers.Add("traceparent", Trace);

        (await app.Http.SendAsync(request)).EnsureSuccessStatusCode();
        await app.Probe.UntilCountAsync(3);

        var parents = app.Probe.Notes.Cast<(string Function, string TraceParent)>().ToList();
        Assert.Equal(["Begin", "GoOn", "End"], parents.Select(note => note.Function));
        Assert.All(parents, note => Assert.Equal(Trace[3..35], ActivityContext.Parse(note.TraceParent, null).TraceId.ToHexString()));
    }

    [Fact]
    public async Task While_nobody_listens_there_is_no_span_and_the_context_tells_the_trace_of_the_message()
    {
        await using var app = await LocalApp.StartAsync([typeof(Untraced)]);
        var message = new ServiceBusMessage("body");
        message.ApplicationProperties["Diagnostic-Id"] = Trace;

        await app.Sender("untraced").SendMessageAsync(message);

        await app.Probe.UntilCountAsync(1);
        Assert.Equal((null, Trace), app.Probe.Notes.Cast<(Activity?, string)>().Single());
    }

    [Theory]
    [InlineData("not a trace parent")]
    [InlineData("")]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-00")]
    public async Task A_trace_parent_that_is_none_does_no_harm(string parent)
    {
        await using var app = await LocalApp.StartAsync([typeof(Traced)]);
        var message = new ServiceBusMessage("body");
        message.ApplicationProperties["Diagnostic-Id"] = parent;

        await app.Sender("end").SendMessageAsync(message);

        await app.Probe.UntilCountAsync(1);
    }

    [Fact]
    public async Task A_failed_function_s_span_tells_the_type_of_its_exception_and_not_the_message()
    {
        using var spans = new Spans();
        await using var app = await LocalApp.StartAsync([typeof(Failing)]);

        await app.Sender("failing").SendMessageAsync(new ServiceBusMessage("body"));

        await Wait.UntilAsync("a span ends", () => spans.Named("function FailingMessage").Count > 0);
        var span = spans.Named("function FailingMessage")[0];
        Assert.Equal((ActivityStatusCode.Error, null), (span.Status, span.StatusDescription));
        Assert.Equal("System.InvalidOperationException", span.GetTagItem("error.type"));
        Assert.Equal(ActivityKind.Consumer, span.Kind);
        Assert.DoesNotContain(span.TagObjects, tag => $"{tag.Value}".Contains("secret", StringComparison.Ordinal));
        Assert.Empty(span.Events);
    }

    [Fact]
    public async Task A_request_that_fails_is_told_by_its_route_and_status_and_not_by_its_address()
    {
        using var spans = new Spans();
        await using var app = await LocalApp.StartAsync([typeof(Failing)]);

        await app.Http.GetAsync("api/failing/a-secret?code=another-secret");

        await Wait.UntilAsync("a span ends", () => spans.Named("GET /api/failing/{what}").Count > 0);
        var span = Assert.Single(spans.Named("GET /api/failing/{what}"));
        Assert.Equal((ActivityStatusCode.Error, null), (span.Status, span.StatusDescription));
        Assert.Equal(
            ["error.type=500", "http.request.method=GET", "http.response.status_code=500", "http.route=/api/failing/{what}"],
            span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal));
    }

    private sealed class Untraced(Probe probe)
    {
        [Function("Untraced")]
        public void Run([ServiceBusTrigger("untraced")] string body, FunctionContext context) =>
            probe.Note((Activity.Current, context.TraceContext.TraceParent));
    }

    private sealed class Traced(Probe probe, ServiceBusClient client)
    {
        [Function("Begin")]
        public async Task BeginAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post")] HttpRequest request, FunctionContext context)
        {
            probe.Note(("Begin", context.TraceContext.TraceParent));
            await client.CreateSender("go-on").SendMessageAsync(new ServiceBusMessage("body"));
        }

        [Function("GoOn")]
        public async Task GoOnAsync([ServiceBusTrigger("go-on")] string body, FunctionContext context)
        {
            probe.Note(("GoOn", context.TraceContext.TraceParent));
            await client.CreateSender("end").SendMessageAsync(new ServiceBusMessage(body));
        }

        [Function("End")]
        public void End([ServiceBusTrigger("end")] string body, FunctionContext context) => probe.Note(("End", context.TraceContext.TraceParent));
    }

    private static class Failing
    {
        [Function("FailingRequest")]
        public static void Request(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "failing/{what}")] HttpRequest request, string what) =>
            throw new InvalidOperationException($"a secret {what}");

        [Function("FailingMessage")]
        public static void Message([ServiceBusTrigger("failing")] string body) => throw new InvalidOperationException($"a secret {body}");
    }

    /// <summary>Records the spans of the runtime while it exists.</summary>
    private sealed class Spans : IDisposable
    {
        private readonly ConcurrentQueue<Activity> ended = new();
        private readonly ActivityListener listener;

        public Spans()
        {
            listener = new()
            {
                ShouldListenTo = source => source.Name is "Microsoft.AspNetCore" or "Microsoft.Azure.Functions.Worker",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = ended.Enqueue,
            };
            ActivitySource.AddActivityListener(listener);
        }

        public List<Activity> Named(string name) => [.. ended.Where(span => span.DisplayName == name)];

        public void Dispose() => listener.Dispose();
    }
}
