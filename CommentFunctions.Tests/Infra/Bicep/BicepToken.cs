using System.Globalization;
using System.Text;

namespace CommentFunctions.Tests.Infra.Bicep;

/// <summary>One piece of a Bicep file. A text has parts: strings, and lists of tokens where it is interpolated.</summary>
internal sealed record BicepToken(BicepTokenKind Kind, string Value, int Line, IReadOnlyList<object>? Parts = null);

internal enum BicepTokenKind
{
    Name,
    Number,
    Text,
    Symbol,
    NewLine,
    End,
}

/// <summary>Cuts a Bicep file into tokens. What it does not know it refuses.</summary>
internal sealed class BicepScanner(string source)
{
    private static readonly string[] Symbols =
        ["==", "!=", "<=", ">=", "&&", "||", "??", ".?", "=>", "=~", "!~", .. "{}[]()=:,.?!+-*/%<>|@".Select(c => c.ToString())];

    private int at;
    private int line = 1;

    public static IReadOnlyList<BicepToken> Scan(string source)
    {
        var scanner = new BicepScanner(source);
        var tokens = scanner.Until(end: null);
        tokens.Add(new(BicepTokenKind.End, "", scanner.line));
        return tokens;
    }

    // Up to the end of the source, or the brace that ends an interpolation.
    private List<BicepToken> Until(string? end)
    {
        List<BicepToken> tokens = [];
        var depth = 0;
        while (at < source.Length)
        {
            if (SkipBlank())
            {
                continue;
            }

            var token = Next();
            if (end is not null && token.Kind == BicepTokenKind.Symbol)
            {
                if (token.Value == end && depth == 0)
                {
                    return tokens;
                }

                depth += token.Value switch { "{" => 1, "}" => -1, _ => 0 };
            }

            tokens.Add(token);
        }

        return end is null ? tokens : throw Refuse("An interpolation does not end.");
    }

    private bool SkipBlank()
    {
        if (source[at] is ' ' or '\t' or '\r')
        {
            at++;
            return true;
        }

        if (!StartsWith("//"))
        {
            return false;
        }

        while (at < source.Length && source[at] != '\n')
        {
            at++;
        }

        return true;
    }

    private BicepToken Next()
    {
        var c = source[at];
        if (c == '\n')
        {
            at++;
            return new(BicepTokenKind.NewLine, "\n", line++);
        }

        if (char.IsAsciiLetter(c) || c == '_')
        {
            return new(BicepTokenKind.Name, While(x => char.IsAsciiLetterOrDigit(x) || x == '_'), line);
        }

        if (char.IsAsciiDigit(c))
        {
            return new(BicepTokenKind.Number, While(char.IsAsciiDigit), line);
        }

        if (c == '\'')
        {
            return StartsWith("'''") ? RawText() : Text();
        }

        var symbol = Symbols.FirstOrDefault(StartsWith) ?? throw Refuse($"'{c}' is not known here.");
        at += symbol.Length;
        return new(BicepTokenKind.Symbol, symbol, line);
    }

    private BicepToken RawText()
    {
        var end = source.IndexOf("'''", at + 3, StringComparison.Ordinal);
        var text = end > 0 ? source[(at + 3)..end] : throw Refuse("A text does not end.");
        at = end + 3;
        var first = line;
        line += text.Count(c => c == '\n');
        return new(BicepTokenKind.Text, text, first, [text]);
    }

    private BicepToken Text()
    {
        at++;
        List<object> parts = [];
        var text = new StringBuilder();
        while (at < source.Length && source[at] is not ('\'' or '\n'))
        {
            if (StartsWith("${"))
            {
                at += 2;
                parts.Add(text.ToString());
                text.Clear();
                parts.Add(Until("}"));
            }
            else
            {
                text.Append(source[at] == '\\' ? Escaped() : source[at++]);
            }
        }

        if (at++ >= source.Length || source[at - 1] != '\'')
        {
            throw Refuse("A text does not end.");
        }

        parts.Add(text.ToString());
        return new(BicepTokenKind.Text, parts.Count == 1 ? text.ToString() : "", line, parts);
    }

    private char Escaped()
    {
        at += 2;
        return source[at - 1] switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '\'' or '\\' or '$' => source[at - 1],
            var other => throw Refuse(string.Create(CultureInfo.InvariantCulture, $"'\\{other}' is not known in a text.")),
        };
    }

    private string While(Func<char, bool> belongs)
    {
        var start = at;
        while (at < source.Length && belongs(source[at]))
        {
            at++;
        }

        return source[start..at];
    }

    private bool StartsWith(string text) => string.CompareOrdinal(source, at, text, 0, text.Length) == 0;

    private FormatException Refuse(string why) => new($"Line {line}: {why}");
}
