namespace CommentFunctions.Bot;

/// <summary>How long the oldest message of a queue has been there, where the host can tell.</summary>
public interface IQueueAge
{
    /// <summary>The age of the oldest message that is to be delivered now; zero where there is none, null where it is not known.</summary>
    Task<TimeSpan?> OldestAsync(string queue, CancellationToken cancellationToken);
}
