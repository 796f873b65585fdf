using System.Collections.Concurrent;

namespace Functions.LocalRuntime.Invocation;

/// <summary>Runs by hand that were accepted and that no caller waits for.</summary>
internal sealed class BackgroundRuns
{
    private readonly ConcurrentDictionary<Task, bool> running = new();

    public void Start(Func<Task> run)
    {
        var task = Task.Run(run);
        running[task] = true;
        task.ContinueWith(ended => running.TryRemove(ended, out _), TaskScheduler.Default);
    }

    /// <summary>Ends once all of them have.</summary>
    public Task FinishAsync() => Task.WhenAll(running.Keys);
}
