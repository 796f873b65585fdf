using Azure.Messaging.ServiceBus;
using CommentFunctions.Tests.LocalRuntime.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.LocalRuntime.Queues;

/// <summary>Who settles a message: the function through ServiceBusMessageActions, or else the host.</summary>
public sealed class SettlementTests
{
    [Theory]
    [InlineData("complete", 0, 0)]
    [InlineData("dead-letter", 0, 1)]
    [InlineData("dead-letter and fail", 0, 1)]
    [InlineData("defer", 0, 0)]
    public async Task What_a_function_settled_the_host_does_not_settle_again(string body, int active, int deadLettered)
    {
        await using var app = await LocalApp.StartAsync([typeof(Settling)]);

        await app.SendAsync("settling", body);
        await app.Probe.UntilCountAsync(1);
        await app.StopAsync();

        Assert.Equal(new(active, 0, deadLettered), await app.Queues.CountAsync("settling"));
        Assert.Equal(1, app.Probe.Count);
        Assert.Equal(deadLettered == 1 ? ["Malformed"] : [], await app.DeadLetterReasonsAsync());
    }

    [Theory]
    [InlineData("complete", "succeeded")]
    [InlineData("dead-letter", "dead-lettered its message")]
    public async Task The_log_tells_what_became_of_a_message(string body, string outcome)
    {
        var log = new LogLines(null);
        await using var app = await LocalApp.StartAsync([typeof(Settling)], configure: builder => builder.Logging.AddProvider(log));

        await app.SendAsync("settling", body);
        await app.Probe.UntilCountAsync(1);
        await app.StopAsync();

        Assert.StartsWith($"Settling {outcome} (message, delivery 1, id", Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_function_abandons_comes_back_with_the_properties_it_changed()
    {
        await using var app = await LocalApp.StartAsync([typeof(Abandoning)]);

        await app.SendAsync("abandoning", "one");
        await app.Probe.UntilCountAsync(2);

        Assert.Equal([(1, (object?)null), (2, "by delivery 1")], app.Probe.Notes.Cast<(int, object?)>());
        await app.EmptyAsync("abandoning");
    }

    [Fact]
    public async Task Settling_twice_fails_with_a_lost_lock()
    {
        await using var app = await LocalApp.StartAsync([typeof(SettlingTwice)]);

        await app.SendAsync("settling-twice", "one");
        await app.Probe.UntilCountAsync(1);

        Assert.Contains("lock of message", (string)app.Probe.Notes[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_autoCompleteMessages_off_the_host_completes_nothing()
    {
        var clock = new SteppedTimeProvider(QueueFile.Start);
        await using var app = await LocalApp.StartAsync(
            [typeof(Noting)], clock: clock, hostJson: """{ "extensions": { "serviceBus": { "autoCompleteMessages": false } } }""");

        await app.SendAsync("noting", "one");
        await app.Probe.UntilCountAsync(1);
        await app.StopAsync();

        Assert.Equal(new(1, 0, 0), await app.Queues.CountAsync("noting"));
    }

    private sealed class Noting(Probe probe)
    {
        [Function("Noting")]
        public void Run([ServiceBusTrigger("noting")] string body) => probe.Note(body);
    }

    private sealed class Settling(Probe probe)
    {
        [Function("Settling")]
        public async Task RunAsync([ServiceBusTrigger("settling")] ServiceBusReceivedMessage message, ServiceBusMessageActions actions)
        {
            var body = message.Body.ToString();
            await (body switch
            {
                "complete" => actions.CompleteMessageAsync(message),
                "defer" => actions.DeferMessageAsync(message),
                _ => actions.DeadLetterMessageAsync(message, deadLetterReason: "Malformed", deadLetterErrorDescription: "It has no text."),
            });
            probe.Note(body);
            if (body.EndsWith("fail", StringComparison.Ordinal))
            {
                throw new InvalidOperationException("after it was settled");
            }
        }
    }

    private sealed class SettlingTwice(Probe probe)
    {
        [Function("SettlingTwice")]
        public async Task RunAsync([ServiceBusTrigger("settling-twice")] ServiceBusReceivedMessage message, ServiceBusMessageActions actions)
        {
            await actions.RenewMessageLockAsync(message);
            await actions.CompleteMessageAsync(message);
            probe.Note((await Assert.ThrowsAsync<ServiceBusException>(() => actions.CompleteMessageAsync(message))).Message);
        }
    }

    private sealed class Abandoning(Probe probe)
    {
        [Function("Abandoning")]
        public async Task RunAsync([ServiceBusTrigger("abandoning")] ServiceBusReceivedMessage message, ServiceBusMessageActions actions)
        {
            probe.Note((message.DeliveryCount, message.ApplicationProperties.GetValueOrDefault("note")));
            if (message.DeliveryCount == 1)
            {
                await actions.AbandonMessageAsync(message, new Dictionary<string, object> { ["note"] = "by delivery 1" });
            }
        }
    }
}
