using System.Globalization;
using Functions.LocalRuntime.Indexing;

namespace Functions.LocalRuntime.Hosting;

/// <summary>Tells people how the process is doing. Where they cannot be told, for the disk is full or the reader gone, the process goes on.</summary>
internal static class Terminal
{
    public static void WriteLine(string text) => Write(Console.Out, text);

    public static void WriteError(string text) => Write(Console.Error, text);

    /// <summary>Names the functions in aligned columns.</summary>
    public static void WriteTable(IEnumerable<FunctionDescriptor> functions, Func<FunctionDescriptor, DateTimeOffset?> next)
    {
        var rows = functions.Select(function => new[]
        {
            function.Name,
            function.Trigger.Type.Replace("Trigger", "", StringComparison.Ordinal).Replace("serviceBus", "queue", StringComparison.Ordinal),
            function.Trigger.Source,
            function.Disabled ? "disabled" : next(function)?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "",
        }).Prepend(["Function", "Trigger", "Schedule, queue or route", "Next run"]);
        WriteLine(string.Join(Environment.NewLine, Align(rows)));
    }

    /// <summary>The cells of rows as lines whose columns are below one another.</summary>
    public static IEnumerable<string> Align(IEnumerable<string[]> rows)
    {
        var all = rows.ToList();
        return all.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(all.Max(other => other[column].Length)))).TrimEnd());
    }

    private static void Write(TextWriter writer, string text)
    {
        try
        {
            writer.WriteLine(text);
        }
        catch (IOException)
        {
        }
    }
}

/// <summary>
/// The terminal that a command's standard error goes to. It is among the services only when the app runs a function as a command
/// at a terminal: not when serving, and not when standard error is redirected.
/// </summary>
/// <param name="writer">Writes to it.</param>
/// <param name="width">Measures it, since it may be resized.</param>
public sealed class CommandTerminal(TextWriter writer, Func<int> width)
{
    /// <summary>Writes to the terminal; standard output is left to the function's result.</summary>
    public TextWriter Writer => writer;

    /// <summary>The characters in a line.</summary>
    public int Width => width();
}

/// <summary>The run of a function as a command. It is among the services only then.</summary>
/// <param name="function">The function, as the command line names it.</param>
public sealed class CommandRun(string function)
{
    /// <summary>Whether it is this function's.</summary>
    public bool IsOf(string name) => function.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>How far the function had come when it was stopped, and what to do, in a sentence: said at the command's end.</summary>
    public string? StoppedAt { get; set; }
}
