using CommentFunctions.Failures;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Data;

/// <summary>What differs between the stores that can hold the data. One instance for the process; safe to share.</summary>
public abstract class CommentStore : IOutages
{
    /// <summary>The store's name, one of <see cref="StoreNames"/>.</summary>
    public abstract string Name { get; }

    /// <summary>What is wrong with the store's settings, each problem naming its setting; empty if nothing is.</summary>
    public abstract IEnumerable<string> Check(CommentOptions options);

    /// <summary>Points a context at the store and chooses the store's model.</summary>
    public abstract void Configure(DbContextOptionsBuilder options);

    /// <summary>
    /// Whether comments vanish without the job, once they are older than the retention by <see cref="SlackOfExpiry"/> at the most. The
    /// job then only counts those that did not.
    /// </summary>
    public virtual bool ExpiresByItself => false;

    /// <summary>How much older than the retention comments may become where the store deletes them by itself.</summary>
    public virtual TimeSpan SlackOfExpiry => TimeSpan.Zero;

    /// <summary>The place that the settings lead to, for messages: never with a password.</summary>
    public abstract string Location { get; }

    /// <summary>Sees to it that the store can be used; run before any function can run.</summary>
    /// <param name="db">A context that nothing was asked of yet.</param>
    /// <param name="schema">The schema, which may have to look at the database before the context's model is made.</param>
    /// <param name="create">Whether to make what is missing of the app's tables or containers.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="OptionsValidationException">It cannot; one line names the setting and says what to do.</exception>
    public abstract Task PrepareAsync(CommentDbContext db, CommentSchema schema, bool create, CancellationToken cancellationToken);

    /// <summary>Saves a context's changes, all or none; ends when they survive a loss of power.</summary>
    /// <returns>The number of rows.</returns>
    public virtual Task<int> SaveAsync(CommentDbContext db, bool acceptAllChanges, CancellationToken cancellationToken) =>
        db.SaveAloneAsync(acceptAllChanges, cancellationToken);

    /// <summary>
    /// Finds what keeps the store from taking a new comment and giving up an old one. It writes as they do, and leaves nothing behind.
    /// </summary>
    /// <returns>What it is, as a clause for everybody to read, such as "its disk is full"; null where there is none.</returns>
    /// <remarks>Another exception than cancellation is a failure of a kind that has no such clause.</remarks>
    public virtual Task<string?> CheckWritableAsync(CommentDbContext db, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <summary>The records of runs of the expiry job, by the shortest way to them.</summary>
    public virtual IQueryable<ExpiryRun> Runs(CommentDbContext db) => db.ExpiryRuns;

    /// <summary>How many records of a kind are of the cutoff or earlier.</summary>
    public virtual Task<long> CountAsync(CommentDbContext db, RecordKind kind, DateTimeOffset cutoff, CancellationToken cancellationToken) =>
        db.GetService<CommentSchema>().Resolve(kind).CountAsync(db, cutoff, cancellationToken);

    /// <summary>Removes a user of the app's own who has no comments; one who writes meanwhile stays, with what they write.</summary>
    public abstract Task RemoveUserAsync(CommentDbContext db, string userName, CancellationToken cancellationToken);

    /// <summary>
    /// Whether a deletion counts each step in the run's stored record, together with the step; what a run has deleted is then what its
    /// record says, and nothing else may write it.
    /// </summary>
    public virtual bool CountsInRecord => false;

    /// <summary>
    /// Deletes old records of a kind in steps that leave room for writers, and yields how many each step deleted. What was yielded stays
    /// deleted when a later step fails.
    /// </summary>
    /// <param name="db">A context.</param>
    /// <param name="kind">What to delete, one of <see cref="RecordKinds"/> with a time.</param>
    /// <param name="cutoff">Records of this time and earlier go.</param>
    /// <param name="countedIn">The run that counts them, whose record is stored; null where nothing is counted.</param>
    /// <param name="cancellationToken">Ends the deletion.</param>
    /// <exception cref="StoreThrottledException">The store is throttling; what is left is for the next run.</exception>
    public abstract IAsyncEnumerable<int> DeleteAsync(
        CommentDbContext db, RecordKind kind, DateTimeOffset cutoff, ExpiryRun? countedIn, CancellationToken cancellationToken);

    /// <summary>Sees to it that nothing of what was deleted can be read from the store's files any more.</summary>
    public virtual Task ReclaimSpaceAsync(CommentDbContext db, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Makes what room it can without deleting anything, after a write failed for lack of it; false where that was not the reason.</summary>
    public virtual Task<bool> MakeRoomAsync(CommentDbContext db, Exception failure, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>What an operator has to do so that a deletion which failed like this can go on; null where nothing is known.</summary>
    public virtual string? FindHint(Exception failure) => null;

    public abstract Outage? FindOutage(Exception exception);
}

/// <summary>The store is throttling; trying again at once would make it worse.</summary>
public sealed class StoreThrottledException(string message, Exception? inner = null) : Exception(message, inner);
