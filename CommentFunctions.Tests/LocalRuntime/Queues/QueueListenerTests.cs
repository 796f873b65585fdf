using Azure.Messaging.ServiceBus;
using CommentFunctions.Tests.LocalRuntime.Support;
using Functions.LocalRuntime.Queues;
using Functions.LocalRuntime.Storage;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Tests.LocalRuntime.Queues;

public sealed class QueueListenerTests
{
    [Fact]
    public async Task No_more_messages_are_worked_on_at_once_than_maxConcurrentCalls()
    {
        await using var app = await LocalApp.StartAsync([typeof(Waiting)], hostJson: """{ "extensions": { "serviceBus": { "maxConcurrentCalls": 3 } } }""");
        await app.SendAsync("waiting", Enumerable.Range(0, 12).Select(i => $"{i}"));
        await app.Probe.UntilInsideAsync(3);

        app.Probe.Open();
        await app.Probe.UntilCountAsync(12);

        Assert.Equal(3, app.Probe.MostInside);
        await app.EmptyAsync("waiting");
    }

    [Fact]
    public async Task One_slow_message_does_not_hold_up_the_others()
    {
        await using var app = await LocalApp.StartAsync([typeof(SlowOne)]);

        await app.SendAsync("slow-one", "slow", "1", "2", "3");

        await app.Probe.UntilCountAsync(3);
        Assert.Equal(["1", "2", "3"], app.Probe.Notes.Order());
    }

    [Fact]
    public async Task A_function_that_fails_gets_its_message_ten_times_and_then_the_dead_letter_queue_does()
    {
        await using var app = await LocalApp.StartAsync([typeof(Failing)]);

        await app.SendAsync("failing", "poison");
        await Wait.UntilAsync("the message is dead-lettered", async () => (await app.Queues.CountAsync("failing")).DeadLettered == 1);

        Assert.Equal(Enumerable.Range(1, 10).Cast<object>(), app.Probe.Notes);
        Assert.Equal(["MaxDeliveryCountExceeded"], await app.DeadLetterReasonsAsync());
    }

    [Fact]
    public async Task A_failing_message_does_not_stop_the_others()
    {
        await using var app = await LocalApp.StartAsync([typeof(FailingOnBad)]);

        await app.SendAsync("failing-on-bad", ["bad", .. Enumerable.Range(0, 50).Select(i => $"{i}"), "bad"]);
        await app.Probe.UntilCountAsync(50);

        await Wait.UntilAsync("both are dead-lettered", async () => (await app.Queues.CountAsync("failing-on-bad")) is { Active: 0, DeadLettered: 2 });
    }

    [Theory]
    [InlineData("00:05:00")]
    [InlineData("-1")]
    public async Task A_function_that_outlives_its_lock_keeps_the_message_by_renewal(string maxAutoLockRenewalDuration)
    {
        var clock = new SteppedTimeProvider(QueueFile.Start);
        await using var app = await LocalApp.StartAsync(
            [typeof(Waiting)],
            clock: clock,
            hostJson: $$"""{ "extensions": { "serviceBus": { "maxAutoLockRenewalDuration": "{{maxAutoLockRenewalDuration}}" } } }""");
        await app.SendAsync("waiting", "one");
        await app.Probe.UntilInsideAsync(1);

        // Four times the lock duration, in steps of the renewal's.
        for (var i = 0; i < 48; i++)
        {
            await Wait.UntilAsync("the listener waits for the next renewal", () => clock.Armed == 1);
            clock.Advance(TimeSpan.FromSeconds(5));
        }

        await Wait.UntilAsync("the lock reaches into the future", async () => await LockedUntilAsync(app) > clock.GetUtcNow().AddSeconds(30));
        app.Probe.Open();
        await app.EmptyAsync("waiting");
        Assert.Equal(["one, delivery 1"], app.Probe.Notes);
    }

    [Fact]
    public async Task Renewal_ends_after_maxAutoLockRenewalDuration_and_the_message_is_delivered_again()
    {
        var clock = new SteppedTimeProvider(QueueFile.Start);
        await using var app = await LocalApp.StartAsync(
            [typeof(Waiting)], clock: clock, hostJson: """{ "extensions": { "serviceBus": { "maxAutoLockRenewalDuration": "00:02:00" } } }""");
        await app.SendAsync("waiting", "one");
        await app.Probe.UntilInsideAsync(1);

        for (var i = 0; i < 48; i++)
        {
            await Wait.UntilAsync("the listener waits for the next renewal", () => clock.Armed == 1);
            clock.Advance(TimeSpan.FromSeconds(5));
        }

        await app.Probe.UntilInsideAsync(2);
        app.Probe.Open();
        await app.Probe.UntilCountAsync(2);
        Assert.Equal(["one, delivery 1", "one, delivery 2"], app.Probe.Notes.Order());
        await app.EmptyAsync("waiting");
    }

    [Fact]
    public async Task In_real_time_too_a_function_may_outlive_its_lock()
    {
        await using var app = await LocalApp.StartAsync([typeof(Outliving)], settings: new() { ["LocalRuntime:LockDuration"] = "00:00:04" });

        await app.SendAsync("outliving", "one");

        await app.EmptyAsync("outliving");
        Assert.Equal(["one, delivery 1"], app.Probe.Notes);
    }

    [Fact]
    public async Task A_scheduled_message_and_one_of_another_process_are_found_without_a_signal()
    {
        var clock = new SteppedTimeProvider(QueueFile.Start);
        using var folder = new TempFolder();
        await using var app = await LocalApp.StartAsync([typeof(Noting)], clock: clock, folder: folder);
        await app.Sender("noting").SendMessageAsync(new("later") { ScheduledEnqueueTime = QueueFile.Start.AddSeconds(10) });
        clock.Advance(TimeSpan.FromSeconds(10));

        await app.Probe.UntilCountAsync(1);
        await using (var file = new RuntimeFile(Path.Combine(folder.Path, ".local", "runtime.db")))
        {
            var beside = new QueueStore(file, new(), clock);
            await new LocalServiceBusClient(beside).CreateSender("noting").SendMessageAsync(new("from beside"));
        }

        await app.Probe.UntilCountAsync(2);
        Assert.Equal(["later", "from beside"], app.Probe.Notes);
    }

    [Fact]
    public async Task Messages_of_a_disabled_function_wait()
    {
        using var folder = new TempFolder();
        await using (var disabled = await LocalApp.StartAsync([typeof(Noting)], settings: new() { ["AzureWebJobs.Noting.Disabled"] = "true" }, folder: folder))
        {
            await disabled.SendAsync("noting", "one");
        }

        await using var enabled = await LocalApp.StartAsync([typeof(Noting)], folder: folder);
        await enabled.Probe.UntilCountAsync(1);
        Assert.Equal(["one"], enabled.Probe.Notes);
    }

    private static Task<DateTimeOffset> LockedUntilAsync(LocalApp app) => app.Services.GetRequiredService<RuntimeFile>().RunAsync(connection =>
        DateTimeOffset.FromUnixTimeMilliseconds(connection.Query("SELECT available_at FROM messages", row => row.GetInt64(0)).Single()));

    private sealed class Waiting(Probe probe)
    {
        [Function("Waiting")]
        public async Task RunAsync([ServiceBusTrigger("waiting")] ServiceBusReceivedMessage message)
        {
            await probe.PassAsync();
            probe.Note($"{message.Body}, delivery {message.DeliveryCount}");
        }
    }

    private sealed class Outliving(Probe probe)
    {
        [Function("Outliving")]
        public async Task RunAsync([ServiceBusTrigger("outliving")] ServiceBusReceivedMessage message)
        {
            probe.Note($"{message.Body}, delivery {message.DeliveryCount}");
            await Task.Delay(6000);
        }
    }

    private sealed class SlowOne(Probe probe)
    {
        [Function("SlowOne")]
        public void Run([ServiceBusTrigger("slow-one")] string body)
        {
            if (body == "slow")
            {
                // Blocks its thread, as careless code does.
                probe.PassAsync().GetAwaiter().GetResult();
                return;
            }

            probe.Note(body);
        }
    }

    private sealed class Failing(Probe probe)
    {
        [Function("Failing")]
        public void Run([ServiceBusTrigger("failing")] string body, int deliveryCount)
        {
            probe.Note(deliveryCount);
            throw new InvalidOperationException(body);
        }
    }

    private sealed class FailingOnBad(Probe probe)
    {
        [Function("FailingOnBad")]
        public async Task RunAsync([ServiceBusTrigger("failing-on-bad")] string body)
        {
            await Task.Yield();
            probe.Note(body == "bad" ? throw new InvalidOperationException(body) : body);
        }
    }

    private sealed class Noting(Probe probe)
    {
        [Function("Noting")]
        public void Run([ServiceBusTrigger("noting")] string body) => probe.Note(body);
    }
}
