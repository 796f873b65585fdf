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

/// <summary>Steps of one size, one after the other: for a store in which writers go on while a statement deletes.</summary>
public sealed class SteadyPace : IDeletionPace
{
    // By how much steps grow again: what made them too large may have been a lock, or another's load.
    private const double Growth = 1.1;

    private readonly int most;
    private readonly Func<Exception, int, int?> smaller;
    private int size;

    /// <param name="most">The size, as long as no step is too large.</param>
    /// <param name="smaller">The size to go on with after a failure; null for one that has nothing to do with the size.</param>
    public SteadyPace(int most, Func<Exception, int, int?> smaller) => (this.most, this.smaller, size) = (most, smaller, most);

    /// <inheritdoc/>
    public int Size => size;

    /// <inheritdoc/>
    public async Task<int> StepAsync(Func<CancellationToken, Task<int>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        var done = await work(cancellationToken);
        size = (int)Math.Min(most, Math.Ceiling(size * Growth));
        return done;
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
