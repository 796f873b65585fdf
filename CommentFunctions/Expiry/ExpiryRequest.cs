namespace CommentFunctions.Expiry;

/// <summary>What a run of the expiry job is asked to do.</summary>
/// <param name="TriggeredBy">Who asks: <see cref="Timer"/> or <see cref="Operator"/>.</param>
/// <param name="OlderThan">The age that takes the place of the retention in this run; null for the retention.</param>
/// <param name="DryRun">Whether to count only.</param>
/// <param name="Overdue">
/// Whether to count only, and only those that should have vanished by themselves: more of them than at the last time are a failure.
/// </param>
/// <param name="Tick">The scheduled time that it is the run of, of which there is one whatever number of instances share the store; null for another run.</param>
public sealed record ExpiryRequest(
    string TriggeredBy, TimeSpan? OlderThan = null, bool DryRun = false, bool Overdue = false, DateTimeOffset? Tick = null)
{
    /// <summary>The schedule asks.</summary>
    public const string Timer = "timer";

    /// <summary>A person asks.</summary>
    public const string Operator = "operator";
}
