using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CommentFunctions.Data.Cosmos;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Tests.Data.Cosmos;

/// <summary>A start on an account that cannot be used fails within 10 seconds, with one line that names the setting and says what to do.</summary>
[Requires(Reachable.CosmosStore)]
public sealed class CosmosStartTests : IAsyncLifetime
{
    private const string Secret = "aHVudGVyMg==";

    private CosmosServer server = null!;

    public async Task InitializeAsync() => server = await CosmosServer.StartAsync();

    public async Task DisposeAsync() => await server.DisposeAsync();

    [StoreFact]
    public async Task Text_that_is_no_connection_string_is_told()
    {
        foreach (var text in new[]
        {
            "nonsense", $"AccountKey={Secret}", "AccountEndpoint=https://x/", $"AccountEndpoint=x;AccountKey={Secret}", "AccountEndpoint=https://x/;AccountKey=hunter2!",
        })
        {
            Assert.StartsWith("Comments:ConnectionString is not a connection string for Cosmos DB.", await FailAsync(text), StringComparison.Ordinal);
        }
    }

    [StoreFact]
    public async Task An_account_that_is_not_there_is_told() => Assert.StartsWith(
        "Comments:ConnectionString leads to the database comments of the Cosmos DB account at http://127.0.0.1:1/, which cannot be used: ",
        await FailAsync($"AccountEndpoint=http://127.0.0.1:1/;AccountKey={Secret}"),
        StringComparison.Ordinal);

    [StoreFact]
    public async Task An_account_that_never_answers_is_given_up_on()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;

        Assert.Contains("did not answer within 7 s", await FailAsync($"AccountEndpoint=http://127.0.0.1:{port}/;AccountKey={Secret}"), StringComparison.Ordinal);
    }

    [StoreFact]
    public async Task An_account_that_answers_is_waited_for_however_long_the_first_request_takes()
    {
        // The SDK gives its first two requests 5 and 10 seconds; what asks meanwhile whether anybody is there is answered.
        var address = new Uri(server.Address);
        using var proxy = new TcpProxy(address.Host, address.Port) { Silent = 2 };

        await using var app = await TestApp.StartAsync(Settings(
            server.ConnectionString.Replace($":{address.Port}", $":{proxy.Port}", StringComparison.Ordinal), ("Comments:CreateSchema", "true")));

        await app.PostAsync("ann", "late");
    }

    [StoreFact]
    public async Task A_key_of_another_account_is_told() => Assert.Contains(
        "the key is not one of the account's", await FailAsync($"AccountEndpoint={server.Address};AccountKey={Secret}"), StringComparison.Ordinal);

    [StoreFact]
    public async Task A_database_that_is_missing_is_told() => Assert.StartsWith(
        "Comments:Database is 'comments', and the account has no such database", await FailAsync(server.ConnectionString), StringComparison.Ordinal);

    [StoreFact]
    public async Task A_retention_longer_than_the_time_to_live_is_told_where_containers_are_not_made()
    {
        await new CosmosSchema(server.Connect(), "comments", TimeSpan.FromDays(1), isDeleter: false, TimeProvider.System).CreateAsync(default);

        await using (await TestApp.StartAsync(Settings(server.ConnectionString)))
        {
        }

        Assert.StartsWith(
            "Comments:Retention is 3.00:00:00, and by its time to live the container 'comments' drops items",
            await FailAsync(server.ConnectionString, ("Comments:Retention", "3.00:00:00")),
            StringComparison.Ordinal);
    }

    private static Dictionary<string, string?> Settings(string connectionString, params (string Name, string Value)[] more) =>
        new(more.Select(s => new KeyValuePair<string, string?>(s.Name, s.Value)))
        {
            ["Comments:Store"] = "Cosmos",
            ["Comments:ConnectionString"] = connectionString,
        };

    private static async Task<string> FailAsync(string connectionString, params (string Name, string Value)[] more)
    {
        var start = Stopwatch.GetTimestamp();
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => TestApp.StartAsync(Settings(connectionString, more)));

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        var line = Assert.Single(failure.Failures);
        Assert.DoesNotContain(Secret, line, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        return line;
    }
}
