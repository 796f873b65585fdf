using System.ComponentModel;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace CommentFunctions.Tests.Data.Support;

/// <summary>
/// A test that is skipped where what its class requires cannot be reached. The class is the one that runs, so that a test which is
/// written once in a base class is skipped for one store and run for another.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("CommentFunctions.Tests.Data.Support.StoreFactDiscoverer", "CommentFunctions.Tests")]
public sealed class StoreFactAttribute : FactAttribute;

public sealed class StoreFactDiscoverer(IMessageSink sink) : IXunitTestCaseDiscoverer
{
    public IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        [new StoreTestCase(sink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod)];
}

/// <summary>As <see cref="StoreFactAttribute"/>, for each row of data.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("CommentFunctions.Tests.Data.Support.StoreTheoryDiscoverer", "CommentFunctions.Tests")]
public sealed class StoreTheoryAttribute : TheoryAttribute;

public sealed class StoreTheoryDiscoverer(IMessageSink sink) : TheoryDiscoverer(sink)
{
    protected override IEnumerable<IXunitTestCase> CreateTestCasesForDataRow(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute, object[] dataRow) =>
        [new StoreTestCase(DiagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod, dataRow)];
}

public sealed class StoreTestCase : XunitTestCase
{
    [EditorBrowsable(EditorBrowsableState.Never)]
    [Obsolete("Only for deserialization.")]
    public StoreTestCase()
    {
    }

    public StoreTestCase(IMessageSink sink, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method, object[]? row = null)
        : base(sink, display, options, method, row)
    {
    }

    protected override string? GetSkipReason(IAttributeInfo factAttribute) => TestMethod.TestClass.Class.ToRuntimeType()
        .GetCustomAttributes(typeof(RequiresAttribute), inherit: true).Cast<RequiresAttribute>()
        .SelectMany(requires => requires.Needs)
        .Select(Reachable.WhyNot)
        .FirstOrDefault(reason => reason is not null);
}
