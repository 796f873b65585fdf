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
}
