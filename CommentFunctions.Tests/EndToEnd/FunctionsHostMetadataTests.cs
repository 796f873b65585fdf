using System.Text.Json;
using CommentFunctions.Channels;
using CommentFunctions.Data;
using CommentFunctions.Tests.EndToEnd.Support;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>What a build with the worker's Sdk tells the Functions host; only such builds have it.</summary>
public sealed class FunctionsHostMetadataTests : IDisposable
{
    private readonly AppFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_host_is_told_of_every_function()
    {
        await using var host = await FunctionsHostStandIn.StartAsync();
        await using var app = AppProcess.Start(folder, host.Arguments);
        host.Send(FunctionsHostStandIn.InitRequest, "4.1037.0");
        host.Send(FunctionsHostStandIn.MetadataRequest, Path.GetDirectoryName(typeof(Comment).Assembly.Location)!);

        var told = (await host.ReceiveAsync(FunctionsHostStandIn.MetadataResponse)).Text;

        Assert.All(FunctionRulesTests.Names, name => Assert.Contains(name, told, StringComparison.Ordinal));
    }

    /// <summary>The host knows the levels, routes and methods from there alone.</summary>
    [Fact]
    public void The_host_is_told_who_may_call_each_route()
    {
        using var metadata = JsonDocument.Parse(File.ReadAllText(Path.Combine(Path.GetDirectoryName(typeof(Comment).Assembly.Location)!, "functions.metadata")));
        var told =
            from function in metadata.RootElement.EnumerateArray()
            from binding in function.GetProperty("bindings").EnumerateArray()
            where binding.GetProperty("type").GetString() == "httpTrigger"
            let methods = binding.GetProperty("methods").EnumerateArray().Select(method => method.GetString()!.ToUpperInvariant())
            select (function.GetProperty("name").GetString(), binding.GetProperty("authLevel").GetString(), $"{string.Join(", ", methods)} {binding.GetProperty("route").GetString()}");

        Assert.Equal(
            HttpFunction.All.Select(function => ((string?)function.Name, (string?)$"{function.Level}", $"{string.Join(", ", function.Methods)} {function.Route}")),
            told.OrderBy(function => function.Item1, StringComparer.Ordinal));
    }
}
