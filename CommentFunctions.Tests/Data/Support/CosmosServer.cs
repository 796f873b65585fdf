using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace CommentFunctions.Tests.Data.Support;

/// <summary>
/// A Cosmos DB of a test's own, as strict as the service: Cosmos/Server/README.md. It has three physical partitions, and Microsoft's own
/// parser judges each query.
/// </summary>
public sealed class CosmosServer : IAsyncDisposable
{
    /// <summary>The key that every emulator takes; it is no secret.</summary>
    public const string Key = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly HttpClient http;
    private readonly TcpProxy proxy;
    private readonly List<CosmosClient> clients = [];

    static CosmosServer() =>
        // The client asks the parser that comes with it for the plan of a query, and not the server.
        Environment.SetEnvironmentVariable("AZURE_COSMOS_USE_QUERY_PLAN_INTEROP_LINUX", "true");

    private CosmosServer(Process process, int port)
    {
        this.process = process;
        http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}/"), Timeout = Patience };
        proxy = new("127.0.0.1", port);
    }

    /// <summary>Its address, by a way that can be cut.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{proxy.Port}/");

    public string ConnectionString => $"AccountEndpoint={Address};AccountKey={Key}";

    /// <summary>Why it cannot be had; null if it can.</summary>
    public static string? WhyNot()
    {
        try
        {
            using var node = Process.Start(new ProcessStartInfo("node", ["--version"]) { RedirectStandardOutput = true })!;
            var version = node.StandardOutput.ReadToEnd();
            node.WaitForExit();
            return int.TryParse(version.TrimStart('v').Split('.')[0], out var major) && major >= 20 ? null : $"{Reachable.Cosmos}: node has to be 20 or later.";
        }
        catch (Win32Exception)
        {
            return $"{Reachable.Cosmos}: there is no node on the PATH.";
        }
    }

    public static async Task<CosmosServer> StartAsync(int ranges = 3)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(AppContext.BaseDirectory, "Data", "Cosmos", "Server", "main.js"), "0", "--stdin"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["RANGES"] = ranges.ToString(CultureInfo.InvariantCulture);
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        return new(process, int.Parse(line!.Split(' ')[^1], CultureInfo.InvariantCulture));
    }

    /// <summary>Cuts the way to it, and lets nobody through.</summary>
    public void Cut() => proxy.Cut();

    /// <summary>Lets everybody through again.</summary>
    public void Mend() => proxy.Mend();

    /// <summary>A client; <paramref name="inFront"/> stands between it and the server.</summary>
    public CosmosClient Connect(Func<HttpMessageHandler, HttpMessageHandler>? inFront = null, string key = Key)
    {
        var client = new CosmosClient(Address, key, new()
        {
            ConnectionMode = ConnectionMode.Gateway,
            LimitToEndpoint = true,
            HttpClientFactory = () => new(inFront?.Invoke(new HttpClientHandler()) ?? new HttpClientHandler()),
            MaxRetryAttemptsOnRateLimitedRequests = 1,
        });
        clients.Add(client);
        return client;
    }

    /// <summary>Changes its settings, such as <c>new { rus = 1000, lagMs = 500 }</c>.</summary>
    public Task SetAsync(object settings) => AdminAsync("cfg", settings);

    /// <summary>Injects faults, in place of those before.</summary>
    public Task FailAsync(params object[] rules) => AdminAsync("rules", rules);

    /// <summary>Begins to count requests anew.</summary>
    public Task ResetAsync() => AdminAsync("reset", new { });

    /// <summary>The requests since the last reset, by container, operation and how they ended; those that ask for no items are <c>meta</c>.</summary>
    public async Task<IReadOnlyList<CosmosRequests>> RequestsAsync() =>
        [.. from entry in (await AdminAsync("stats", new { })).GetProperty("stats").EnumerateObject()
            let words = entry.Name.Split(' ')
            where words.Length == 3
            select new CosmosRequests(
                words[0], words[1], words[2], entry.Value.GetProperty("n").GetInt32(), entry.Value.GetProperty("ru").GetDouble())];

    /// <summary>The items of a container.</summary>
    public async Task<List<JsonElement>> ItemsAsync(string database, string container) =>
        [.. (await AdminAsync($"docs/{database}/{container}", new { })).EnumerateArray()];

    public async ValueTask DisposeAsync()
    {
        clients.ForEach(client => client.Dispose());
        http.Dispose();
        proxy.Dispose();
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task<JsonElement> AdminAsync(string command, object body)
    {
        using var answer = await http.PostAsJsonAsync($"__admin/{command}", body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}

/// <summary>Requests of one kind.</summary>
public sealed record CosmosRequests(string Container, string Operation, string Outcome, int Count, double RequestUnits);
