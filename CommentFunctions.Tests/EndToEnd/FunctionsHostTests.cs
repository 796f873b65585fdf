using System.Net.Sockets;
using System.Text;
using CommentFunctions.Expiry;
using CommentFunctions.Tests.EndToEnd.Support;
using Functions.LocalRuntime.Hosting;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>One program under either host.</summary>
public sealed class FunctionsHostTests : IDisposable
{
    private const string NoSchedule = "CommentExpirySchedule is not set";

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

    [Theory]
    [InlineData("Comments__Retention", "soon", "Comments:Retention is 'soon'")]
    [InlineData("Comments__CreateSchema", "perhaps", "'perhaps' at 'Comments:CreateSchema'")]
    [InlineData("CommentExpirySchedule", "0 0 0 31 2 *", "CommentExpirySchedule is '0 0 0 31 2 *', which never comes due")]
    [InlineData("COMMENTS__Retenshun", "6:00:00", "Comments:Retenshun is no setting. The nearest one is Comments:Retention:")]
    [InlineData("LocalRuntime__MasterKay", "k", "LocalRuntime:MasterKay is no setting. The nearest one is LocalRuntime:MasterKey:")]
    public async Task A_senseless_setting_is_one_line_there_too(string name, string value, string said)
    {
        await using var host = await FunctionsHostStandIn.StartAsync();
        await using var app = AppProcess.Start(folder, host.Arguments, [(name, value)]);

        Assert.Equal(1, await app.ExitAsync());

        var lines = app.Output.Split('\n');
        Assert.Equal(("Cannot start:", 2), (lines[0], lines.Length));
        Assert.Contains(said, lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_timer_without_a_schedule_and_a_channel_without_its_secrets_are_errors_in_the_log_while_the_worker_serves()
    {
        const string Reference = "@Microsoft.KeyVault(VaultName=kv;SecretName=s)";
        await using var host = await FunctionsHostStandIn.StartAsync();
        await using var app = AppProcess.Start(
            folder, host.Arguments, [("Channels__Telegram__BotToken", Reference), ("Channels__Telegram__WebhookSecret", Reference)]);
        await host.ReceiveAsync(FunctionsHostStandIn.StartStream);
        host.Send(FunctionsHostStandIn.InitRequest, "4.1037.0");

        List<string> logged = [];
        await host.ReceiveAsync(FunctionsHostStandIn.Log, "Application started", () => app.Output, logged.Add);

        // The host leaves such a timer out.
        Assert.Single(logged, line => line.Contains(NoSchedule, StringComparison.Ordinal));
        foreach (var setting in new[] { "BotToken", "WebhookSecret" })
        {
            Assert.Single(logged, line => line.Contains($"The channel telegram is off: Channels:Telegram:{setting} is a Key Vault reference", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_bot_is_not_polled_by_workers_of_which_there_may_be_several_and_the_log_says_why()
    {
        await using var host = await FunctionsHostStandIn.StartAsync();
        await using var app = AppProcess.Start(
            folder,
            host.Arguments,
            [
                ("Channels__Telegram__BotToken", "123456:ABC"), ("Channels__Telegram__Receive", "Polling"),
                ("Channels__Signal__ApiAddress", "http://localhost:8080"), ("Channels__Signal__Number", "+4312345"), ("Channels__Signal__Receive", "Polling"),
                (ExpirySchedule.Setting, "0 0 4 * * *"),
            ]);
        await host.ReceiveAsync(FunctionsHostStandIn.StartStream);
        host.Send(FunctionsHostStandIn.InitRequest, "4.1037.0");

        List<string> logged = [];
        await host.ReceiveAsync(FunctionsHostStandIn.Log, "Application started", () => app.Output, logged.Add);

        foreach (var name in new[] { "Telegram", "Signal" })
        {
            Assert.Single(logged, line => line.Contains(
                $"The channel {name.ToLowerInvariant()} is off: Channels:{name}:Receive is Polling, which takes one process", StringComparison.Ordinal));
        }

        Assert.DoesNotContain(logged, line => line.Contains(NoSchedule, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_body_of_any_size_leaves_the_connection_to_the_host_whole()
    {
        await using var host = await FunctionsHostStandIn.StartAsync();
        await using var app = AppProcess.Start(folder, host.Arguments);
        await host.ReceiveAsync(FunctionsHostStandIn.StartStream);
        host.Send(FunctionsHostStandIn.InitRequest, "4.1037.0");
        var init = await host.ReceiveAsync(FunctionsHostStandIn.InitResponse, "HttpUri");
        var worker = new Uri(System.Text.RegularExpressions.Regex.Match(init.Text, "http://127.0.0.1:[0-9]+|http://localhost:[0-9]+").Value);
        await host.ReceiveAsync(FunctionsHostStandIn.Log, "Application started", () => app.Output);
        using var connection = new TcpClient();
        await connection.ConnectAsync(worker.Host, worker.Port);
        var stream = connection.GetStream();
        using var reader = new StreamReader(stream);

        for (var request = 0; request < 2; request++)
        {
            const int Length = 31_000_000;
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /api/comments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {Length}\r\n\r\n"));
            await stream.WriteAsync(new byte[Length]);
            // No call of the host's belongs to it.
            Assert.Equal("HTTP/1.1 500 Internal Server Error", await reader.ReadLineAsync());
            while (await reader.ReadLineAsync() is { Length: > 0 })
            {
                // The answer has headers alone.
            }
        }
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
