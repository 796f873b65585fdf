namespace CommentFunctions.Failures;

/// <summary>A part that the app needs cannot do now what it was asked for, and may do it later.</summary>
/// <param name="Reason">Why, in a sentence that quotes nothing of what was asked.</param>
/// <param name="RetryAfter">How long it asks to be left alone; null where it does not say.</param>
public sealed record Outage(string Reason, TimeSpan? RetryAfter = null);

/// <summary>Tells outages from faults of the app and of its callers.</summary>
public interface IOutages
{
    /// <summary>The outage behind an exception; null where there is none.</summary>
    Outage? FindOutage(Exception exception);
}
