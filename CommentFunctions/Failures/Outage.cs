namespace CommentFunctions.Failures;

/// <summary>A part that the app needs cannot do now what it was asked for, and may do it later.</summary>
/// <param name="Reason">Why, in a sentence that quotes nothing of what was asked.</param>
/// <param name="RetryAfter">How long it asks to be left alone; null where it does not say.</param>
/// <param name="MayBeFinal">Whether it may be no outage but a refusal for good: the attempts are counted.</param>
public sealed record Outage(string Reason, TimeSpan? RetryAfter = null, bool MayBeFinal = false);

/// <summary>Says of an outage what is known, where the failure within it speaks of details: for who reads the log's last line.</summary>
public sealed class OutageException(Outage outage, Exception inner) : Exception(outage.Reason, inner);

/// <summary>Tells outages of one part from faults of the app and of its callers.</summary>
public interface IOutages
{
    /// <summary>The outage behind an exception; null where there is none that this part knows.</summary>
    Outage? FindOutage(Exception exception);
}

/// <summary>Messages of exceptions.</summary>
public static class ExceptionMessages
{
    /// <summary>The first line; stack traces and statements may follow it.</summary>
    public static string FirstLine(this string message) => message.Split('\n', 2)[0].Trim();
}

/// <summary>What is asked of all parts.</summary>
public static class AllOutages
{
    /// <summary>The outage behind an exception; null where no part knows one.</summary>
    public static Outage? FindOutage(this IEnumerable<IOutages> parts, Exception exception) =>
        parts.Select(part => part.FindOutage(exception)).FirstOrDefault(outage => outage is not null);

    /// <summary>The exception and those within it, from the outermost on.</summary>
    public static IEnumerable<Exception> Chain(this Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            yield return e;
        }
    }
}
