namespace CommentFunctions.Comments.Stores;

/// <summary>How a long deletion is cut into steps, each a statement of its own.</summary>
public interface IDeletionPace
{
    /// <summary>How many rows the next step may delete; at least 1.</summary>
    int Size { get; }

    /// <summary>Does one step, and returns how many rows it deleted. Once they are gone, nothing makes it fail.</summary>
    Task<int> StepAsync(Func<CancellationToken, Task<int>> work, CancellationToken cancellationToken);

    /// <summary>Makes the next steps smaller where a step failed that a smaller one may survive; false where it may not.</summary>
    bool Shrink(Exception failure);
}

/// <summary>
/// Steps of one size, one after the other, for a store in which writers go on while a statement deletes. A step that was too large says
/// how large they may be for the rest of the deletion: to find that out again would cost it again.
/// </summary>
/// <param name="size">The size at first.</param>
/// <param name="smaller">The size to go on with after a failure; null for one that has nothing to do with the size.</param>
public sealed class SteadyPace(int size, Func<Exception, int, int?> smaller) : IDeletionPace
{
    /// <inheritdoc/>
    public int Size => size;

    /// <inheritdoc/>
    public Task<int> StepAsync(Func<CancellationToken, Task<int>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        return work(cancellationToken);
    }

    /// <inheritdoc/>
    public bool Shrink(Exception failure)
    {
        if (size == 1 || smaller(failure, size) is not { } next)
        {
            return false;
        }

        size = Math.Max(1, next);
        return true;
    }
}
