using CommentFunctions.Bot;
using Functions.LocalRuntime.Queues;

namespace CommentFunctions.Hosts;

/// <summary>The age of the messages that wait in the local runtime's queues; those being worked on are not among them.</summary>
public sealed class LocalQueueAge(ILocalQueues queues, TimeProvider clock) : IQueueAge
{
    /// <inheritdoc/>
    public async Task<TimeSpan?> OldestAsync(string queue, CancellationToken cancellationToken)
    {
        var age = clock.GetUtcNow() - await queues.OldestAsync(queue, cancellationToken);
        // A clock that was set back makes no message younger than new.
        return age is { } known && known > TimeSpan.Zero ? known : TimeSpan.Zero;
    }
}
