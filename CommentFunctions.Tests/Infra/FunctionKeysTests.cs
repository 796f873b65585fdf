using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using CommentFunctions.Http;
using CommentFunctions.Tests.Data.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.Infra;

/// <summary>The script for Linux and macOS.</summary>
[Requires(Reachable.Curl)]
public sealed class ShellFunctionKeysTests() : FunctionKeysTests("sh", "function-keys.sh");

/// <summary>The script for Windows.</summary>
[Requires(Reachable.Pwsh)]
public sealed class PowerShellFunctionKeysTests() : FunctionKeysTests("pwsh", "function-keys.ps1");

/// <summary>The script that gives functions the keys of their rights, on a stand-in for Azure's management API.</summary>
public abstract class FunctionKeysTests(string shell, string script) : IAsyncLifetime
{
    private const string Token = "a-token-of-azd";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("keys-");
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, string>> keys = new();
    private readonly WebApplication azure = Server();
    private int failures;

    public async Task InitializeAsync()
    {
        foreach (var function in Callers.Rights.Values.SelectMany(functions => functions))
        {
            keys[function] = new() { ["default"] = $"default-of-{function}" };
        }

        const string Functions = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/app/functions/{function}";
        azure.Use(async (http, next) =>
        {
            // A function that was deployed a moment ago.
            var status = http.Request.Headers.Authorization != $"Bearer {Token}" ? 401 : Interlocked.Decrement(ref failures) >= 0 ? 404 : 0;
            if (status == 0)
            {
                await next(http);
            }
            else
            {
                http.Response.StatusCode = status;
            }
        });
        azure.MapPost(Functions + "/listkeys", (string function) => Results.Json(keys[function], new JsonSerializerOptions { WriteIndented = true }));
        azure.MapPut(Functions + "/keys/{name}", (string function, string name, JsonElement body) =>
        {
            var key = body.GetProperty("properties");
            Assert.Equal(name, key.GetProperty("name").GetString());
            keys[function][name] = key.GetProperty("value").GetString()!;
            return Results.Created();
        });
        await azure.StartAsync();
        var azd = Path.Combine(folder.FullName, "azd");
        await File.WriteAllTextAsync(azd, $$"""
            #!/bin/sh
            [ "$*" = "auth token --output json" ] && printf '{\n  "token": "{{Token}}",\n  "expiresOn": "2026-01-15T12:00:00Z"\n}\n'
            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(azd, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
    }

    public async Task DisposeAsync()
    {
        await azure.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [StoreFact]
    public async Task Each_right_gets_one_key_on_all_its_functions_and_no_other_function_has_it()
    {
        var (exitCode, output) = await RunAsync();

        Assert.True(exitCode == 0, output);
        var made = Callers.Rights.ToDictionary(right => right.Key, right => Assert.Single(right.Value.Select(function => keys[function][right.Key]).Distinct()));
        Assert.Distinct(made.Values);
        Assert.All(made.Values, key => Assert.Matches("^[0-9a-f]{64}$", key));
        Assert.All(keys.Values, function => Assert.Equal(2, function.Count));
        AssertNothingIsShown(output);
    }

    [StoreFact]
    public async Task Keys_that_are_there_stay_and_a_function_that_is_new_gets_the_one_of_its_right()
    {
        await RunAsync();
        var before = keys.ToDictionary(function => function.Key, function => function.Value.ToDictionary());
        keys["DropDeadLetter"].TryRemove("operate", out _);

        var (exitCode, output) = await RunAsync();

        Assert.Equal((0, "DropDeadLetter: the key operate is set."), (exitCode, output.Trim()));
        Assert.Equal(before["DropDeadLetter"]["operate"], keys["DropDeadLetter"]["operate"]);
        Assert.All(before, function => Assert.Equal(function.Value.OrderBy(key => key.Key), keys[function.Key].OrderBy(key => key.Key)));
        Assert.Equal((0, ""), await RunAsync());
    }

    [StoreFact]
    public async Task A_right_gets_a_new_key_and_the_others_keep_theirs()
    {
        await RunAsync();
        var (operate, post) = (keys["ListExpiryRuns"]["operate"], keys["PostComment"]["post"]);

        var (exitCode, output) = await RunAsync("operate");

        Assert.True(exitCode == 0, output);
        Assert.NotEqual(operate, keys["ListExpiryRuns"]["operate"]);
        Assert.Single(Callers.Rights["operate"].Select(function => keys[function]["operate"]).Distinct());
        Assert.Equal(post, keys["PostComment"]["post"]);
        AssertNothingIsShown(output);
    }

    [StoreFact]
    public async Task What_it_cannot_do_it_says_and_changes_nothing()
    {
        var (unknown, said) = await RunAsync("operator");
        Assert.Equal(1, unknown);
        Assert.Contains("There is no right operator. The rights are: channels operate post", said, StringComparison.Ordinal);

        // More than there are attempts; then as many as may be.
        failures = 1_000;
        var (failed, why) = await RunAsync();
        Assert.NotEqual(0, failed);
        Assert.Contains("The keys could not be set", why, StringComparison.Ordinal);
        Assert.Contains("azd hooks run postdeploy", why, StringComparison.Ordinal);
        Assert.All(keys.Values, function => Assert.Single(function));

        failures = 1;
        Assert.Equal(0, (await RunAsync()).ExitCode);
    }

    private static WebApplication Server()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder.Build();
    }

    private void AssertNothingIsShown(string output) => Assert.All(
        keys.Values.SelectMany(function => function.Values).Append(Token), secret => Assert.DoesNotContain(secret, output, StringComparison.Ordinal));

    private async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        string[] file = shell == "sh" ? [] : ["-NoProfile", "-File"];
        var start = new ProcessStartInfo(shell, [.. file, Path.Combine(Infrastructure.Repository, "infra", script), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.FullName,
        };
        foreach (var (name, value) in new[]
        {
            ("PATH", $"{folder.FullName}:{Environment.GetEnvironmentVariable("PATH")}"), ("AZURE_SUBSCRIPTION_ID", "s"), ("AZURE_RESOURCE_GROUP", "g"),
            ("AZURE_FUNCTION_APP_NAME", "app"), ("NO_COLOR", "1"), ("COLUMNS", "1000"), ("AZURE_MANAGEMENT_ADDRESS", azure.Urls.Single()), ("KEYS_RETRIES", "1"),
        })
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync() + await error;
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }
}
