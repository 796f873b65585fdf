namespace CommentFunctions.Failures;

/// <summary>Calls a part that may hang. One call is under way at most; callers that come meanwhile wait for its result.</summary>
/// <param name="call">The call. It has twice the timeout: else a first one, with its sign-in, could be begun anew for ever.</param>
/// <param name="timeout">How long each caller waits.</param>
/// <param name="clock">Measures the waits.</param>
internal sealed class SingleFlight<T>(Func<CancellationToken, Task<T>> call, TimeSpan timeout, TimeProvider clock)
{
    private readonly Lock sync = new();
    private Task<T>? underWay;
    private Task<T>? finished;

    /// <summary>The last call that has ended; null where none has.</summary>
    public Task<T>? Finished
    {
        get
        {
            lock (sync)
            {
                return underWay is { IsCompleted: true } ? underWay : finished;
            }
        }
    }

    /// <summary>Waits for the result.</summary>
    /// <exception cref="TimeoutException">There is none in time.</exception>
    public async Task<T> RunAsync(CancellationToken cancellationToken)
    {
        Task<T> result;
        lock (sync)
        {
            if (underWay is not { IsCompleted: false })
            {
                (finished, underWay) = (underWay, Start());
            }

            result = underWay;
        }

        return await result.WaitAsync(timeout, clock, cancellationToken);
    }

    // On another thread: SQLite's provider does its work before it returns a task. Not in the first caller's trace, whose request may end before.
    private Task<T> Start()
    {
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(CallAsync);
        }
    }

    private async Task<T> CallAsync()
    {
        using var limit = new CancellationTokenSource(2 * timeout, clock);
        try
        {
            return await call(limit.Token);
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested)
        {
            throw new TimeoutException("The call was given up.", e);
        }
    }
}
