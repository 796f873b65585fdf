using System.Collections.Concurrent;

namespace CommentFunctions.Tests.LocalRuntime.Support;

/// <summary>What sample functions tell their test, and where they wait for it.</summary>
internal sealed class Probe
{
    private readonly ConcurrentQueue<object> notes = new();
    private readonly TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int inside;
    private int mostInside;

    public IReadOnlyList<object> Notes => [.. notes];

    public int Count => notes.Count;

    /// <summary>How many functions are between <see cref="PassAsync"/>'s begin and end now.</summary>
    public int Inside => Volatile.Read(ref inside);

    /// <summary>The most that ever were.</summary>
    public int MostInside => Volatile.Read(ref mostInside);

    public void Note(object what) => notes.Enqueue(what);

    /// <summary>Lets the functions that wait at the gate go on, and all later ones.</summary>
    public void Open() => gate.TrySetResult();

    /// <summary>Waits at the gate.</summary>
    public async Task PassAsync(CancellationToken cancellationToken = default)
    {
        var number = Interlocked.Increment(ref inside);
        for (var most = MostInside; number > most; most = MostInside)
        {
            Interlocked.CompareExchange(ref mostInside, number, most);
        }

        try
        {
            await gate.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref inside);
        }
    }

    public Task UntilCountAsync(int count) => Wait.UntilAsync($"{count} notes are made", () => Count, made => made >= count);

    public Task UntilInsideAsync(int count) => Wait.UntilAsync($"{count} functions wait", () => Inside, waiting => waiting >= count);
}
