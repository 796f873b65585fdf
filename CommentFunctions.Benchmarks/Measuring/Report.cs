using System.Text.Json;
using System.Text.Json.Serialization;

namespace CommentFunctions.Benchmarks.Measuring;

/// <summary>What a script reads of a benchmark: one line for each store; what does not apply is left out.</summary>
internal sealed record Result(
    string Benchmark,
    string Store,
    double? RatioToRaw = null,
    double? RatioToDjango = null,
    double? WriterP99Ms = null,
    double? WriterMaxMs = null)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public void Print() => Console.WriteLine("RESULT " + JsonSerializer.Serialize(
        this with { RatioToRaw = Round(RatioToRaw), RatioToDjango = Round(RatioToDjango), WriterP99Ms = Round(WriterP99Ms), WriterMaxMs = Round(WriterMaxMs) }, Json));

    private static double? Round(double? value) => value is { } number ? Math.Round(number, 2) : null;
}

/// <summary>An aligned table for people.</summary>
internal static class Table
{
    public static void Print(string title, params string[][] rows)
    {
        Console.WriteLine();
        Console.WriteLine(title);
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToList();
        foreach (var row in rows)
        {
            Console.WriteLine("  " + string.Join("  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]))));
        }
    }
}
