using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.EndToEnd.Support;
using CommentFunctions.Tests.Infra;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>Every function of the app on Cosmos DB, on a server that is as strict as the service.</summary>
[Requires(Reachable.CosmosStore)]
public sealed class CosmosTests : IAsyncLifetime, IDisposable
{
    private readonly AppFolder folder = new();
    private CosmosServer server = null!;

    public async Task InitializeAsync() => server = await CosmosServer.StartAsync();

    public async Task DisposeAsync() => await server.DisposeAsync();

    public void Dispose() => folder.Dispose();

    [StoreFact]
    public Task All_functions_work_on_containers_that_the_app_made() => UseAllAsync(("Comments__CreateSchema", "true"));

    [StoreFact]
    public async Task All_functions_work_on_containers_that_infra_made()
    {
        await DeployAsync();

        await UseAllAsync(("AZURE_COSMOS_OPTIMISTIC_DIRECT_EXECUTION_ENABLED", "true"), ("AZURE_COSMOS_USE_QUERY_PLAN_INTEROP_LINUX", "false"));
    }

    private async Task UseAllAsync(params (string Name, string Value)[] settings)
    {
        await using var services = await ServicesWithTrouble.StartAsync();
        await using var app = await AppProcess.ServeAsync(
            folder, [.. settings, .. services.Settings, ("Comments__Store", "Cosmos"), ("Comments__ConnectionString", server.ConnectionString)]);

        await PostAndListAsync(app.Http);
        await AskOnTheWebAsync(app.Http);
        await AskByServicesAsync(app.Http, services);
        await DeleteAsync(app.Http);
        Assert.Equal("healthy", (await app.Http.GetFromJsonAsync<JsonElement>("api/health")).GetProperty("status").GetString());
        Assert.Empty((await app.Http.GetFromJsonAsync<JsonElement>("api/dead-letters/bot-replies")).GetProperty("deadLetters").EnumerateArray());
        Assert.DoesNotContain((await server.RequestsAsync()).Select(r => r.Outcome), outcome => outcome.StartsWith('5') || outcome == "400");
    }

    private static async Task PostAndListAsync(HttpClient http)
    {
        foreach (var text in new[] { "1", "2", "3" })
        {
            Assert.Equal(HttpStatusCode.Created, (await http.PostCommentAsync("alice", text)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.Created, (await http.PostCommentAsync(new string('語', 150), "größer 😀")).StatusCode);
        Assert.Equal(["3", "2", "1"], await http.CommentsAsync("alice"));
        Assert.Equal(["größer 😀"], await http.CommentsAsync(new string('語', 150)));
        var page = await http.GetFromJsonAsync<JsonElement>("api/users/alice/comments?limit=2");
        var next = await http.GetFromJsonAsync<JsonElement>($"api/users/alice/comments?limit=2&before={page.GetProperty("next").GetString()}");
        Assert.Equal("1", Assert.Single(next.GetProperty("comments").EnumerateArray()).GetProperty("text").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("api/users/nobody/comments")).StatusCode);
    }

    private static async Task AskOnTheWebAsync(HttpClient http)
    {
        await http.AskBotAsync("demo", "alice");
        await AppClient.EventuallyAsync(async () => await http.RepliesAsync("demo") is ["Last comment for alice was 3"], "the bot quotes the comment");
        await http.AskBotAsync("demo", "/last nobody");
        await AppClient.EventuallyAsync(
            async () => await http.RepliesAsync("demo") is ["Last comment for alice was 3", "No comments found for user nobody"], "the bot finds nothing");
    }

    private static async Task AskByServicesAsync(HttpClient http, ServicesWithTrouble services)
    {
        services.Fail(0.1, seed: 1);
        var calls = new WebhookCalls(seed: 1).Mixed(60);
        foreach (var call in calls)
        {
            Assert.True(await call.SendAsync(http));
        }

        var users = calls.Where(call => call.IsGenuine).SelectMany(call => call.Users).Distinct().ToList();
        await AppClient.EventuallyAsync(() => Task.FromResult(services.Count >= users.Count), "each message has its reply");
        Assert.Equal(users.Order(StringComparer.Ordinal), services.Texts.Select(text => text.Split(' ')[^1]).Order(StringComparer.Ordinal));
    }

    private static async Task DeleteAsync(HttpClient http)
    {
        Assert.Equal(4, (await RunAsync(http, "?olderThan=00:00:00&dryRun=true")).GetProperty("wouldDelete").GetInt64());
        Assert.Equal(4, (await RunAsync(http, "?olderThan=00:00:00")).GetProperty("deleted").GetInt64());
        Assert.Empty(await http.CommentsAsync("alice"));
        Assert.Empty(await http.RepliesAsync("demo"));
        Assert.Equal(HttpStatusCode.Accepted, (await http.PostAsJsonAsync("admin/functions/DeleteExpiredComments", new { })).StatusCode);
        await AppClient.EventuallyAsync(async () => (await RunsAsync(http))[0] is "admin succeeded", "the timer's function has run");
        Assert.Equal(["admin succeeded", "address 127.0.0.1 succeeded", "address 127.0.0.1 succeeded"], await RunsAsync(http));
    }

    private static async Task<JsonElement> RunAsync(HttpClient http, string query)
    {
        var answer = await http.PostAsync("api/expiry-runs" + query, null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static async Task<List<string>> RunsAsync(HttpClient http) =>
        [.. (await http.GetFromJsonAsync<JsonElement>("api/expiry-runs")).GetProperty("runs").EnumerateArray()
            .Select(run => $"{run.GetProperty("triggeredBy").GetString()} {run.GetProperty("outcome").GetString()}")];

    // As Azure makes them of what infra/ says.
    private async Task DeployAsync()
    {
        var database = (await server.Connect().CreateDatabaseAsync("comments")).Database;
        foreach (var resource in Infrastructure.Real.Deploy("Cosmos").Resources().Where(r => r.Type.EndsWith("/sqlDatabases/containers", StringComparison.Ordinal)))
        {
            var definition = JObject.FromObject(resource.At("properties", "resource")!);
            await database.CreateContainerAsync(definition.ToObject<ContainerProperties>()!);
        }
    }
}
