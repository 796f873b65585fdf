using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using CommentFunctions.Data;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.EndToEnd.Support;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>What a start says that cannot succeed, or is told to stop.</summary>
public sealed class StartTests : IDisposable
{
    private readonly AppFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_start_that_is_told_to_stop_stops_without_a_stack_trace(string signal)
    {
        // A server that takes the connection and says nothing: the start waits for it.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var app = AppProcess.Start(
            folder,
            ["--port", "0"],
            [("Comments__Store", "Postgres"), ("Comments__ConnectionString", $"Host=127.0.0.1;Port={((IPEndPoint)silent.LocalEndpoint).Port};Database=d;Username=u;Password=p")]);
        using var connection = await silent.AcceptTcpClientAsync();

        Assert.Equal(130, await app.TerminateAsync(signal));

        Assert.Equal("Stopped before the start was complete.", app.Output);
    }

    [Fact]
    public async Task Everything_that_is_wrong_with_the_settings_is_said_at_once()
    {
        var (exitCode, output) = await AppProcess.RunAsync(
            folder, [], ("Comments__Retention", "soon"), ("Channels__Telegrm__BotToken", "123:abc"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "nowhere"));

        Assert.Equal(1, exitCode);
        var lines = output.Split('\n');
        Assert.Equal(("Cannot start:", 4), (lines[0], lines.Length));
        foreach (var setting in new[] { "Comments:Retention", "Channels:Telegrm:BotToken", "OTEL_EXPORTER_OTLP_ENDPOINT" })
        {
            Assert.Single(lines, line => line.Contains(setting, StringComparison.Ordinal));
        }
    }

    [Fact]
    public Task Settings_that_would_be_ignored_or_never_work_end_the_start_with_a_line_each() => AssertRefusedAsync(
        ("Comments__Retenshun", "6:00:00", "Comments:Retenshun is no setting. The nearest one is Comments:Retention:"),
        ("comments__retension", "", "Comments:retension is no setting. The nearest one is Comments:Retention:"),
        ("Comments__Retention__Days", "1", "Comments:Retention:Days is no setting. The nearest one is Comments:Retention:"),
        ("Channels__Telegrm__BotToken", "1:a", "Channels:Telegrm:BotToken is no setting. The nearest one is Channels:Telegram:BotToken:"),
        ("Channels__Signal__BotToken", "1:a", "Channels:Signal:BotToken is no setting. The nearest one is "),
        ("Channels__Signal", "on", "Channels:Signal is no setting. The nearest one is "),
        ("LocalRuntime__FunctonKey", "k", "LocalRuntime:FunctonKey is no setting. The nearest one is LocalRuntime:FunctionKey:"),
        ("LocalRuntime__Keys__operator", "k", "LocalRuntime:Keys:operator is no setting. The nearest one is LocalRuntime:Keys:operate:"),
        ("RequestLimits__PerSecondPerAddress", "many", "RequestLimits:PerSecondPerAddress is 'many'. Allowed: a whole number from 1 to 1000000, or 0 for no limit."),
        ("RequestLimits__PerSecondPerConversation", "-1", "RequestLimits:PerSecondPerConversation is '-1'. Allowed: a whole number from 1 to 1000000, or 0 for no limit."),
        ("RequestLimits__PerAddress", "1", "RequestLimits:PerAddress is no setting. The nearest one is RequestLimits:PerSecondPerAddress:"));

    /// <summary>What is found where others are not looked for any more, and one that is found like those above.</summary>
    [Theory]
    [InlineData("Channels__Telegrm__BotToken", "1:a", "Channels:Telegrm:BotToken is no setting. The nearest one is Channels:Telegram:BotToken:")]
    [InlineData("LocalRuntime__Keys__operate", "k", "LocalRuntime:Keys:operate is too short; it must be at least 32 characters")]
    [InlineData("Channels__Web__Enabled", "perhaps", "'perhaps' at 'Channels:Web:Enabled'")]
    [InlineData("CommentExpirySchedule", "0 0 0 31 2 *", "'0 0 0 31 2 *' (from %CommentExpirySchedule%), which never comes due;")]
    [InlineData("Comments__CreateSchema", "perhaps", "'perhaps' at 'Comments:CreateSchema'")]
    public Task A_setting_that_would_be_ignored_or_never_work_ends_the_start_with_one_line(string name, string value, string said) =>
        AssertRefusedAsync((name, value, said));

    [Fact]
    public async Task Settings_are_known_whatever_their_case_and_those_of_other_programs_are_nobodys_concern()
    {
        await using var app = await AppProcess.ServeAsync(
            folder, ("COMMENTS__RETENTION", "06:00:00"), ("channels__telegram__timeout", "00:00:05"), ("CommentsUrl", "x"), ("COMMENTS_PORT", "80"), ("COMMENTS", "x"));

        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("api/health")).StatusCode);
    }

    [Fact]
    public async Task The_example_settings_are_ones_to_start_with_and_switch_nothing_off()
    {
        File.Copy(Repository.File("local.settings.json.example"), Path.Combine(folder.Path, "local.settings.json"));

        await using var app = await AppProcess.ServeAsync(folder);

        var health = await app.Http.GetFromJsonAsync<JsonElement>("api/health");
        Assert.Equal(("healthy", 0), (health.GetProperty("status").GetString(), health.GetProperty("disabled").GetArrayLength()));
    }

    [Fact]
    public async Task A_full_standard_output_keeps_nothing_from_working_or_stopping()
    {
        var port = FreePort();
        // Not by AppProcess, which would read the output.
        using var app = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
            "sh", ["-c", "exec dotnet \"$0\" --port \"$1\" >/dev/full 2>&1", AppProcess.Assembly, $"{port}"])
        {
            Environment = { ["AzureWebJobsScriptRoot"] = folder.Path },
        })!;
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await AppClient.EventuallyAsync(() => IsServedAsync(http), "the app serves");
        Assert.Equal(HttpStatusCode.Created, (await http.PostCommentAsync("alice", "Hello")).StatusCode);

        using var kill = System.Diagnostics.Process.Start("kill", ["-TERM", $"{app.Id}"]);
        await app.WaitForExitAsync();

        Assert.Equal(0, app.ExitCode);
    }

    private async Task AssertRefusedAsync(params (string Name, string Value, string Said)[] settings)
    {
        var (exitCode, output) = await AppProcess.RunAsync(folder, ["--port", "0"], [.. settings.Select(setting => (setting.Name, setting.Value))]);

        Assert.Equal(1, exitCode);
        var lines = output.Split('\n');
        Assert.Equal(("Cannot start:", 1 + settings.Length), (lines[0], lines.Length));
        foreach (var (_, _, said) in settings)
        {
            Assert.Single(lines, line => line.Contains(said, StringComparison.Ordinal));
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static async Task<bool> IsServedAsync(HttpClient http)
    {
        try
        {
            return (await http.GetAsync("api/health")).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}

/// <summary>Disks on which an app cannot keep its state.</summary>
[Requires(Reachable.Mounts)]
public sealed class StateDiskTests : IDisposable
{
    private readonly AppFolder folder = new();

    private string State => Path.Combine(folder.Path, ".local");

    public void Dispose() => folder.Dispose();

    [StoreFact]
    public Task A_full_disk_ends_the_start_with_a_line_about_it() =>
        AssertRefusedAsync($"mkdir '{State}' && mount -t tmpfs -o size=16k none '{State}' && {{ cat /dev/zero >'{State}/full' 2>/dev/null || true; }}", "Free some space");

    [StoreFact]
    public Task A_disk_that_is_too_small_for_the_queues_ends_the_start_with_a_line_about_it() =>
        AssertRefusedAsync($"mkdir '{State}' && mount -t tmpfs -o size=32k none '{State}'", "Free some space on its disk");

    [StoreFact]
    public Task A_read_only_disk_ends_the_start_with_a_line_about_it() =>
        AssertRefusedAsync($"mkdir '{State}' && touch '{State}/runtime.lock' && echo 4711 >'{State}/runtime.pid' && mount --bind '{State}' '{State}' && mount -o remount,bind,ro '{State}'", "Read-only");

    private async Task AssertRefusedAsync(string shell, string said)
    {
        await using var app = AppProcess.Start(folder, ["--port", "0"], [("Comments__ConnectionString", $"Data Source={folder.Path}/comments.db")], shell);

        Assert.Equal(1, await app.ExitAsync());

        var lines = app.Output.Split('\n');
        Assert.Equal(("Cannot start:", 2), (lines[0], lines.Length));
        Assert.Contains(State, lines[1], StringComparison.Ordinal);
        Assert.Contains(said, lines[1], StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("4711", lines[1], StringComparison.Ordinal);
    }
}
