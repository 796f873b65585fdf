using System.Runtime.CompilerServices;
using CommentFunctions.Data;
using Functions.LocalRuntime.Hosting;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Tests;

public class NamespaceTests
{
    [Fact]
    public void Microsofts_namespaces_hold_nothing_of_ours_but_what_a_registry_lacks()
    {
        var ours = new[] { typeof(Comment).Assembly, typeof(FunctionApp).Assembly };

        var declared = ours.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.Namespace is { } name && (name.StartsWith("Microsoft.Azure", StringComparison.Ordinal) || name.StartsWith("Azure", StringComparison.Ordinal)))
            .Where(type => !type.IsDefined(typeof(CompilerGeneratedAttribute), false) && !type.IsNested);

        string[] lacking = ours.Contains(typeof(ServiceBusTriggerAttribute).Assembly) ? [nameof(ServiceBusMessageActions), nameof(ServiceBusTriggerAttribute)] : [];
        Assert.Equal(lacking, declared.Select(type => type.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Microsoft.Azure.Functions.Worker.Core")]
    [InlineData("Microsoft.Azure.Functions.Worker.Extensions.Timer")]
    [InlineData("Microsoft.Azure.Functions.Worker.Extensions.Http.AspNetCore")]
    [InlineData("Azure.Messaging.ServiceBus")]
    public void Every_build_has_Microsofts_packages(string name) =>
        Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(typeof(Comment).Assembly.Location)!, name + ".dll")));
}
