using CommentFunctions.Bot;
using CommentFunctions.Expiry;
using CommentFunctions.Queues;
using CommentFunctions.Telemetry;
using CommentFunctions.Tests.Support;
using CommentFunctions.Tests.Telemetry.Support;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Tests.Telemetry;

[Collection(SpanListening.Name)]
public class MetricsTests
{
    [Fact]
    public async Task A_reply_is_counted_as_delivered_and_again_as_a_repeat()
    {
        await using var app = await TestApp.StartAsync();
        using var measurements = new Measurements(app);
        var reply = await app.AnswerAsync("ann");

        await app.DeliverAsync(reply);
        await app.DeliverAsync(reply);

        Assert.Equal([(1, "channel=web, outcome=delivered"), (1, "channel=web, outcome=repeat")], measurements.Of(TelemetryNames.BotReplies));
    }

    [Fact]
    public async Task Replies_that_come_at_once_are_counted_as_one_delivery_and_repeats()
    {
        await using var app = await TestApp.StartAsync();
        using var measurements = new Measurements(app);
        var reply = await app.AnswerAsync("ann");

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => app.DeliverAsync(reply))));

        var outcomes = measurements.TagsOf(TelemetryNames.BotReplies).ToList();
        Assert.Equal((1, 7), (outcomes.Count(o => o.EndsWith("delivered", StringComparison.Ordinal)), outcomes.Count(o => o.EndsWith("repeat", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("""{"message":{"channel":"pigeon","conversation":"c","sender":"s","text":"ann","receivedAt":"2026-01-01T00:00:00Z"},"inReplyTo":"pigeon:1","userName":"ann","text":"x"}""")]
    public async Task A_reply_that_is_given_up_is_counted_without_a_channel_that_somebody_made_up(string body)
    {
        await using var app = await TestApp.StartAsync();
        using var measurements = new Measurements(app);

        Assert.NotNull(await app.DeliverAsync(BotMessages.Received(body)));

        Assert.Equal(["outcome=dead-lettered"], measurements.TagsOf(TelemetryNames.BotReplies));
    }

    [Fact]
    public async Task A_send_is_measured_by_its_channel_and_how_it_ended()
    {
        await using var app = await TestApp.StartAsync();
        using var measurements = new Measurements(app);
        var channel = new FailingChannel();

        await app.AskAsync("ann");
        await Assert.ThrowsAsync<HttpRequestException>(() => DeliverAsync(app, channel, default));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DeliverAsync(app, channel, new(canceled: true)));

        Assert.Equal(
            ["channel=web, outcome=sent",
             "channel=failing, error.type=System.Net.Http.HttpRequestException, outcome=failed",
             "channel=failing, error.type=System.OperationCanceledException, outcome=cancelled"],
            measurements.TagsOf(TelemetryNames.ChannelSendDuration));
        Assert.All(measurements.Of(TelemetryNames.ChannelSendDuration), send => Assert.InRange(send.Value, 0, 60));
        Assert.Single(measurements.Of(TelemetryNames.BotReplies));
    }

    [Fact]
    public async Task A_run_is_measured_and_what_it_deleted_counted()
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "one");
        await app.PostAsync("ann", "two");
        using var measurements = new Measurements(app);

        await app.ExpireAsync(TimeSpan.Zero);

        Assert.Equal(2, measurements.Of(TelemetryNames.ExpiredDeleted).Sum(d => d.Value));
        Assert.Equal(["outcome=succeeded, triggered_by=operator"], measurements.TagsOf(TelemetryNames.ExpiryDuration));
    }

    [Fact]
    public async Task A_run_that_fails_is_measured_as_failed_and_what_it_had_deleted_is_counted()
    {
        await using var app = await TestApp.StartAsync(
            store: inner => new DisturbedStore(inner, afterStep: () => throw new InvalidOperationException("disturbed")));
        await app.PostAsync("ann", "one");
        using var measurements = new Measurements(app);

        await Assert.ThrowsAsync<InvalidOperationException>(() => app.ExpireAsync(TimeSpan.Zero));

        Assert.Equal(1, measurements.Of(TelemetryNames.ExpiredDeleted).Sum(d => d.Value));
        Assert.Equal(["outcome=failed, triggered_by=operator"], measurements.TagsOf(TelemetryNames.ExpiryDuration));
    }

    [Fact]
    public async Task A_dry_run_is_not_measured()
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "one");
        using var measurements = new Measurements(app);

        await app.ExpireAsync(TimeSpan.Zero, dryRun: true);

        Assert.Empty(measurements.Of(TelemetryNames.ExpiredDeleted));
        Assert.Empty(measurements.Of(TelemetryNames.ExpiryDuration));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_queue_that_does_not_answer_holds_no_collection_up(bool blocks)
    {
        using var over = new ManualResetEventSlim();
        await using var app = await TestApp.StartAsync(configure: builder =>
        {
            builder.Services.AddSingleton<IQueueStatus>(new StuckQueues(over, blocks));
        });
        using var measurements = new Measurements(app);

        try
        {
            await Task.Run(measurements.Ask).WaitAsync(TimeSpan.FromMinutes(1));
        }
        finally
        {
            over.Set();
        }

        Assert.Equal(
            [(7, $"{TelemetryNames.Queue}={QueueNames.Messages}"), (7, $"{TelemetryNames.Queue}={QueueNames.ExpiryRuns}")], measurements.Of(TelemetryNames.QueueOldestAge));
    }

    [Fact]
    public async Task A_queue_that_does_not_answer_is_asked_once_however_often_metrics_are_collected()
    {
        using var over = new ManualResetEventSlim();
        var queues = new StuckQueues(over, blocks: true);
        await using var app = await TestApp.StartAsync(configure: builder => builder.Services.AddSingleton<IQueueStatus>(queues));
        using var measurements = new Measurements(app);

        try
        {
            await Task.Run(measurements.Ask).WaitAsync(TimeSpan.FromMinutes(1));
            await Task.Run(measurements.Ask).WaitAsync(TimeSpan.FromMinutes(1));
        }
        finally
        {
            over.Set();
        }

        Assert.Equal(1, queues.Asked);
    }

    [Fact]
    public async Task What_nobody_measures_costs_nothing()
    {
        await using var app = await TestApp.StartAsync();
        var channel = new StoredChannel();
        await app.WithAsync<ChannelSends>(sends =>
        {
            var reply = ReplyFor(app, channel);
            Assert.Same(channel.Send, sends.SendAsync(channel, reply, default));
            return Task.CompletedTask;
        });
        await app.WithAsync<BotReplyMetrics>(metrics => AllocatesNothing(() => metrics.Count(TelemetryNames.Delivered, channel.Name)));
        await app.WithAsync<ExpiryMetrics>(metrics => AllocatesNothing(() => metrics.Deleted(1)));
    }

    private static Task AllocatesNothing(Action action)
    {
        action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            action();
        }

        // Less than one object a call: the runtime may do something of its own in between.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 * 16);
        return Task.CompletedTask;
    }

    private static BotReply ReplyFor(TestApp app, IBotChannel channel) =>
        new(new(channel.Name, "c", "s", "ann", app.Clock.Now), $"{channel.Name}:1", "ann", "No comments found for user ann");

    private static Task DeliverAsync(TestApp app, IBotChannel channel, CancellationToken cancellationToken) =>
        app.WithAsync<ChannelSends>(sends => sends.SendAsync(channel, ReplyFor(app, channel), cancellationToken));

    /// <summary>The queue of replies does not say how old it is, and hears nobody who stops waiting for it.</summary>
    private sealed class StuckQueues(ManualResetEventSlim over, bool blocks) : IQueueStatus
    {
        private int asked;

        public int Asked => asked;

        public Task<QueueDepth?> CountAsync(string queue, CancellationToken cancellationToken) => Task.FromResult<QueueDepth?>(null);

        public Task<TimeSpan?> FindOldestAgeAsync(string queue, CancellationToken cancellationToken)
        {
            if (queue != QueueNames.Replies)
            {
                return Task.FromResult<TimeSpan?>(TimeSpan.FromSeconds(7));
            }

            Interlocked.Increment(ref asked);
            if (!blocks)
            {
                return new TaskCompletionSource<TimeSpan?>().Task;
            }

            over.Wait(CancellationToken.None);
            return Task.FromResult<TimeSpan?>(TimeSpan.Zero);
        }
    }

    private sealed class StoredChannel : IBotChannel
    {
        public string Name => "stored";

        public Task Send { get; } = Task.Run(() => { });

        public Task SendAsync(BotReply reply, CancellationToken cancellationToken) => Send;
    }

    private sealed class FailingChannel : IBotChannel
    {
        public string Name => "failing";

        public Task SendAsync(BotReply reply, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new HttpRequestException();
        }
    }
}
