using System.Globalization;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Bot;
using CommentFunctions.Queues;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace CommentFunctions.Tests.Simulation;

/// <summary>The parts of the world that calls go to.</summary>
internal enum SimPart
{
    Store,
    Queues,
    Channel,
}

/// <summary>
/// What is around the workers: a store, queues and a channel, every call of which may fail, hang, be answered late, be answered never
/// although it was carried out, or be the last thing that its worker does; all by the seed.
/// </summary>
internal sealed class SimWorld : IDisposable
{
    private readonly int thread = Environment.CurrentManagedThreadId;
    private readonly List<(SimPart Part, DateTimeOffset From, DateTimeOffset To)> outages = [];
    private readonly List<string>? trace;

    public SimWorld(int seed, List<string>? trace = null)
    {
        this.trace = trace;
        Random = new(seed);
        Clock = new(Random);
        Queues = new(Clock);
        Connection = new(ConnectionString);
        Connection.Open();
    }

    /// <summary>Where the store is. Its pool ends with it.</summary>
    public string ConnectionString { get; } = $"Data Source=sim-{Guid.NewGuid():N};Mode=Memory;Cache=Shared";

    public Random Random { get; }

    public SimClock Clock { get; }

    public SimQueues Queues { get; }

    public SqliteConnection Connection { get; }

    public SimFacts Facts { get; } = new();

    /// <summary>Whether calls fail.</summary>
    public bool IsTroubled { get; set; }

    /// <summary>Whether the store is read for a health check, at once and on other threads.</summary>
    public bool IsAskedForHealth { get; set; }

    public void Trace(string line) => trace?.Add(string.Create(CultureInfo.InvariantCulture, $"{Clock.Now:HH:mm:ss.fff} {line}"));

    /// <summary>Takes a part away for a time.</summary>
    public void TakeAway(SimPart part, DateTimeOffset from, TimeSpan time)
    {
        outages.Add((part, from, from + time));
        Trace($"{part} will be away from {from:HH:mm:ss} for {time}");
    }

    /// <summary>Since when a part is away; null where none is.</summary>
    public TimeSpan? AwayFor(SimPart part) => outages.Where(o => IsTroubled && o.Part == part && o.From <= Clock.Now && Clock.Now < o.To).Select(o => (TimeSpan?)(Clock.Now - o.From)).Max();

    /// <summary>A worker's call of a part.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="part">The part.</param>
    /// <param name="what">What is asked, for the trace.</param>
    /// <param name="effect">What the part does, at once and as a whole.</param>
    /// <param name="lost">Told where it was done and its caller does not hear of it.</param>
    public async Task<T> CallAsync<T>(SimWorker worker, SimPart part, string what, Func<T> effect, Action? lost = null)
    {
        var call = await BeginAsync(worker, part, what);
        var result = effect();
        await EndAsync(call, lost);
        return result;
    }

    /// <summary>What happens before a call is carried out.</summary>
    public async Task<SimCall> BeginAsync(SimWorker worker, SimPart part, string what)
    {
        if (Environment.CurrentManagedThreadId != thread)
        {
            Facts.Wrong.Add($"The simulation left its thread before: {what}");
        }

        await GoneIfDeadAsync(worker);
        var call = new SimCall(worker, part, what, Draw());
        var (before, _, trouble) = call.Plan;
        if (before > TimeSpan.Zero)
        {
            await Task.Delay(before, Clock);
            await GoneIfDeadAsync(worker);
        }

        switch (AwayFor(part) is null ? trouble : SimTrouble.Fail)
        {
            case SimTrouble.DieBefore:
                Trace($"{worker} dies before: {what}");
                worker.Die();
                await Never();
                break;
            case SimTrouble.Hang:
                await Task.Delay(TimeSpan.FromSeconds(30), Clock);
                await GoneIfDeadAsync(worker);
                Trace($"{worker} waits in vain: {what}");
                throw Failure(part);
            case SimTrouble.Fail:
                Trace($"{worker} fails: {what}");
                throw Failure(part);
            case SimTrouble.Fault when part == SimPart.Store:
                Trace($"{worker} has a fault of its own: {what}");
                throw new InvalidDataException("A fault of the app.");
        }

        return call;
    }

    /// <summary>What happens after a call was carried out.</summary>
    public async Task EndAsync(SimCall call, Action? lost = null)
    {
        var (worker, part, what, (_, after, trouble)) = call;
        Trace($"{worker} did: {what}{(trouble is SimTrouble.LoseAnswer or SimTrouble.DieAfter ? $", and {trouble}" : "")}");
        if (trouble == SimTrouble.DieAfter)
        {
            lost?.Invoke();
            worker.Die();
            await Never();
        }

        if (after > TimeSpan.Zero)
        {
            await Task.Delay(after, Clock);
            if (worker.IsDead)
            {
                lost?.Invoke();
                await Never();
            }
        }

        if (trouble == SimTrouble.LoseAnswer)
        {
            lost?.Invoke();
            throw Failure(part);
        }
    }

    /// <summary>The number that a query gives.</summary>
    public long Scalar(string sql)
    {
        using var command = Connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>Whether a reply is recorded as delivered.</summary>
    public bool IsRecorded(string replyId) => Scalar($"SELECT count(*) FROM \"DeliveredReplies\" WHERE \"Id\" = '{replyId}'") > 0;

    /// <summary>A worker's process is gone: of what it had sent and not recorded nobody knows.</summary>
    public void Died(SimWorker worker)
    {
        foreach (var (replyId, _) in Facts.Answered.Where(a => a.Worker == worker).ToList())
        {
            if (!IsRecorded(replyId) && !CopiesOf(replyId).Any(copy => copy.IsMarkedSent))
            {
                Facts.Lost(replyId);
            }
        }

        Ended?.Invoke(worker);
    }

    /// <summary>
    /// A worker is done with a reply. Where it sent a reply and could not record it, the queue has to remember that; another delivery of the
    /// same reply that is on its way knows nothing of it all the same.
    /// </summary>
    public void Handled(SimWorker worker, string replyId)
    {
        if (!Facts.Answered.Remove((replyId, worker)) || IsRecorded(replyId))
        {
            return;
        }

        var copies = CopiesOf(replyId).ToLookup(copy => copy.IsMarkedSent);
        if (!copies[true].Any() && AwayFor(SimPart.Queues) is null)
        {
            Facts.Wrong.Add($"{replyId} was sent, and is neither recorded nor remembered.");
        }
        else if (copies[false].Any())
        {
            Trace($"{replyId} is sent and not recorded, and on its way once more");
            Facts.Lost(replyId);
        }
    }

    /// <summary>Told when a worker's process is gone.</summary>
    public event Action<SimWorker>? Ended;

    public void Dispose()
    {
        Connection.Dispose();
        SqliteConnection.ClearPool(Connection);
    }

    private IEnumerable<SimMessage> CopiesOf(string replyId) =>
        Queues.All.Where(m => m.Queue == QueueNames.Replies && m.DeadLetter is null && m.Received().OriginalId() == replyId);

    private static async Task GoneIfDeadAsync(SimWorker worker)
    {
        if (worker.IsDead)
        {
            await Never();
        }
    }

    // What a dead worker waits for.
    private static Task Never() => new TaskCompletionSource().Task;

    private static Exception Failure(SimPart part) => part switch
    {
        SimPart.Store => new SqliteException("The disk is full.", raw.SQLITE_FULL),
        SimPart.Queues => new ServiceBusException("Away.", ServiceBusFailureReason.ServiceCommunicationProblem),
        _ => new TransientChannelException("The service is away."),
    };

    private (TimeSpan Before, TimeSpan After, SimTrouble Trouble) Draw()
    {
        if (!IsTroubled)
        {
            return (TimeSpan.Zero, TimeSpan.Zero, SimTrouble.None);
        }

        return (Latency(), Latency(), Random.Next(1_000) switch
        {
            < 4 => SimTrouble.DieBefore,
            < 8 => SimTrouble.DieAfter,
            < 32 => SimTrouble.Fail,
            < 52 => SimTrouble.LoseAnswer,
            < 58 => SimTrouble.Hang,
            < 62 => SimTrouble.Fault,
            _ => SimTrouble.None,
        });
    }

    private TimeSpan Latency() => Random.Next(100) switch
    {
        < 60 => TimeSpan.Zero,
        < 95 => TimeSpan.FromMilliseconds(Random.Next(1, 100)),
        _ => TimeSpan.FromSeconds(Random.Next(1, 25)),
    };
}

/// <summary>What happens to a call.</summary>
internal enum SimTrouble
{
    None,
    DieBefore,
    DieAfter,
    Fail,
    LoseAnswer,
    Hang,
    Fault,
}

/// <summary>A call under way.</summary>
internal sealed record SimCall(SimWorker Worker, SimPart Part, string What, (TimeSpan Before, TimeSpan After, SimTrouble Trouble) Plan);
