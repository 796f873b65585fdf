using System.Globalization;
using System.Text.RegularExpressions;

namespace CommentFunctions.Tests.Docs;

/// <summary>
/// Works out an expression as a page writes it: numbers such as 1,000 and 0.5, names, <c>+ - × /</c>, parentheses, <c>ceil</c>,
/// <c>floor</c>, <c>min</c> and <c>max</c>, and functions of one number that the page defines.
/// </summary>
internal sealed partial class Arithmetic
{
    private readonly IReadOnlyDictionary<string, double> names;
    private readonly IReadOnlyDictionary<string, (string Parameter, string Body)> functions;
    private readonly List<string> tokens;
    private int next;

    private Arithmetic(
        string expression, IReadOnlyDictionary<string, double> names, IReadOnlyDictionary<string, (string Parameter, string Body)> functions)
    {
        (this.names, this.functions) = (names, functions);
        tokens = [.. Token().Matches(expression).Select(match => match.Value)];
        Used = [.. tokens.Where(names.ContainsKey)];
        Literals = [.. tokens.Where(IsNumber).Select(Number)];
    }

    /// <summary>The names that it uses, also by way of functions.</summary>
    public List<string> Used { get; }

    /// <summary>The numbers that stand in it.</summary>
    public IReadOnlyList<double> Literals { get; }

    public double Value { get; private set; }

    /// <summary>A number as a page writes it.</summary>
    public static double Number(string text) => double.Parse(text, NumberStyles.AllowThousands | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    /// <exception cref="FormatException">It is no expression, or has a name that is not given.</exception>
    public static Arithmetic WorkOut(
        string expression, IReadOnlyDictionary<string, double> names, IReadOnlyDictionary<string, (string Parameter, string Body)> functions)
    {
        var arithmetic = new Arithmetic(expression, names, functions);
        arithmetic.Value = arithmetic.Sum();
        return arithmetic.next == arithmetic.tokens.Count ? arithmetic : throw new FormatException($"'{arithmetic.Peek}' is not expected in {expression}.");
    }

    [GeneratedRegex(@"\d{1,3}(,\d{3})+(\.\d+)?|\d+(\.\d+)?|[A-Za-z]\w*|\S")]
    private static partial Regex Token();

    private string Peek => next < tokens.Count ? tokens[next] : "";

    private double Sum()
    {
        var value = Product();
        while (Peek is "+" or "-")
        {
            value += Take() == "+" ? Product() : -Product();
        }

        return value;
    }

    private double Product()
    {
        var value = Factor();
        while (Peek is "×" or "/")
        {
            value = Take() == "×" ? value * Factor() : value / Factor();
        }

        return value;
    }

    private double Factor()
    {
        var token = Take();
        if (token == "(")
        {
            var value = Sum();
            Expect(")");
            return value;
        }

        return token switch
        {
            "ceil" => Math.Ceiling(Arguments().Single()),
            "floor" => Math.Floor(Arguments().Single()),
            "min" => Arguments().Min(),
            "max" => Arguments().Max(),
            _ when functions.TryGetValue(token, out var function) => Call(function.Parameter, function.Body),
            _ when IsNumber(token) => Number(token),
            _ => names.TryGetValue(token, out var given) ? given : throw new FormatException($"'{token}' is not known."),
        };
    }

    private double Call(string parameter, string body)
    {
        var called = WorkOut(body, new Dictionary<string, double>(names) { [parameter] = Arguments().Single() }, functions);
        Used.AddRange(called.Used);
        return called.Value;
    }

    private List<double> Arguments()
    {
        Expect("(");
        List<double> arguments = [Sum()];
        while (Peek == ",")
        {
            Take();
            arguments.Add(Sum());
        }

        Expect(")");
        return arguments;
    }

    private string Take() => next < tokens.Count ? tokens[next++] : "";

    private void Expect(string token)
    {
        if (Take() != token)
        {
            throw new FormatException($"'{token}' is missing.");
        }
    }

    private static bool IsNumber(string token) => token.Length > 0 && char.IsAsciiDigit(token[0]);
}
