using CommentFunctions.Data.Cosmos;
using CommentFunctions.Tests.Channels.Support;

namespace CommentFunctions.Tests.Data.Cosmos;

public class RequestUnitThrottleTests
{
    private readonly SkippingClock clock = new(TimeSpan.Zero);

    [Fact]
    public async Task It_takes_half_of_what_there_is_in_a_second_whatever_an_item_costs()
    {
        foreach (var cost in new[] { 1.5, 6, 40 })
        {
            var pace = new RequestUnitThrottle(1_000, clock);
            var start = clock.GetTimestamp();
            var spent = 0.0;
            for (var i = 0; i < 200; i++)
            {
                spent += await BatchAsync(pace, cost);
            }

            Assert.InRange(spent / clock.GetElapsedTime(start).TotalSeconds, 450, 515);
        }
    }

    [Fact]
    public async Task No_batch_costs_more_than_a_seconds_share()
    {
        var pace = new RequestUnitThrottle(400, clock);
        for (var i = 0; i < 50; i++)
        {
            await BatchAsync(pace, cost: 20);
        }

        Assert.InRange(pace.ItemsAtOnce, 8, 10);
    }

    [Fact]
    public async Task It_slows_down_for_others_and_comes_back()
    {
        var pace = new RequestUnitThrottle(1_000, clock);
        pace.SlowDown();
        pace.SlowDown();
        Assert.InRange(await RateAsync(pace, batches: 2), 100, 135);

        Assert.InRange(await RateAsync(pace, batches: 200), 350, 515);
        Assert.InRange(await RateAsync(pace, batches: 50), 490, 515);
    }

    private async Task<double> RateAsync(RequestUnitThrottle pace, int batches)
    {
        var start = clock.GetTimestamp();
        var spent = 0.0;
        for (var i = 0; i < batches; i++)
        {
            spent += await BatchAsync(pace, cost: 6);
        }

        // The last one is paid for by the next one's wait.
        await pace.TakeAsync(0, default);
        return spent / clock.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> BatchAsync(RequestUnitThrottle pace, double cost)
    {
        var items = pace.ItemsAtOnce;
        var reckoned = await pace.TakeAsync(items, default);
        pace.Charge(reckoned, items * cost, items);
        return items * cost;
    }
}
