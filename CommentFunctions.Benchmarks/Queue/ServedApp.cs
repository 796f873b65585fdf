using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using CommentFunctions.Comments;

namespace CommentFunctions.Benchmarks.Queue;

/// <summary>The app as a process of its own on a new folder, as it is run locally, with log levels as in production.</summary>
internal sealed class ServedApp : IAsyncDisposable
{
    private const int Senders = 32;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("queue-");
    private readonly Process process;

    public ServedApp()
    {
        File.WriteAllText(Path.Combine(folder.FullName, "host.json"), """
            {
              "version": "2.0",
              "logging": { "logLevel": { "default": "Warning" } },
              "extensions": { "serviceBus": { "maxConcurrentCalls": 16 } }
            }
            """);
        var start = new ProcessStartInfo("dotnet", [typeof(Comment).Assembly.Location, "--port", "0"]) { RedirectStandardOutput = true };
        start.Environment["AzureWebJobsScriptRoot"] = folder.FullName;
        process = Process.Start(start)!;
        Http = new(new SocketsHttpHandler { MaxConnectionsPerServer = Senders }) { BaseAddress = Address() };
    }

    public HttpClient Http { get; }

    /// <summary>Posts the messages over HTTP and waits until every reply is stored; returns the seconds.</summary>
    public async Task<double> AnswerAsync(IReadOnlyList<string> names)
    {
        var next = -1;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(async _ =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < names.Count;)
            {
                using var body = new StringContent($$"""{"conversation":"c{{i % 500}}","text":"{{names[i]}}"}""", Encoding.UTF8, "application/json");
                using var answer = await Http.PostAsync("api/bot/messages", body);
                answer.EnsureSuccessStatusCode();
            }
        }));
        while (await WaitingAsync() > 0)
        {
            await Task.Delay(20);
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public async Task PostCommentsAsync(int users, int comments)
    {
        for (var i = 0; i < comments; i++)
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, users), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (user, cancel) =>
                (await Http.PostAsJsonAsync("api/comments", new { userName = $"user{user}", text = $"comment {i} of user{user}" }, cancel)).EnsureSuccessStatusCode());
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        folder.Delete(recursive: true);
    }

    private async Task<long> WaitingAsync()
    {
        var queues = (await Http.GetFromJsonAsync<JsonElement>("api/health")).GetProperty("queues");
        return queues.EnumerateObject().Sum(queue => queue.Value.GetProperty("active").GetInt64());
    }

    private Uri Address()
    {
        const string Before = "Serving on ";
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith(Before, StringComparison.Ordinal))
            {
                return new Uri(line[Before.Length..line.IndexOf(' ', Before.Length)]);
            }
        }

        throw new InvalidOperationException("The app does not serve.");
    }
}
