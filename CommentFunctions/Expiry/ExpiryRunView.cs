using CommentFunctions.Data;

namespace CommentFunctions.Expiry;

/// <summary>A run of the expiry job as callers see it.</summary>
/// <param name="Id">The run's id.</param>
/// <param name="TriggeredBy"><c>timer</c> or <c>operator</c>.</param>
/// <param name="StartedAt">When it started, in UTC.</param>
/// <param name="OlderThan">The age that took the place of the retention; left out where the retention held.</param>
/// <param name="DryRun">Whether it only counted.</param>
/// <param name="Cutoff">What was written at this time or earlier was to be deleted.</param>
/// <param name="Deleted">The comments deleted; left out of a dry run.</param>
/// <param name="WouldDelete">The comments that a run would delete; only in a dry run.</param>
/// <param name="Duration">How long it took; left out while it runs.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Error">Why it did not succeed; left out where it did.</param>
public sealed record ExpiryRunView(
    Guid Id,
    string TriggeredBy,
    DateTimeOffset StartedAt,
    TimeSpan? OlderThan,
    bool DryRun,
    DateTimeOffset Cutoff,
    long? Deleted,
    long? WouldDelete,
    TimeSpan? Duration,
    RunOutcome Outcome,
    string? Error)
{
    /// <summary>The view of a run at this time.</summary>
    public static ExpiryRunView Of(ExpiryRun run, DateTimeOffset now) =>
        new(
            run.Id,
            run.TriggeredBy,
            run.StartedAt,
            run.OlderThan,
            run.DryRun,
            run.Cutoff,
            run.DryRun ? null : run.Deleted,
            run.DryRun ? run.Deleted : null,
            run.IsOpen ? null : run.Duration,
            run.IsSilent(now) ? RunOutcome.Interrupted : run.Outcome,
            run.Error);
}
