using CommentFunctions.Tests.EndToEnd.Support;

namespace CommentFunctions.Tests.EndToEnd;

public sealed class UnusableStoreTests : IDisposable
{
    private readonly AppFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("--port", "0")]
    [InlineData("run", "DeleteExpiredComments")]
    public async Task A_store_that_cannot_be_reached_ends_the_start_with_one_line_about_it(params string[] arguments)
    {
        var (exitCode, output) = await AppProcess.RunAsync(
            folder, arguments, ("Comments__Store", "Postgres"), ("Comments__ConnectionString", "Host=127.0.0.1;Port=1;Database=site;Password=hunter2"));

        Assert.Equal(1, exitCode);
        Assert.Single(output.Split('\n'), line => line.Contains("Comments:ConnectionString leads to database site", StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", output, StringComparison.Ordinal);
        Assert.DoesNotContain("fail:", output, StringComparison.Ordinal);
    }
}
