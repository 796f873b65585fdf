using System.Globalization;
using CommentFunctions.Expiry;
using Functions.LocalRuntime.Hosting;

namespace CommentFunctions.Hosts;

/// <summary>Draws the progress of a run as a bar, over and over on one line of a terminal, and wipes it at the end.</summary>
public sealed class ExpiryProgressBar(CommandTerminal terminal) : IExpiryReporter
{
    private const int LongestBar = 40;

    // A shorter one shows nothing that the percentage does not.
    private const int ShortestBar = 10;

    private int drawn;

    public TimeSpan FirstAfter { get; } = TimeSpan.FromSeconds(1);

    public TimeSpan Interval { get; } = TimeSpan.FromMilliseconds(200);

    public void Report(ExpiryProgress progress)
    {
        var width = Width;
        var text = Format(progress, width);
        Draw(text.PadRight(Math.Min(drawn, width)));
        drawn = text.Length;
    }

    public void Finish(Guid run)
    {
        if (drawn > 0)
        {
            Draw(new string(' ', Math.Min(drawn, Width)) + '\r');
            drawn = 0;
        }
    }

    /// <summary>The line, no longer than the width.</summary>
    internal static string Format(ExpiryProgress progress, int width)
    {
        var figures = string.Create(CultureInfo.InvariantCulture, $"{progress.Deleted:N0} deleted, {progress.PerSecond:N0}/s, ");
        if (progress.Rest is not { } rest)
        {
            return Cut(figures + "rest unknown", width);
        }

        // Rounded down: all is done when all is done.
        var share = rest == 0 ? 1 : (double)progress.Deleted / (progress.Deleted + rest);
        var text = string.Create(CultureInfo.InvariantCulture, $"{(int)(share * 100),3} %  {figures}{rest:N0} to go{Time(rest, progress.PerSecond)}");
        var length = Math.Min(LongestBar, width - text.Length - "[]  ".Length);
        if (length < ShortestBar)
        {
            return Cut(text, width);
        }

        var done = (int)(share * length);
        return $"[{new string('#', done)}{new string('.', length - done)}]  {text}";
    }

    // Hours and minutes, or minutes and seconds: nobody needs it finer.
    private static string Time(long rest, long perSecond)
    {
        if (rest == 0 || perSecond == 0)
        {
            return "";
        }

        var seconds = (rest + perSecond - 1) / perSecond;
        return seconds switch
        {
            < 60 => $", {seconds} s",
            < 3_600 => $", {seconds / 60} min {seconds % 60} s",
            _ => $", {seconds / 3_600} h {seconds % 3_600 / 60} min",
        };
    }

    // A terminal goes on to the next line when the last column is written.
    private int Width => Math.Max(0, terminal.Width - 1);

    private static string Cut(string text, int width) => text.Length > width ? text[..width] : text;

    private void Draw(string text)
    {
        try
        {
            terminal.Writer.Write('\r' + text);
            terminal.Writer.Flush();
        }
        catch (IOException)
        {
            // The terminal is gone; the run goes on.
        }
    }
}

/// <summary>Has a command that is stopped say how far its run of the expiry job came.</summary>
/// <param name="reporter">Shows the rest.</param>
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
