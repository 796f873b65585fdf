using System.Net.Http.Json;
using System.Text.Json;

namespace CommentFunctions.Benchmarks.Cosmos;

/// <summary>Steers the strict server of the tests, and reads what was asked of it.</summary>
internal sealed class CosmosAdmin(Uri address) : IDisposable
{
    /// <summary>The variable that has its address.</summary>
    public const string Variable = "COMMENTS_BENCH_COSMOS";

    // The key that every emulator takes; it is no secret.
    private const string Key = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

    private readonly HttpClient http = new() { BaseAddress = address };

    public string ConnectionString => $"AccountEndpoint={address};AccountKey={Key}";

    public Task SetAsync(object settings) => PostAsync("cfg", settings);

    public Task ResetAsync() => PostAsync("reset", new { });

    /// <summary>Requests and request units since the last reset, without those that ask for no items; of these kinds, or of all.</summary>
    public async Task<(int Requests, double Units)> SpentAsync(params string[] kinds)
    {
        var stats = (await PostAsync("stats", new { })).GetProperty("stats").EnumerateObject()
            .Where(entry => !entry.Name.Contains(" meta ", StringComparison.Ordinal))
            .Where(entry => kinds.Length == 0 || Array.Exists(kinds, kind => entry.Name.StartsWith(kind, StringComparison.Ordinal)))
            .ToList();
        return (stats.Sum(entry => entry.Value.GetProperty("n").GetInt32()), stats.Sum(entry => entry.Value.GetProperty("ru").GetDouble()));
    }

    public void Dispose() => http.Dispose();

    private async Task<JsonElement> PostAsync(string command, object body)
    {
        using var answer = await http.PostAsJsonAsync($"__admin/{command}", body);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }
}
