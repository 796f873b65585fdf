using System.Text.Json;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Tests.LocalRuntime.Support;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Tests.LocalRuntime.Invocation;

/// <summary>What a queue function may take. (HTTP: HttpFunctionTests; timers: TimerTests.)</summary>
public sealed class BindingTests
{
    [Fact]
    public async Task A_message_binds_as_text_bytes_message_and_object()
    {
        const string Body = """{ "NAME": "alice", "count": 3, "inner": { "when": "2026-03-10T12:00:00Z" } }""";
        await using var app = await LocalApp.StartAsync([typeof(Shapes)]);
        foreach (var queue in new[] { "text", "data", "bytes", "message", "object", "json" })
        {
            await app.SendAsync(queue, Body);
        }

        await app.Probe.UntilCountAsync(6);

        var notes = app.Probe.Notes.Cast<(string Name, object Value)>().ToDictionary(note => note.Name, note => note.Value);
        Assert.Equal(Body, notes["text"]);
        Assert.Equal(Body, notes["data"]);
        Assert.Equal(Body, notes["bytes"]);
        Assert.Equal(Body, notes["message"]);
        Assert.Equal(new Order("alice", 3, new(new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero))), notes["object"]);
        Assert.Equal("alice", notes["json"]);
    }

    [Fact]
    public async Task A_messages_metadata_binds_by_name()
    {
        await using var app = await LocalApp.StartAsync([typeof(Metadata)]);
        await app.Sender("metadata").SendMessageAsync(new("body")
        {
            MessageId = "telegram:1",
            CorrelationId = "conversation 7",
            Subject = "greeting",
            ContentType = "text/plain",
        });

        await app.Probe.UntilCountAsync(1);

        Assert.Equal(("telegram:1", 1, 1L, "conversation 7", "greeting", "text/plain", (string?)null, 7), app.Probe.Notes[0]);
    }

    [Fact]
    public async Task An_object_that_the_body_is_not_fails_the_function_and_the_others_go_on()
    {
        await using var app = await LocalApp.StartAsync([typeof(Shapes)]);

        await app.SendAsync("object", "not json", """{"name":"bob","count":1}""");

        await Wait.UntilAsync("the bad one is dead-lettered", async () => await app.Queues.CountAsync("object") is { Active: 0, DeadLettered: 1 });
        Assert.Equal([("object", (object)new Order("bob", 1, null))], app.Probe.Notes.Cast<(string, object)>());
    }

    private sealed record Order(string Name, int Count, Inner? Inner);

    private sealed record Inner(DateTimeOffset When);

    private sealed class Shapes(Probe probe)
    {
        [Function("Text")]
        public void Text([ServiceBusTrigger("text")] string body) => probe.Note(("text", (object)body));

        [Function("Data")]
        public void Data([ServiceBusTrigger("data")] BinaryData body) => probe.Note(("data", (object)body.ToString()));

        [Function("Bytes")]
        public void Bytes([ServiceBusTrigger("bytes")] byte[] body) => probe.Note(("bytes", (object)System.Text.Encoding.UTF8.GetString(body)));

        [Function("Message")]
        public void Message([ServiceBusTrigger("message")] ServiceBusReceivedMessage message) => probe.Note(("message", (object)message.Body.ToString()));

        [Function("Object")]
        public void Object([ServiceBusTrigger("object")] Order order) => probe.Note(("object", (object)order));

        [Function("Json")]
        public void Json([ServiceBusTrigger("json")] JsonElement json) => probe.Note(("json", (object)json.GetProperty("NAME").GetString()!));
    }

    private sealed class Metadata(Probe probe)
    {
        [Function("Metadata")]
        public void Run(
            [ServiceBusTrigger("metadata")] string body,
            string messageId,
            int deliveryCount,
            long sequenceNumber,
            string correlationId,
            string subject,
            string contentType,
            string? neverSent,
            int withDefault = 7) =>
            probe.Note((messageId, deliveryCount, sequenceNumber, correlationId, subject, contentType, neverSent, withDefault));
    }
}
