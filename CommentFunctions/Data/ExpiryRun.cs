namespace CommentFunctions.Data;

/// <summary>The record of one run of the expiry job.</summary>
public sealed class ExpiryRun
{
    /// <summary>Rises with time.</summary>
    public required Guid Id { get; set; }

    /// <summary>
    /// Who asked for the run: <c>timer</c>, <c>console user@machine</c>, <c>key name</c> or <c>address 203.0.113.7</c> of an HTTP caller, or
    /// <c>admin</c> by the host's admin endpoint.
    /// </summary>
    public required string TriggeredBy { get; init; }

    /// <summary>What it did: null for the expiry of comments, else <see cref="Erasure"/>.</summary>
    public string? Work { get; init; }

    /// <summary>The <see cref="Work"/> of a run that erased a user. Which one it was is not recorded.</summary>
    public const string Erasure = "erasure";

    /// <summary>When it started, in UTC; while it waits, when it was asked for.</summary>
    public required DateTimeOffset StartedAt { get; set; }

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

    /// <summary>
    /// When the latest runs started that can be taken for real: those of a clock that was ahead, and set back since, say nothing of what
    /// was done lately.
    /// </summary>
    public static DateTimeOffset LatestStart(DateTimeOffset now) => now + Silence;

    /// <summary>Whether it has not ended.</summary>
    public bool IsOpen => Outcome is RunOutcome.Waiting or RunOutcome.Running;

    /// <summary>
    /// Whether it has no end and will have none: it has not shown for minutes that it goes on, for its process died; or it waited for
    /// longer than a queue keeps a message.
    /// </summary>
    public bool IsSilent(DateTimeOffset now) => Outcome switch
    {
        RunOutcome.Running => StartedAt + (Duration ?? TimeSpan.Zero) < now - Silence,
        RunOutcome.Waiting => StartedAt < now - LongestWait,
        _ => false,
    };

    // Many times the interval of its signs: clocks of machines differ.
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

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
    /// <summary>It was asked for and has not begun.</summary>
    Waiting,

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
