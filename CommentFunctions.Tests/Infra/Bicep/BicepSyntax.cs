namespace CommentFunctions.Tests.Infra.Bicep;

/// <summary>An expression of a Bicep file.</summary>
internal abstract record BicepExpression
{
    /// <summary>The names that it uses, with repeats.</summary>
    public IEnumerable<string> Names() => this switch
    {
        Name name => [name.Value],
        Interpolation text => text.Parts.SelectMany(p => p.Names()),
        Call call => (call.Target?.Names() ?? []).Concat(call.Arguments.SelectMany(a => a.Names())),
        Member member => member.Target.Names().Concat(member.Key.Names()),
        Operation operation => operation.Left.Names().Concat(operation.Right?.Names() ?? []),
        Choice choice => choice.Condition.Names().Concat(choice.Then.Names()).Concat(choice.Else.Names()),
        ObjectLiteral literal => literal.Properties.SelectMany(p => p.Key.Names().Concat(p.Value.Names())),
        ArrayLiteral array => array.Items.SelectMany(i => i.Names()),
        Loop loop => loop.Items.Names().Concat(loop.Body.Names()),
        Conditional conditional => conditional.Condition.Names().Concat(conditional.Body.Names()),
        _ => [],
    };
}

/// <summary>A number, true, false or null.</summary>
internal sealed record Constant(object? Value) : BicepExpression;

/// <summary>A text: strings, and expressions between them.</summary>
internal sealed record Interpolation(IReadOnlyList<BicepExpression> Parts) : BicepExpression;

internal sealed record Name(string Value) : BicepExpression;

internal sealed record Call(BicepExpression? Target, string Function, IReadOnlyList<BicepExpression> Arguments) : BicepExpression;

internal sealed record Member(BicepExpression Target, BicepExpression Key) : BicepExpression;

internal sealed record Operation(string Operator, BicepExpression Left, BicepExpression? Right) : BicepExpression;

internal sealed record Choice(BicepExpression Condition, BicepExpression Then, BicepExpression Else) : BicepExpression;

internal sealed record ObjectLiteral(IReadOnlyList<(BicepExpression Key, BicepExpression Value)> Properties) : BicepExpression;

internal sealed record ArrayLiteral(IReadOnlyList<BicepExpression> Items) : BicepExpression;

/// <summary><c>[for item in items: body]</c>, or <c>[for (item, index) in items: body]</c>.</summary>
internal sealed record Loop(string Item, string? Index, BicepExpression Items, BicepExpression Body) : BicepExpression;

/// <summary><c>if (condition) body</c>, of a resource, a module, or in a loop over them.</summary>
internal sealed record Conditional(BicepExpression Condition, BicepExpression Body) : BicepExpression;

/// <summary>A statement: <c>param</c>, <c>var</c>, <c>resource</c>, <c>module</c>, <c>output</c>, <c>metadata</c> or <c>targetScope</c>.</summary>
/// <param name="Keyword">Its first word.</param>
/// <param name="Name">What it declares.</param>
/// <param name="Type">A resource's type with its version, a module's path, the type of a parameter or output; else empty.</param>
/// <param name="IsExisting">Whether a resource is only referred to.</param>
/// <param name="Value">What follows the equals sign; null for a parameter without a default.</param>
/// <param name="Decorators">What stands before it with an @.</param>
/// <param name="Line">Where it begins.</param>
internal sealed record BicepStatement(
    string Keyword, string Name, string Type, bool IsExisting, BicepExpression? Value, IReadOnlyList<Call> Decorators, int Line);
