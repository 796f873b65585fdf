using System.Globalization;
using CommentFunctions.Expiry;
using Functions.LocalRuntime.Hosting;

namespace CommentFunctions.Hosts;

/// <summary>Has a command that is stopped say how far its run of the expiry job came.</summary>
/// <param name="reporter">Who is told the rest.</param>
/// <param name="command">The command.</param>
public sealed class ExpiryCommand(IExpiryReporter reporter, CommandRun command) : IExpiryReporter
{
    public TimeSpan FirstAfter => reporter.FirstAfter;

    public TimeSpan Interval => reporter.Interval;

    public void Report(ExpiryProgress progress) => reporter.Report(progress);

    public void Stopped(ExpiryProgress progress)
    {
        var rest = progress.Rest is { } known ? string.Create(CultureInfo.InvariantCulture, $", {known:N0} to go") : "";
        command.StoppedAt = string.Create(CultureInfo.InvariantCulture, $"{progress.Deleted:N0} deleted{rest}; run again to go on.");
    }

    public void Finish(Guid run) => reporter.Finish(run);
}
