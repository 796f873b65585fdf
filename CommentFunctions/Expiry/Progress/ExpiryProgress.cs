namespace CommentFunctions.Expiry.Progress;

/// <summary>How far a run of the expiry job has come.</summary>
/// <param name="Run">The run's id.</param>
/// <param name="Deleted">The comments deleted so far.</param>
/// <param name="PerSecond">The comments deleted per second, on average over the run.</param>
/// <param name="Rest">The comments still to be deleted; null where that is not known.</param>
public sealed record ExpiryProgress(Guid Run, long Deleted, long PerSecond, long? Rest);
