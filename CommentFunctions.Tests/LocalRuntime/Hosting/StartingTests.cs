using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CommentFunctions.Tests.LocalRuntime.Support;
using Functions.LocalRuntime.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Tests.LocalRuntime.Hosting;

public sealed class StartingTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_second_server_on_the_same_state_is_refused_with_the_first_ones_process()
    {
        await using var first = await LocalApp.StartAsync([typeof(Empty)], folder: folder);

        var refusal = await Assert.ThrowsAsync<StartupException>(() => LocalApp.StartAsync([typeof(Empty)], folder: folder));

        Assert.Equal(
            $"Another process (number {Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}) already serves from {folder.File(".local")}. Stop it, or set LocalRuntime:Folder to another folder.",
            Assert.Single(refusal.Messages));
        Assert.Equal(HttpStatusCode.OK, (await first.Http.GetAsync("api/Empty")).StatusCode);
    }

    [Fact]
    public async Task After_a_stop_the_state_is_free_again_and_another_folder_always_is()
    {
        await using (await LocalApp.StartAsync([typeof(Empty)], folder: folder))
        {
            await using var elsewhere = await LocalApp.StartAsync([typeof(Empty)], new() { ["LocalRuntime:Folder"] = "elsewhere" }, folder: folder);
            Assert.True(File.Exists(folder.File("elsewhere/runtime.db")));
        }

        await using var next = await LocalApp.StartAsync([typeof(Empty)], folder: folder);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var refusal = await Assert.ThrowsAsync<StartupException>(() => LocalApp.StartAsync([typeof(Empty)], port: port));

        var message = Assert.Single(refusal.Messages);
        Assert.StartsWith($"http://127.0.0.1:{port} cannot be used (", message, StringComparison.Ordinal);
        Assert.EndsWith("Choose another with --port or --urls.", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named()
    {
        File.WriteAllText(folder.File("file"), "");

        var refusal = await Assert.ThrowsAsync<StartupException>(
            () => LocalApp.StartAsync([typeof(Empty)], new() { ["LocalRuntime:Folder"] = "file/state" }, folder: folder));

        Assert.Contains(folder.File("file/state"), Assert.Single(refusal.Messages), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("host.json", "{ not json")]
    [InlineData("host.json", "[]")]
    [InlineData("local.settings.json", "{ not json")]
    public void A_file_that_is_not_JSON_is_named(string name, string content)
    {
        File.WriteAllText(folder.File(name), content);

        var refusal = Assert.Throws<StartupException>(() => new ScriptRoot(folder.Path));

        Assert.StartsWith(folder.File(name), Assert.Single(refusal.Messages), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "functionTimeout": "soon" }""", "functionTimeout")]
    [InlineData("""{ "functionTimeout": 5 }""", "functionTimeout")]
    [InlineData("""{ "functionTimeout": "-00:05:00" }""", "functionTimeout")]
    [InlineData("""{ "functionTimeout": "00:00:00" }""", "functionTimeout")]
    [InlineData("""{ "extensions": { "serviceBus": { "maxAutoLockRenewalDuration": "5 minutes" } } }""", "maxAutoLockRenewalDuration")]
    [InlineData("""{ "extensions": { "serviceBus": { "maxConcurrentCalls": 0 } } }""", "maxConcurrentCalls")]
    [InlineData("""{ "extensions": { "serviceBus": { "maxConcurrentCalls": "many" } } }""", "maxConcurrentCalls")]
    [InlineData("""{ "extensions": { "serviceBus": { "autoCompleteMessages": "yes" } } }""", "autoCompleteMessages")]
    [InlineData("""{ "extensions": { "http": { "routePrefix": 1 } } }""", "routePrefix")]
    [InlineData("""{ "extensions": { "http": { "routePrefix": "/admin" } } }""", "routePrefix")]
    public void A_value_of_host_json_that_makes_no_sense_is_named(string hostJson, string name)
    {
        File.WriteAllText(folder.File("host.json"), hostJson);

        var refusal = Assert.Throws<StartupException>(() => HostJsonOptions.From(new ScriptRoot(folder.Path).HostJson));

        Assert.StartsWith($"host.json: {name} is ", Assert.Single(refusal.Messages), StringComparison.Ordinal);
    }

    [Fact]
    public void Values_of_host_json_are_read_and_have_the_hosts_own_defaults()
    {
        Assert.Equal(
            new("api", TimeSpan.FromMinutes(30), 16 * Environment.ProcessorCount, true, TimeSpan.FromMinutes(5)),
            HostJsonOptions.From(new ScriptRoot(folder.Path).HostJson));

        File.WriteAllText(folder.File("host.json"), """
            {
              "functionTimeout": "-1",
              "extensions": {
                "http": { "routePrefix": "" },
                "serviceBus": { "maxConcurrentCalls": 4, "autoCompleteMessages": false, "maxAutoLockRenewalDuration": "-1" }
              }
            }
            """);
        Assert.Equal(
            new("", Timeout.InfiniteTimeSpan, 4, false, Timeout.InfiniteTimeSpan),
            HostJsonOptions.From(new ScriptRoot(folder.Path).HostJson));
    }

    [Theory]
    [InlineData("LockDuration", "soon")]
    [InlineData("LockDuration", "00:00:00")]
    [InlineData("LockDuration", "-00:01:00")]
    [InlineData("MaxDeliveryCount", "0")]
    [InlineData("MaxDeliveryCount", "ten")]
    [InlineData("DuplicateDetectionWindow", "-00:00:01")]
    [InlineData("MessageTimeToLive", "00:00:00")]
    [InlineData("ShutdownTimeout", "-00:00:01")]
    [InlineData("ShutdownTimeout", "100.00:00:00")]
    public void A_setting_of_the_runtime_that_makes_no_sense_is_named(string name, string value)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([KeyValuePair.Create($"LocalRuntime:{name}", (string?)value)]).Build();

        var refusal = Assert.Throws<StartupException>(() => LocalRuntimeOptions.From(configuration, folder.Path));

        Assert.StartsWith($"LocalRuntime:{name} is '{value}'; it must be ", Assert.Single(refusal.Messages), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_of_the_app_are_validated_before_anything_starts()
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => LocalApp.StartAsync([typeof(Empty)], folder: folder, configure: builder =>
            builder.Services.AddOptions<AppOptions>().Validate(options => options.Number > 0, "App:Number must be positive.").ValidateOnStart()));

        Assert.Equal(["App:Number must be positive."], refusal.Failures);
        Assert.False(Directory.Exists(folder.File(".local")));
    }

    [Fact]
    public async Task Settings_come_from_local_settings_json_and_comments_in_it_do_no_harm()
    {
        await using var app = await LocalApp.StartAsync([typeof(Empty)], new() { ["Comments:Store"] = "Sqlite", ["Flat"] = "1" });

        var configuration = app.Services.GetRequiredService<IConfiguration>();
        Assert.Equal(("Sqlite", "1"), (configuration["Comments:Store"], configuration["Flat"]));

        File.WriteAllText(folder.File("local.settings.json"), """{ /* why */ "Values": { "A": "b", }, "Host": { "LocalHttpPort": 7072 } }""");
        var root = new ScriptRoot(folder.Path);
        Assert.Equal([KeyValuePair.Create("A", (string?)"b")], root.Values);
        Assert.Equal(7072, root.Port);
    }

    [Theory]
    [InlineData("App/bin/output", "")]
    [InlineData("App/bin/azure/Debug/net10.0", "")]
    [InlineData("App/bin/publish", "App", "App/host.json")]
    [InlineData("App", "App")]
    [InlineData("wwwroot", "wwwroot")]
    [InlineData("usr/bin", "usr/bin")]
    public void Files_that_are_to_last_are_not_in_the_output_of_a_build(string scriptRoot, string lasting, string? inTheProject = null)
    {
        Directory.CreateDirectory(folder.File(scriptRoot));
        Directory.CreateDirectory(folder.File("App"));
        File.WriteAllText(folder.File("App/App.csproj"), "<Project />");
        foreach (var hostJson in new[] { "host.json", $"{scriptRoot}/host.json", inTheProject ?? "host.json" })
        {
            File.WriteAllText(folder.File(hostJson), "{}");
        }

        Assert.Equal(Path.GetFullPath(folder.File(lasting)).TrimEnd('/'), new ScriptRoot(folder.File(scriptRoot)).LastingPath);
    }

    private sealed class AppOptions
    {
        public int Number { get; set; }
    }

    private static class Empty
    {
        [Function("Empty")]
        public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => Results.Ok();
    }
}
