namespace CommentFunctions.Tests.Data.Support;

/// <summary>Names what the tests of a class need besides the SDK; where it cannot be reached they are skipped and say so.</summary>
/// <param name="needs">The things' names, one of <see cref="Reachable"/> each.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RequiresAttribute(params string[] needs) : Attribute
{
    public string[] Needs { get; } = needs;
}
