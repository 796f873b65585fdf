namespace CommentFunctions.Health;

/// <summary>
/// A question to a part of the app that may hang. One is under way at most, however many ask and however often: who comes meanwhile
/// waits for the same answer.
/// </summary>
/// <remarks>It is asked on another thread: SQLite's provider does its work before it returns a task.</remarks>
internal sealed class SharedQuestion<T>(Func<CancellationToken, Task<T>> ask, TimeProvider clock)
{
    private readonly Lock sync = new();
    private Task<T>? underWay;

    /// <summary>Waits for the answer.</summary>
    /// <exception cref="TimeoutException">There is none within <see cref="Questions.Timeout"/>.</exception>
    public async Task<T> AskAsync(CancellationToken cancellationToken)
    {
        Task<T> answer;
        lock (sync)
        {
            if (underWay is not { IsCompleted: false })
            {
                underWay = Start();
            }

            answer = underWay;
        }

        return await answer.WaitAsync(Questions.Timeout, clock, cancellationToken);
    }

    // Not in the trace of the first who asked: it may outlive its request.
    private Task<T> Start()
    {
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(AskOnceAsync);
        }
    }

    // The question itself has longer: the first way to a service, with its sign-in, would else be begun anew for ever.
    private async Task<T> AskOnceAsync()
    {
        using var limit = new CancellationTokenSource(2 * Questions.Timeout, clock);
        try
        {
            return await ask(limit.Token);
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested)
        {
            throw new TimeoutException("The question was given up.", e);
        }
    }
}

/// <summary>What all questions of a health check have in common.</summary>
internal static class Questions
{
    /// <summary>How long each has, beside the others.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);
}
