using CommentFunctions.Hosts;
using CommentFunctions.Queues;
using CommentFunctions.Tests.LocalRuntime.Queues;
using CommentFunctions.Tests.LocalRuntime.Support;
using Functions.LocalRuntime.Queues;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Tests.Hosts;

public class LocalQueueStatusTests : QueueFileTests
{
    [Fact]
    public async Task The_age_is_that_of_the_message_that_has_waited_longest()
    {
        await Queue.SendAsync("first");
        Queue.Clock.Advance(TimeSpan.FromSeconds(50));
        await Queue.SendAsync("second");
        Queue.Clock.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(TimeSpan.FromSeconds(70), await OldestAsync());
    }

    [Fact]
    public async Task The_age_is_zero_where_nothing_waits() => Assert.Equal(TimeSpan.Zero, await OldestAsync());

    [Fact]
    public async Task A_clock_that_was_set_back_makes_no_age_below_zero()
    {
        await Queue.SendAsync("first");
        Queue.Clock.Set(QueueFile.Start - TimeSpan.FromHours(1));

        Assert.Equal(TimeSpan.Zero, await OldestAsync());
    }

    [Fact]
    public async Task The_depth_is_that_of_the_local_queue()
    {
        Queue.Clock.Set(QueueFile.Start + TimeSpan.FromSeconds(9));
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<TimeProvider>(Queue.Clock);
        builder.Services.AddSingleton<ILocalQueues, Queues>();
        builder.AddLocalHost();
        await using var services = builder.Services.BuildServiceProvider();

        var depth = await services.GetRequiredService<IQueueStatus>().CountAsync("bot-replies", default);

        Assert.Equal(new("bot-replies".Length, 2, 3, TimeSpan.FromSeconds(9)), depth);
    }

    private Task<TimeSpan?> OldestAsync() => new LocalQueueStatus(Queue.Store, Queue.Clock).FindOldestAgeAsync(QueueFile.Queue, default);

    private sealed class Queues : ILocalQueues
    {
        public Task<QueueCounts> CountAsync(string queue, CancellationToken cancellationToken = default) =>
            Task.FromResult(new QueueCounts(queue.Length, 2, 3));

        public Task CheckWritableAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task<DateTimeOffset?> OldestAsync(string queue, CancellationToken cancellationToken = default) =>
            Task.FromResult<DateTimeOffset?>(QueueFile.Start);
    }
}
