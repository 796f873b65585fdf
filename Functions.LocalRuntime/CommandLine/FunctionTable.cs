using System.Globalization;
using Functions.LocalRuntime.Indexing;

namespace Functions.LocalRuntime.CommandLine;

/// <summary>The functions in aligned columns.</summary>
internal static class FunctionTable
{
    public static string Format(IEnumerable<FunctionDescriptor> functions, Func<FunctionDescriptor, DateTimeOffset?> next)
    {
        var rows = functions.Select(function => new[]
        {
            function.Name,
            function.Trigger.Type.Replace("Trigger", "", StringComparison.Ordinal).Replace("serviceBus", "queue", StringComparison.Ordinal),
            function.Trigger.Source,
            function.Disabled ? "disabled" : next(function)?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "",
        }).Prepend(["Function", "Trigger", "Schedule, queue or route", "Next run"]).ToList();
        var widths = Enumerable.Range(0, 4).Select(column => rows.Max(row => row[column].Length)).ToList();
        return string.Join(Environment.NewLine, rows.Select(row =>
            string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()));
    }
}
