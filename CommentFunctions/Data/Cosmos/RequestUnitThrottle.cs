namespace CommentFunctions.Data.Cosmos;

/// <summary>
/// Spreads the requests of a deletion over time, so that what they cost leaves others half of the container's throughput, and more where the
/// service still answers that it is too much. Costs are in request units, as the service reports them with each answer.
/// </summary>
/// <param name="throughput">What the container has in a second.</param>
/// <param name="clock">Measures the time.</param>
internal sealed class RequestUnitThrottle(double throughput, TimeProvider clock)
{
    private const double FirstItemCost = 10;
    private const double SlowestShare = 0.02;
    private const double Recovery = 1.1;

    private static readonly TimeSpan RecoveryInterval = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly long start = clock.GetTimestamp();
    private double rate = throughput / 2;
    private double itemCost = FirstItemCost;
    private TimeSpan free;
    private TimeSpan lastChange;

    /// <summary>How many items a batch may have: what a second's share pays for.</summary>
    public int ItemsAtOnce
    {
        get
        {
            lock (gate)
            {
                return (int)Math.Clamp(rate / itemCost, 1, CosmosDeletion.MaxBatch);
            }
        }
    }

    private TimeSpan Now => clock.GetElapsedTime(start);

    /// <summary>Waits until a request for so many items may be sent, and returns its estimated cost.</summary>
    public async Task<double> TakeAsync(int items, CancellationToken cancellationToken)
    {
        TimeSpan wait;
        double cost;
        lock (gate)
        {
            var now = Now;
            if (now - lastChange > RecoveryInterval)
            {
                (rate, lastChange) = (Math.Min(rate * Recovery, throughput / 2), now);
            }

            cost = items * itemCost;
            wait = free > now ? free - now : TimeSpan.Zero;
            free = now + wait + TimeSpan.FromSeconds(cost / rate);
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, clock, cancellationToken);
        }

        return cost;
    }

    /// <summary>Replaces a request's estimated cost by what was charged.</summary>
    public void Charge(double estimated, double charged, int items)
    {
        lock (gate)
        {
            free += TimeSpan.FromSeconds((charged - estimated) / rate);
            if (items > 0 && charged > 0)
            {
                itemCost += (charged / items - itemCost) / 4;
            }
        }
    }

    /// <summary>The service answered that it was too much: others have the container too.</summary>
    public void SlowDown()
    {
        lock (gate)
        {
            (rate, lastChange) = (Math.Max(rate / 2, throughput * SlowestShare), Now);
        }
    }
}
