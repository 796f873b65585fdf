namespace CommentFunctions.Expiry;

/// <summary>Tells whoever watches how far a run of the expiry job has come. One instance for the process.</summary>
public interface IExpiryReporter
{
    /// <summary>How long a run lasts before it is worth a report, and a count of what there is to delete.</summary>
    TimeSpan FirstAfter { get; }

    /// <summary>The least time between two reports of a run.</summary>
    TimeSpan Interval { get; }

    /// <summary>Tells how far a run has come.</summary>
    void Report(ExpiryProgress progress);

    /// <summary>Tells how far a run had come when it was stopped.</summary>
    void Stopped(ExpiryProgress progress);

    /// <summary>There will be no more reports of this run, whether it succeeded or not, and perhaps there was none.</summary>
    void Finish(Guid run);
}

/// <summary>How far a run of the expiry job has come.</summary>
/// <param name="Run">The run's id.</param>
/// <param name="Deleted">The comments deleted so far.</param>
/// <param name="PerSecond">The comments deleted per second, on average over the run.</param>
/// <param name="Rest">The comments still to be deleted; null where that is not known.</param>
public sealed record ExpiryProgress(Guid Run, long Deleted, long PerSecond, long? Rest);
