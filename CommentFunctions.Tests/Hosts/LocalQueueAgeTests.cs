using CommentFunctions.Hosts;
using CommentFunctions.Tests.LocalRuntime.Queues;
using CommentFunctions.Tests.LocalRuntime.Support;

namespace CommentFunctions.Tests.Hosts;

public class LocalQueueAgeTests : QueueFileTests
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

    private Task<TimeSpan?> OldestAsync() => new LocalQueueAge(Queue.Store, Queue.Clock).OldestAsync(QueueFile.Queue, default);
}
