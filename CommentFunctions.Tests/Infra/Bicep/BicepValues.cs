using System.Globalization;

namespace CommentFunctions.Tests.Infra.Bicep;

/// <summary>A value that only a deployment knows, and the expression that it comes from.</summary>
internal sealed record Later(string Text)
{
    public override string ToString() => $"<{Text}>";
}

/// <summary>What a template refuses by itself, with <c>fail()</c>.</summary>
internal sealed class DeploymentRefusedException(string why) : Exception(why);

/// <summary>Computes expressions as far as they are known before a deployment.</summary>
/// <param name="deployment">Where names are declared.</param>
/// <param name="items">The items of the loops around.</param>
internal sealed class BicepValues(BicepDeployment deployment, IReadOnlyDictionary<string, object?> items)
{
    /// <summary>The bodies that a resource or module has: none where its condition is false, several in a loop.</summary>
    public IEnumerable<IReadOnlyDictionary<string, object?>> Bodies(BicepExpression body) => body switch
    {
        Conditional condition => Of(condition.Condition) is false ? [] : Bodies(condition.Body),
        Loop loop => Each(loop).SelectMany(values => values.Bodies(loop.Body)),
        _ => [Of(body) as IReadOnlyDictionary<string, object?> ?? throw new FormatException("A resource is an object.")],
    };

    public object? Of(BicepExpression expression) => expression switch
    {
        Constant constant => constant.Value,
        Interpolation text => text.Parts is [Constant only] ? only.Value : string.Concat(text.Parts.Select(part => Text(Of(part)))),
        Name name => Find(name.Value),
        ObjectLiteral literal => literal.Properties.ToDictionary(p => Text(Of(p.Key)), p => Of(p.Value)),
        ArrayLiteral array => array.Items.Select(Of).ToList(),
        Loop loop => Each(loop).Select(values => values.Of(loop.Body)).ToList(),
        Choice choice => Of(choice.Condition) switch
        {
            true => Of(choice.Then),
            false => Of(choice.Else),
            var other => new Later($"{Text(other)} ? {Text(Of(choice.Then))} : {Text(Of(choice.Else))}"),
        },
        Member member => MemberOf(member),
        Operation operation => Compute(operation),
        Call call => CallOf(call),
        _ => throw new FormatException($"A {expression.GetType().Name} has no value here."),
    };

    private IEnumerable<BicepValues> Each(Loop loop) =>
        (Of(loop.Items) as IReadOnlyList<object?> ?? throw new FormatException("A loop is over a list that is known before."))
        .Select((item, index) => new BicepValues(deployment, Inside(loop, item, index)));

    private Dictionary<string, object?> Inside(Loop loop, object? item, int index)
    {
        Dictionary<string, object?> inside = new(items) { [loop.Item] = item };
        if (loop.Index is { } name)
        {
            inside[name] = (long)index;
        }

        return inside;
    }

    private object? Find(string name)
    {
        if (items.TryGetValue(name, out var item) || deployment.TryFind(name, out item))
        {
            return item;
        }

        throw new FormatException($"Nothing is named {name}.");
    }

    private object? MemberOf(Member member)
    {
        List<string> keys = [];
        BicepExpression root = member;
        while (root is Member { Target: var target, Key: var name })
        {
            keys.Insert(0, Text(Of(name)));
            root = target;
        }

        if (root is Name { Value: var symbol } && !items.ContainsKey(symbol) && deployment.TryReach(symbol, keys, out var reached))
        {
            return reached;
        }

        var key = Of(member.Key);
        return Of(member.Target) switch
        {
            IReadOnlyDictionary<string, object?> found => found.TryGetValue(Text(key), out var value)
                ? value
                : throw new FormatException($"There is no {Text(key)} in it."),
            IReadOnlyList<object?> list when key is long index => list[(int)index],
            var later => new Later($"{(later as Later)?.Text ?? Text(later)}.{Text(key)}"),
        };
    }

    private object? Compute(Operation operation)
    {
        var left = Of(operation.Left);
        var right = operation.Right is null ? null : Of(operation.Right);
        return (operation.Operator, left, right) switch
        {
            ("!", bool a, _) => !a,
            ("&&", false, _) or ("&&", _, false) => false,
            ("||", true, _) or ("||", _, true) => true,
            (">", long a, long b) => a > b,
            ("==", not Later, not Later) => Equals(left, right),
            ("!=", not Later, not Later) => !Equals(left, right),
            ("&&", true, true) => true,
            ("||", false, false) => false,
            ("+", long a, long b) => a + b,
            ("-", long a, long b) => a - b,
            ("-", long a, null) => -a,
            ("*", long a, long b) => a * b,
            ("/", long a, long b) => a / b,
            ("%", long a, long b) => a % b,
            _ => new Later($"{Text(left)} {operation.Operator} {Text(right)}"),
        };
    }

    private object? CallOf(Call call)
    {
        object?[] arguments = [.. call.Arguments.Select(Of)];
        return (call.Function, arguments) switch
        {
            ("empty", [string text]) => text.Length == 0,
            ("empty", [IReadOnlyList<object?> list]) => list.Count == 0,
            ("string", [long number]) => Text(number),
            ("max", [long a, long b]) => Math.Max(a, b),
            ("min", [long a, long b]) => Math.Min(a, b),
            ("startsWith", [string text, string start]) => text.StartsWith(start, StringComparison.OrdinalIgnoreCase),
            ("fail", [var why]) => throw new DeploymentRefusedException(Text(why)),
            ("padLeft", [var value, long length, string fill]) => Text(value).PadLeft((int)length, fill[0]),
            ("replace", [string text, string from, var to]) => text.Replace(from, Text(to), StringComparison.Ordinal),
            ("union", _) when arguments.All(a => a is IReadOnlyDictionary<string, object?>) => arguments
                .SelectMany(a => (IReadOnlyDictionary<string, object?>)a!)
                .GroupBy(p => p.Key)
                .ToDictionary(p => p.Key, p => p.Last().Value),
            ("loadTextContent", [string file]) => deployment.Load(file),
            // Thirteen characters, like the real one.
            ("uniqueString", _) => "abcdefghijklm",
            _ => new Later($"{call.Function}({string.Join(", ", arguments.Select(Text))})"),
        };
    }

    private static string Text(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
