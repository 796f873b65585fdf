using CommentFunctions.Tests.EndToEnd.Support;
using Functions.LocalRuntime.Hosting;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>One program under either host.</summary>
public sealed class FunctionsHostTests : IDisposable
{
    private readonly AppFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Started_by_a_Functions_host_the_app_is_its_worker_and_serves_nothing_itself()
    {
        await using var host = await FunctionsHostStandIn.StartAsync();
        await using var app = AppProcess.Start(folder, host.Arguments);

        var start = await host.ReceiveAsync(FunctionsHostStandIn.StartStream);
        Assert.Equal("worker-1", start.Fields.Single(field => field.Number == 2).Text);
        host.Send(FunctionsHostStandIn.InitRequest, "4.1037.0");
        await host.ReceiveAsync(FunctionsHostStandIn.InitResponse, "HttpUri");
        await host.ReceiveAsync(FunctionsHostStandIn.Log, "Application started", () => app.Output);
        host.Send(FunctionsHostStandIn.Terminate);
        Assert.Equal(0, await app.ExitAsync());
        Assert.DoesNotContain("Serving on", app.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder.Path, ".local", "runtime.db")));
    }

    [Fact]
    public async Task There_a_schedule_that_is_not_set_is_an_error_at_each_start()
    {
        await using var host = await FunctionsHostStandIn.StartAsync();
        await using var app = AppProcess.Start(folder, host.Arguments);
        host.Send(FunctionsHostStandIn.InitRequest, "4.1037.0");

        await host.ReceiveAsync(FunctionsHostStandIn.Log, "CommentExpirySchedule is not set: the host leaves DeleteExpiredComments out", () => app.Output);
        await host.ReceiveAsync(FunctionsHostStandIn.Log, "Application started", () => app.Output);
    }

    [Fact]
    public async Task A_senseless_setting_is_one_line_there_too()
    {
        await using var host = await FunctionsHostStandIn.StartAsync();
        await using var app = AppProcess.Start(folder, host.Arguments, [("Comments__Retention", "soon")]);

        Assert.Equal(1, await app.ExitAsync());

        var lines = app.Output.Split('\n');
        Assert.Equal(("Cannot start:", 2), (lines[0], lines.Length));
        Assert.Contains("Comments:Retention is 'soon'", lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("WEBSITE_INSTANCE_ID")]
    [InlineData("FUNCTIONS_EXTENSION_VERSION")]
    public async Task In_Azure_nothing_but_the_Functions_host_starts_the_app(string variable)
    {
        var (exitCode, output) = await AppProcess.RunAsync(folder, ["--urls", "http://0.0.0.0:0"], (variable, "something"));

        Assert.Equal(1, exitCode);
        Assert.Contains("the Functions host alone starts the app", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "--functions-uri", "http://127.0.0.1:5000")]
    [InlineData(true, "--functions-uri=http://127.0.0.1:5000")]
    [InlineData(true, "--port", "5000", "--functions-uri", "http://127.0.0.1:5000")]
    [InlineData(false)]
    [InlineData(false, "--port", "5000")]
    [InlineData(false, "--functions-urine", "x")]
    [InlineData(false, "run", "DeleteExpiredComments")]
    public void The_host_tells_by_its_own_argument(bool started, params string[] args) => Assert.Equal(started, FunctionApp.IsStartedByFunctionsHost(args));
}
