using System.Text.RegularExpressions;
using CommentFunctions.Tests.EndToEnd.Support;
using CommentFunctions.Tests.Telemetry.Support;
using Microsoft.Data.Sqlite;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>What a worker tells its host and Application Insights, and where it keeps a SQLite file.</summary>
public sealed class WorkerTests : IDisposable
{
    private readonly AppFolder folder = AppFolder.WithHostJson();

    // As Core Tools lay it out: they build the project to here, empty it before, and start the host in it.
    private string Output => Path.Combine(folder.Path, "App", "bin", "output");

    private string Comments => Path.Combine(folder.Path, ".local", "comments.db");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task No_statement_and_no_line_of_the_web_framework_goes_to_the_host_or_to_Application_Insights()
    {
        await using var ingestion = await Ingestion.StartAsync();
        var lines = await LogOfAStartAsync(
            // Told by the app itself at each start without a schedule.
            () => AppClient.EventuallyAsync(
                () => Task.FromResult(ingestion.Items.Any(item => item.Text.Contains("CommentExpirySchedule is not set", StringComparison.Ordinal))), "the log arrives"),
            ("APPLICATIONINSIGHTS_CONNECTION_STRING", ingestion.ConnectionString), ("TMPDIR", folder.Path));

        Assert.Contains(lines, line => line.Contains("Application started", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, IsOfAFramework);
        Assert.DoesNotContain(ingestion.Items, item => IsOfAFramework(item.Text));
    }

    [Fact]
    public async Task An_operator_can_ask_for_them()
    {
        var lines = await LogOfAStartAsync(() => Task.CompletedTask, ("Logging__LogLevel__Microsoft.EntityFrameworkCore", "Information"));

        Assert.Contains(lines, line => line.Contains("Executed DbCommand", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Comments_outlive_the_builds_that_Core_Tools_make_at_each_start()
    {
        for (var start = 1; start <= 2; start++)
        {
            Build();
            await StartAsync();
            Assert.Equal(start, await AddUserAsync($"user{start}"));
        }

        Assert.False(Directory.Exists(Path.Combine(Output, ".local")));
    }

    [Fact]
    public async Task Comments_that_an_earlier_start_left_in_the_output_are_not_passed_over()
    {
        Build();
        var left = Directory.CreateDirectory(Path.Combine(Output, ".local"));
        await File.WriteAllTextAsync(Path.Combine(left.FullName, "comments.db"), "");
        await using var host = await FunctionsHostStandIn.StartAsync();
        await using var app = AppProcess.Start(folder, host.Arguments, [("AzureWebJobsScriptRoot", Output)]);

        Assert.Equal(1, await app.ExitAsync());

        Assert.Contains($"are in {Path.Combine(left.FullName, "comments.db")}", app.Output, StringComparison.Ordinal);
        Assert.Contains($"keeps them in {Comments}. Move the file", app.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Comments));
    }

    [Theory]
    [InlineData("WEBSITE_INSTANCE_ID")]
    [InlineData("FUNCTIONS_EXTENSION_VERSION")]
    public async Task In_Azure_no_comment_is_kept_on_an_instances_own_disk(string variable)
    {
        await using var host = await FunctionsHostStandIn.StartAsync();
        await using var app = AppProcess.Start(folder, host.Arguments, [(variable, "something")]);

        Assert.Equal(1, await app.ExitAsync());

        var lines = app.Output.Split('\n');
        Assert.Equal(("Cannot start:", 2), (lines[0], lines.Length));
        Assert.Contains("Set Comments:Store to Postgres or Cosmos", lines[1], StringComparison.Ordinal);
        Assert.False(File.Exists(Comments));
    }

    private static bool IsOfAFramework(string line) => Array.Exists(
        ["DbCommand", "Request starting", "Request finished", "Executing endpoint"], text => line.Contains(text, StringComparison.Ordinal));

    private void Build()
    {
        if (Directory.Exists(Output))
        {
            Directory.Delete(Output, recursive: true);
        }

        Directory.CreateDirectory(Output);
        File.WriteAllText(Path.Combine(folder.Path, "App", "App.csproj"), "<Project />");
        File.Copy(Path.Combine(folder.Path, "host.json"), Path.Combine(Output, "host.json"));
    }

    private async Task StartAsync()
    {
        await using var host = await FunctionsHostStandIn.StartAsync();
        await using var app = AppProcess.Start(folder, host.Arguments, [("AzureWebJobsScriptRoot", Output)]);
        await GreetAsync(host, app);
        host.Send(FunctionsHostStandIn.Terminate);
        await app.ExitAsync();
    }

    // A start makes the tables, and a request goes through the web framework.
    private async Task<IReadOnlyList<string>> LogOfAStartAsync(Func<Task> untilDone, params (string Name, string Value)[] settings)
    {
        await using var host = await FunctionsHostStandIn.StartAsync();
        await using var app = AppProcess.Start(folder, host.Arguments, settings);
        List<string> logged = [];
        var address = await GreetAsync(host, app, logged);
        using var http = new HttpClient { BaseAddress = address };
        // No call of the host's belongs to it.
        await http.GetAsync("api/health");
        await untilDone();
        host.Send(FunctionsHostStandIn.Terminate);
        await app.ExitAsync();
        return [.. logged, .. await host.LogToTheEndAsync(), app.Output];
    }

    private static async Task<Uri> GreetAsync(FunctionsHostStandIn host, AppProcess app, List<string>? logged = null)
    {
        await host.ReceiveAsync(FunctionsHostStandIn.StartStream);
        host.Send(FunctionsHostStandIn.InitRequest, "4.1037.0");
        var init = await host.ReceiveAsync(FunctionsHostStandIn.InitResponse, "HttpUri");
        logged?.Add((await host.ReceiveAsync(FunctionsHostStandIn.Log, "Application started", () => app.Output)).Text);
        return new(Regex.Match(init.Text, "http://(127.0.0.1|localhost):[0-9]+").Value);
    }

    private async Task<long> AddUserAsync(string user)
    {
        await using var db = new SqliteConnection($"Data Source={Comments};Pooling=False");
        await db.OpenAsync();
        await using var command = db.CreateCommand();
        command.CommandText = """INSERT INTO "Users" ("UserName") VALUES ($user); SELECT count(*) FROM "Users" """;
        command.Parameters.AddWithValue("$user", user);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
