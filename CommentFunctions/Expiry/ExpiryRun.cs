namespace CommentFunctions.Expiry;

/// <summary>The record of one run of the expiry job.</summary>
public sealed class ExpiryRun
{
    /// <summary>Rises with time.</summary>
    public required Guid Id { get; init; }

    /// <summary>Who asked for the run: <c>timer</c> or <c>operator</c>.</summary>
    public required string TriggeredBy { get; init; }

    /// <summary>When it started, in UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>What was written at this time or earlier was to be deleted.</summary>
    public required DateTimeOffset Cutoff { get; init; }

    /// <summary>The age that took the place of the retention in this run; null where the retention held.</summary>
    public required TimeSpan? OlderThan { get; init; }

    /// <summary>Whether the run only counted.</summary>
    public required bool DryRun { get; init; }

    /// <summary>The comments deleted, or, in a dry run, those that would be. A failed run has what it deleted before it failed.</summary>
    public long Deleted { get; set; }

    /// <summary>How long it took; while it runs, the time after which it last wrote that it does, null before that.</summary>
    public TimeSpan? Duration { get; set; }

    /// <summary>How it ended.</summary>
    public RunOutcome Outcome { get; set; } = RunOutcome.Running;

    /// <summary>Why it did not succeed: the exception's type and a short message; null where it did.</summary>
    public string? Error { get; set; }

    /// <summary>Whether it has no end and has not shown for minutes that it goes on: its process died.</summary>
    public bool IsSilent(DateTimeOffset now) => Outcome == RunOutcome.Running && StartedAt + (Duration ?? TimeSpan.Zero) < now - Silence;

    // Many times the interval of its signs: clocks of machines differ.
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(2);

    /// <summary>The record as it is after this time, while the run goes on.</summary>
    internal ExpiryRun After(TimeSpan time)
    {
        var copy = (ExpiryRun)MemberwiseClone();
        copy.Duration = time;
        return copy;
    }
}

/// <summary>How a run ended.</summary>
public enum RunOutcome
{
    /// <summary>It has not ended.</summary>
    Running,

    /// <summary>It did all there was to do.</summary>
    Succeeded,

    /// <summary>An error ended it; what it deleted stays deleted.</summary>
    Failed,

    /// <summary>The app stopped, or the caller went away; what it deleted stays deleted.</summary>
    Cancelled,

    /// <summary>The store was throttling, or another run was at work; the next run goes on.</summary>
    Incomplete,

    /// <summary>Its process died; what it deleted stays deleted. On Cosmos DB it may be more than it could record.</summary>
    Interrupted,
}
