using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using CommentFunctions.Data;

namespace CommentFunctions.Benchmarks.Measuring;

/// <summary>The app as a process of its own on these comments, as it is run locally, with log levels as in production.</summary>
internal sealed class ServedApp : IAsyncDisposable
{
    private const int Senders = 32;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("queue-");
    private readonly Process process;
    private readonly HttpClient http;

    /// <param name="connectionString">The comments.</param>
    /// <param name="limited">Whether callers have the usual limits.</param>
    public ServedApp(string connectionString, bool limited = false)
    {
        File.WriteAllText(Path.Combine(folder.FullName, "host.json"), """
            {
              "version": "2.0",
              "logging": { "logLevel": { "default": "Warning" } },
              "extensions": { "serviceBus": { "maxConcurrentCalls": 64 } }
            }
            """);
        var start = new ProcessStartInfo("dotnet", [typeof(Comment).Assembly.Location, "--port", "0"]) { RedirectStandardOutput = true };
        start.Environment["AzureWebJobsScriptRoot"] = folder.FullName;
        start.Environment["Comments__ConnectionString"] = connectionString;
        if (!limited)
        {
            // One address and 500 conversations make all the calls.
            start.Environment["RequestLimits__PerSecondPerAddress"] = "0";
            start.Environment["RequestLimits__PerSecondPerConversation"] = "0";
        }

        process = Process.Start(start)!;
        if (FindAddress() is not { } address)
        {
            process.WaitForExit();
            folder.Delete(recursive: true);
            throw new InvalidOperationException("The app does not serve.");
        }

        http = new() { BaseAddress = address };
    }

    /// <summary>Where it serves.</summary>
    public Uri Address => http.BaseAddress!;

    /// <summary>Posts the messages over HTTP and waits until every reply is stored; returns the seconds.</summary>
    public async Task<double> AnswerAsync(IReadOnlyList<string> names)
    {
        var next = -1;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(async _ =>
        {
            using var client = new MessageClient(http.BaseAddress!);
            await client.ConnectAsync();
            for (int i; (i = Interlocked.Increment(ref next)) < names.Count;)
            {
                Ending.Token.ThrowIfCancellationRequested();
                await client.PostAsync($"c{i % 500}", names[i]);
            }
        }));
        while (await WaitingAsync() > 0)
        {
            await Task.Delay(20, Ending.Token);
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        // Killed, it would leave the files by which the runtime is looked into.
        Ending.Ask(process);
        await process.WaitForExitAsync();
        process.Dispose();
        folder.Delete(recursive: true);
    }

    private async Task<long> WaitingAsync()
    {
        var queues = (await http.GetFromJsonAsync<JsonElement>("api/health")).GetProperty("queues");
        return queues.EnumerateObject().Sum(queue => queue.Value.GetProperty("active").GetInt64());
    }

    private Uri? FindAddress()
    {
        const string Before = "Serving on ";
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith(Before, StringComparison.Ordinal))
            {
                return new Uri(line[Before.Length..line.IndexOf(' ', Before.Length)]);
            }
        }

        return null;
    }
}
