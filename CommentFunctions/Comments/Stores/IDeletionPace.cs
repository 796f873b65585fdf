namespace CommentFunctions.Comments.Stores;

/// <summary>How a long deletion is cut into steps, each a statement of its own.</summary>
public interface IDeletionPace
{
    /// <summary>How many rows the next step may delete; at least 1.</summary>
    int Size { get; }

    /// <summary>Does one step, and returns how many rows it deleted.</summary>
    Task<int> StepAsync(Func<CancellationToken, Task<int>> work, CancellationToken cancellationToken);
}

/// <summary>Steps of one size, one after the other: for a store in which writers go on while a statement deletes.</summary>
public sealed class SteadyPace(int size) : IDeletionPace
{
    /// <inheritdoc/>
    public int Size => size;

    /// <inheritdoc/>
    public Task<int> StepAsync(Func<CancellationToken, Task<int>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        return work(cancellationToken);
    }
}
