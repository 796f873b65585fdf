using System.Globalization;
using System.Text.RegularExpressions;

namespace CommentFunctions.Tests.Docs;

/// <summary>
/// docs/scale.md. Its inputs are rows of four cells: a name, a value, what it is and its source. Its arithmetic is whatever stands in
/// backticks with a <c>=</c> or a <c>≈</c> before the result, and may begin with a name for the result. <c>name(p) = …</c> without a
/// result defines a function.
/// </summary>
/// <param name="text">The page.</param>
/// <param name="read">Reads a file by its path from the folder of the page.</param>
internal sealed partial class ScalePage(string text, Func<string, string> read)
{
    private const double Roughly = 0.03;

    private readonly Dictionary<string, double> known = [];
    private readonly Dictionary<string, (string Parameter, string Body)> functions =
        Function().Matches(text).ToDictionary(f => f.Groups["name"].Value, f => (f.Groups["parameter"].Value, f.Groups["body"].Value));
    private readonly HashSet<string> unused = [];
    private readonly List<string> problems = [];

    /// <summary>What does not follow from its inputs, or has no source.</summary>
    public IReadOnlyList<string> Check()
    {
        foreach (Match input in Input().Matches(text))
        {
            TakeInput(input);
        }

        var lines = text.Split('\n');
        var results = lines.Select(line => Equation().Matches(line).SelectMany(equation => WorkOut(equation.Groups["text"].Value)).ToList()).ToList();
        problems.AddRange(unused.Select(name => $"No arithmetic uses {name}."));
        HashSet<double> values = [.. known.Values, .. results.SelectMany(result => result)];
        for (var i = 0; i < lines.Length; i++)
        {
            if (IsDerived(lines, i) && !Input().IsMatch(lines[i]))
            {
                problems.AddRange(Numbers(lines[i]).Where(number => !values.Contains(number))
                    .Select(number => $"{number.ToString(CultureInfo.InvariantCulture)} follows from nothing: {lines[i]}"));
            }
        }

        return problems;
    }

    /// <summary>How many results there are.</summary>
    public int Results { get; private set; }

    [GeneratedRegex(@"^\| `(?<name>\w+)` \| (?<value>[\d.,]+) \| [^|]+ \| (?<source>[^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Input();

    [GeneratedRegex("`(?<text>[^`]* [=≈] [\\d.,]+)`")]
    private static partial Regex Equation();

    [GeneratedRegex("`(?<name>\\w+)\\((?<parameter>\\w+)\\) = (?<body>[^`=]*[^`=\\d])`")]
    private static partial Regex Function();

    [GeneratedRegex(@"^setting: `(?<key>[^`]+)` in \[[^]]+\]\((?<file>[^)#]+)")]
    private static partial Regex Setting();

    [GeneratedRegex(@"`[^`]*`|\]\([^)]*\)")]
    private static partial Regex NotProse();

    [GeneratedRegex(@"(?<![\w.])\d[\d,]*(\.\d+)?")]
    private static partial Regex NumberInProse();

    private void TakeInput(Match input)
    {
        var (name, source) = (input.Groups["name"].Value, input.Groups["source"].Value);
        var value = Arithmetic.Number(input.Groups["value"].Value);
        if (!known.TryAdd(name, value))
        {
            problems.Add($"{name} is there twice.");
        }

        unused.Add(name);
        if (Setting().Match(source) is { Success: true } setting)
        {
            var written = Regex.Escape(setting.Groups["key"].Value) + @"[^\d\n]{0,12}" + value.ToString(CultureInfo.InvariantCulture) + @"\b";
            if (!Regex.IsMatch(read(setting.Groups["file"].Value), written))
            {
                problems.Add($"{name} is not {value} in {setting.Groups["file"].Value}.");
            }
        }
        else if (source is not ("assumed" or "measured" or "counted" or "by definition") && !source.Contains("](", StringComparison.Ordinal))
        {
            problems.Add($"{name} has no source: {source}");
        }
    }

    // The result, and the numbers that went into it.
    private IEnumerable<double> WorkOut(string equation)
    {
        var parts = Regex.Split(equation, " [=≈] ");
        var isNew = parts.Length == 3 && Regex.IsMatch(parts[0], @"^[A-Za-z]\w*$");
        try
        {
            var arithmetic = Arithmetic.WorkOut(parts[^2], known, functions);
            unused.ExceptWith(arithmetic.Used);
            var printed = Arithmetic.Number(parts[^1]);
            var error = Math.Abs(arithmetic.Value - printed);
            if (!(equation.Contains('≈', StringComparison.Ordinal) ? error <= Roughly * printed : error <= HalfOfLastDigit(parts[^1]) + 1e-9))
            {
                problems.Add($"{equation}: it is {arithmetic.Value.ToString(CultureInfo.InvariantCulture)}.");
            }

            if (isNew)
            {
                known[parts[0]] = arithmetic.Value;
            }

            Results++;
            return [printed, .. arithmetic.Literals];
        }
        catch (FormatException e)
        {
            problems.Add($"{equation}: {e.Message}");
            return [];
        }
    }

    private static double HalfOfLastDigit(string number) =>
        0.5 * Math.Pow(10, number.IndexOf('.', StringComparison.Ordinal) is >= 0 and var point ? point + 1 - number.Length : 0);

    // A row of a table in which something is worked out.
    private static bool IsDerived(string[] lines, int row)
    {
        var (first, last) = (row, row);
        while (first > 0 && lines[first - 1].StartsWith('|'))
        {
            first--;
        }

        while (last < lines.Length - 1 && lines[last + 1].StartsWith('|'))
        {
            last++;
        }

        return lines[row].StartsWith('|') && lines[first..(last + 1)].Any(line => Equation().IsMatch(line));
    }

    private static IEnumerable<double> Numbers(string row) =>
        NumberInProse().Matches(NotProse().Replace(row, "")).Select(number => Arithmetic.Number(number.Value.TrimEnd(',')));
}
