using System.Text.Json.Nodes;

namespace CommentFunctions.Benchmarks.Measuring;

/// <summary>What a script reads of a benchmark: one line for each store, with each figure's median and range.</summary>
internal static class Result
{
    /// <param name="benchmark">Which one.</param>
    /// <param name="store">Of which store.</param>
    /// <param name="figures">Names with what the rounds had; null for what was not measured.</param>
    public static void Print(string benchmark, string store, params (string Name, Samples? Rounds)[] figures)
    {
        var result = new JsonObject { ["benchmark"] = benchmark, ["store"] = store.ToLowerInvariant() };
        foreach (var (name, rounds) in figures)
        {
            if (rounds is not null)
            {
                result[name] = Round(rounds.Median);
                result[name + "Range"] = new JsonArray(Round(rounds.Min), Round(rounds.Max));
            }
        }

        Console.WriteLine("RESULT " + result.ToJsonString());
    }

    private static double Round(double value) => Math.Round(value, 2);
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
