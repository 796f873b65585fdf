using System.Globalization;

namespace CommentFunctions.Tests.Infra.Bicep;

/// <summary>
/// Reads the part of Bicep that infra/ uses. It takes no statement or expression that it does not understand, so that nothing in a
/// file escapes the checks; whether a file is right in every respect is for the Bicep compiler to say.
/// </summary>
internal sealed class BicepParser
{
    // From weak to strong.
    private static readonly string[][] Operators = [["??"], ["||"], ["&&"], ["==", "!=", "=~", "!~"], ["<", "<=", ">", ">="], ["+", "-"], ["*", "/", "%"]];

    private readonly IReadOnlyList<BicepToken> tokens;
    private int at;

    private BicepParser(IReadOnlyList<BicepToken> tokens) => this.tokens = tokens;

    public static IReadOnlyList<BicepStatement> Parse(string source)
    {
        var parser = new BicepParser(BicepScanner.Scan(source));
        List<BicepStatement> statements = [];
        parser.SkipLines();
        while (parser.Now.Kind != BicepTokenKind.End)
        {
            statements.Add(parser.Statement());
            parser.EndLine();
        }

        return statements;
    }

    private BicepToken Now => tokens[at];

    private BicepStatement Statement()
    {
        List<Call> decorators = [];
        while (Take("@"))
        {
            decorators.Add(Unary() as Call ?? throw Refuse("A decorator is a call."));
            EndLine();
        }

        var start = Now.Line;
        var keyword = Expect(BicepTokenKind.Name);
        switch (keyword)
        {
            case "targetScope":
                Expect("=");
                return new(keyword, keyword, "", false, Expression(), decorators, start);
            case "metadata" or "var":
                var name = Expect(BicepTokenKind.Name);
                Expect("=");
                return new(keyword, name, "", false, Expression(), decorators, start);
            case "param" or "output":
                name = Expect(BicepTokenKind.Name);
                var type = Expect(BicepTokenKind.Name);
                return new(keyword, name, type, false, Take("=") ? Expression() : null, decorators, start);
            case "resource" or "module":
                name = Expect(BicepTokenKind.Name);
                type = Expect(BicepTokenKind.Text);
                var existing = TakeName("existing");
                Expect("=");
                return new(keyword, name, type, existing, Body(), decorators, start);
            default:
                throw Refuse($"The statement '{keyword}' is not known.");
        }
    }

    private BicepExpression Body()
    {
        if (!TakeName("if"))
        {
            return Expression();
        }

        Expect("(");
        var condition = Expression();
        Expect(")");
        return new Conditional(condition, Expression());
    }

    private BicepExpression Expression()
    {
        var condition = Binary(0);
        if (!TakeAcrossLines("?"))
        {
            return condition;
        }

        SkipLines();
        var then = Expression();
        if (!TakeAcrossLines(":"))
        {
            throw Refuse("A choice has no second part.");
        }

        SkipLines();
        return new Choice(condition, then, Expression());
    }

    private BicepExpression Binary(int level)
    {
        if (level == Operators.Length)
        {
            return Unary();
        }

        var left = Binary(level + 1);
        while (Now.Kind == BicepTokenKind.Symbol && Operators[level].Contains(Now.Value))
        {
            var symbol = tokens[at++].Value;
            SkipLines();
            left = new Operation(symbol, left, Binary(level + 1));
        }

        return left;
    }

    private BicepExpression Unary()
    {
        if (Now is { Kind: BicepTokenKind.Symbol, Value: "!" or "-" })
        {
            return new Operation(tokens[at++].Value, Unary(), null);
        }

        var value = Primary();
        while (true)
        {
            if (Take(".") || Take(".?"))
            {
                var name = Expect(BicepTokenKind.Name);
                value = Take("(") ? new Call(value, name, Arguments()) : new Member(value, Text(name));
            }
            else if (Take("["))
            {
                value = new Member(value, Expression());
                Expect("]");
            }
            else if (!Take("!"))
            {
                return value;
            }
        }
    }

    private BicepExpression Primary()
    {
        var token = tokens[at++];
        switch (token.Kind)
        {
            case BicepTokenKind.Number:
                return new Constant(long.Parse(token.Value, CultureInfo.InvariantCulture));
            case BicepTokenKind.Text:
                return new Interpolation([.. token.Parts!.Select(part => part is List<BicepToken> inner ? Inner(inner) : new Constant(part))]);
            case BicepTokenKind.Name when token.Value is "true" or "false":
                return new Constant(token.Value == "true");
            case BicepTokenKind.Name when token.Value == "null":
                return new Constant(null);
            case BicepTokenKind.Name:
                return Take("(") ? new Call(null, token.Value, Arguments()) : new Name(token.Value);
            case BicepTokenKind.Symbol when token.Value == "(":
                SkipLines();
                var value = Expression();
                SkipLines();
                Expect(")");
                return value;
            case BicepTokenKind.Symbol when token.Value == "{":
                return Object();
            case BicepTokenKind.Symbol when token.Value == "[":
                return Array();
            default:
                at--;
                throw Refuse($"'{token.Value}' begins no expression.");
        }
    }

    private static BicepExpression Inner(List<BicepToken> inner)
    {
        var parser = new BicepParser([.. inner, new(BicepTokenKind.End, "", inner[0].Line)]);
        var value = parser.Expression();
        return parser.Now.Kind == BicepTokenKind.End ? value : throw parser.Refuse("An interpolation has more than an expression.");
    }

    private List<BicepExpression> Arguments() => Items(")", Expression);

    private ObjectLiteral Object() => new(Items("}", () =>
    {
        var key = Now.Kind == BicepTokenKind.Text ? Primary() : Text(Expect(BicepTokenKind.Name));
        Expect(":");
        return (key, Expression());
    }));

    private BicepExpression Array()
    {
        SkipLines();
        if (!TakeName("for"))
        {
            return new ArrayLiteral(Items("]", Expression));
        }

        var (item, index) = LoopNames();
        if (!TakeName("in"))
        {
            throw Refuse("A loop has 'in'.");
        }

        var items = Expression();
        Expect(":");
        var body = Body();
        SkipLines();
        Expect("]");
        return new Loop(item, index, items, body);
    }

    private (string Item, string? Index) LoopNames()
    {
        if (!Take("("))
        {
            return (Expect(BicepTokenKind.Name), null);
        }

        var item = Expect(BicepTokenKind.Name);
        Expect(",");
        var index = Expect(BicepTokenKind.Name);
        Expect(")");
        return (item, index);
    }

    // Separated by commas or lines.
    private List<T> Items<T>(string end, Func<T> item)
    {
        List<T> items = [];
        SkipLines();
        while (!Take(end))
        {
            items.Add(item());
            var separated = Now.Kind == BicepTokenKind.NewLine || Take(",");
            SkipLines();
            if (!separated && Now.Value != end)
            {
                throw Refuse($"'{Now.Value}' is neither a separator nor '{end}'.");
            }
        }

        return items;
    }

    private static Interpolation Text(string value) => new([new Constant(value)]);

    private void SkipLines()
    {
        while (Now.Kind == BicepTokenKind.NewLine)
        {
            at++;
        }
    }

    private void EndLine()
    {
        if (Now.Kind is not (BicepTokenKind.NewLine or BicepTokenKind.End))
        {
            throw Refuse($"'{Now.Value}' does not belong here.");
        }

        SkipLines();
    }

    private bool Take(string symbol)
    {
        var found = Now.Kind == BicepTokenKind.Symbol && Now.Value == symbol;
        at += found ? 1 : 0;
        return found;
    }

    private bool TakeName(string name)
    {
        var found = Now.Kind == BicepTokenKind.Name && Now.Value == name;
        at += found ? 1 : 0;
        return found;
    }

    private bool TakeAcrossLines(string symbol)
    {
        var start = at;
        SkipLines();
        if (Take(symbol))
        {
            return true;
        }

        at = start;
        return false;
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol))
        {
            throw Refuse($"'{symbol}' was expected, and '{Now.Value}' is there.");
        }
    }

    private string Expect(BicepTokenKind kind) => Now.Kind == kind ? tokens[at++].Value : throw Refuse($"A {kind} was expected, and '{Now.Value}' is there.");

    private FormatException Refuse(string why) => new($"Line {Now.Line}: {why}");
}
