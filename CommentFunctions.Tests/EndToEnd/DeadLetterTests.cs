using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Bot;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using CommentFunctions.Tests.EndToEnd.Support;
using Functions.LocalRuntime.Queues;

namespace CommentFunctions.Tests.EndToEnd;

public sealed class DeadLetterTests : IDisposable
{
    private const string Secret = "a sentence that is nowhere else";

    private readonly AppFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task An_operator_lists_replays_and_drops_what_the_bot_gave_up_on()
    {
        await using var app = await AppProcess.ServeAsync(folder, ("Logging__LogLevel__CommentFunctions.DeadLetters", "Information"));
        await folder.UseQueuesAsync(queues => queues.SendAsync(
            QueueNames.Messages, [Message("fax:1", "fax", Secret), Message("fax:2", "fax", Secret), Raw("fax:3", Secret), Message("fax:4", "fax", Secret)]));
        await AppClient.EventuallyAsync(async () => (await ListAsync(app.Http)).Count == 4, "all are given up on");
        var letters = await ListAsync(app.Http);

        Assert.Equal(["fax:1", "fax:2", "fax:3", "fax:4"], letters.Select(l => l.GetProperty("messageId").GetString()));
        Assert.Equal(
            ["UnknownChannel", "UnknownChannel", "MalformedMessage", "UnknownChannel"], letters.Select(l => l.GetProperty("reason").GetString()));

        // Still to an unknown channel: it is given up on again, under a new number.
        var first = letters[0].GetProperty("sequenceNumber").GetInt64();
        using var replayed = await app.Http.PostAsync($"api/dead-letters/bot-messages/{first}/replay", null);
        Assert.Equal(HttpStatusCode.OK, replayed.StatusCode);
        await AppClient.EventuallyAsync(async () => (await ListAsync(app.Http)).Count == 4, "it is given up on again");
        letters = await ListAsync(app.Http);
        Assert.Equal(["fax:2", "fax:3", "fax:4", "fax:1"], letters.Select(l => l.GetProperty("messageId").GetString()));

        var second = letters[0].GetProperty("sequenceNumber").GetInt64();
        Assert.Equal(HttpStatusCode.NoContent, (await app.Http.DeleteAsync($"api/dead-letters/bot-messages/{second}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.DeleteAsync($"api/dead-letters/bot-messages/{second}")).StatusCode);
        using var all = await app.Http.PostAsync("api/dead-letters/bot-messages/replay", null);
        Assert.Equal(
            """{"queue":"bot-messages","replayed":3,"left":0,"more":false}""", await all.Content.ReadAsStringAsync());
        await AppClient.EventuallyAsync(
            () => Task.FromResult(app.Output.Contains("of bot-messages (fax:4) was sent again by address 127.0.0.1.", StringComparison.Ordinal)
                && app.Output.Contains($"Dead letter {second} of bot-messages (fax:2) is dropped by address 127.0.0.1.", StringComparison.Ordinal)),
            "the log says who did it");
        Assert.DoesNotContain(Secret, app.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(letters, l => l.GetRawText().Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_same_is_done_by_commands_without_a_server()
    {
        await GiveUpOnAsync([Message("web:1", "web", Secret), Raw("web:2", Secret)]);

        var (listed, list) = await AppProcess.RunAsync(folder, ["run", "ListDeadLetters", "--queue", "bot-messages"]);
        var (dropped, said) = await AppProcess.RunAsync(folder, ["run", "DropDeadLetter", "--queue", "bot-messages", "--sequenceNumber", "2"]);
        var (missing, problem) = await AppProcess.RunAsync(folder, ["run", "DropDeadLetter", "--queue", "bot-messages", "--sequenceNumber", "2"]);
        var (one, result) = await AppProcess.RunAsync(folder, ["run", "ReplayDeadLetter", "--queue", "bot-messages", "--sequenceNumber", "1"]);
        var (all, counts) = await AppProcess.RunAsync(folder, ["run", "ReplayDeadLetters", "--queue", "bot-messages"]);
        var (unnamed, hint) = await AppProcess.RunAsync(folder, ["run", "ReplayDeadLetters"]);

        Assert.Equal((0, 0, 1, 0, 0, 1), (listed, dropped, missing, one, all, unnamed));
        Assert.Contains("\"reason\":\"Refused\"", list, StringComparison.Ordinal);
        Assert.Contains("DropDeadLetter succeeded.", said, StringComparison.Ordinal);
        Assert.Contains("bot-messages has no dead letter 2", problem, StringComparison.Ordinal);
        Assert.Contains("\"replayed\":1", result, StringComparison.Ordinal);
        Assert.Contains("\"replayed\":0", counts, StringComparison.Ordinal);
        Assert.Contains("ReplayDeadLetters needs --queue;", hint, StringComparison.Ordinal);
        Assert.All([list, said, problem, result, counts], output => Assert.DoesNotContain(Secret, output, StringComparison.Ordinal));
        await folder.UseQueuesAsync(async queues => Assert.Equal(new(1, 0, 0), await queues.CountAsync("bot-messages")));
    }

    [Fact]
    public async Task What_took_the_app_down_each_time_is_warned_of_once_with_what_to_do()
    {
        await using (await AppProcess.ServeAsync(folder))
        {
        }

        await folder.UseQueuesAsync(async queues =>
        {
            await queues.SendAsync(QueueNames.Messages, [Message("web:poison", "web", Secret)]);
            for (var delivery = 1; delivery <= 10; delivery++)
            {
                Assert.Single(await queues.ReceiveAsync(QueueNames.Messages, 1));
                await queues.ReleaseLocksAsync();
            }
        });

        await using var app = await AppProcess.ServeAsync(folder);
        await AppClient.EventuallyAsync(() => Task.FromResult(Warnings().Any()), "the start warns");
        var warning = Warnings().First();
        Assert.Contains("web:poison of bot-messages is dead-lettered after 10 deliveries: MaxDeliveryCountExceeded", warning, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, app.Output, StringComparison.Ordinal);

        // Mended: it is answered, and given up on no more.
        using var replayed = await app.Http.PostAsync(Regex.Match(warning, "POST /(api/\\S+) sends it again").Groups[1].Value, null);
        Assert.Equal(HttpStatusCode.OK, replayed.StatusCode);
        await AppClient.EventuallyAsync(async () => (await app.Http.RepliesAsync("c")).Count == 1, "it is answered");
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.DeleteAsync(Regex.Match(warning, "DELETE /(api/\\S+) removes it").Groups[1].Value)).StatusCode);
        Assert.Single(Warnings());

        IEnumerable<string> Warnings() => app.Output.Split('\n').Where(line => line.Contains(" warn: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_replay_that_is_killed_in_the_middle_loses_nothing_and_makes_no_second_reply()
    {
        const int Messages = 600;
        // What the killed run had locked comes back soon.
        (string, string)[] settings = [("LocalRuntime__LockDuration", "00:00:03")];
        await GiveUpOnAsync([.. Enumerable.Range(0, Messages).Select(i => Message($"web:{i}", "web", "nobody", $"c{i}"))]);
        await using (var app = await AppProcess.ServeAsync(folder, settings))
        {
            var replay = app.Http.PostAsync("api/dead-letters/bot-messages/replay", null);
            await folder.UseQueuesAsync(queues => AppClient.EventuallyAsync(
                async () => (await queues.CountAsync("bot-messages")).DeadLettered < Messages, "the replay has begun"));
            await app.KillAsync();
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => replay);
        }

        await using var again = await AppProcess.ServeAsync(folder, settings);
        await AppClient.EventuallyAsync(
            async () =>
            {
                using var answer = await again.Http.PostAsync("api/dead-letters/bot-messages/replay", null);
                return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("left").GetInt32() == 0;
            },
            "the rest is replayed");
        await folder.UseQueuesAsync(queues => AppClient.EventuallyAsync(
            async () => await queues.CountAsync("bot-messages") == new QueueCounts(0, 0, 0) && await queues.CountAsync("bot-replies") == new QueueCounts(0, 0, 0),
            "every message and reply is worked on"));
        for (var i = 0; i < Messages; i++)
        {
            Assert.Equal(["No comments found for user nobody"], await again.Http.RepliesAsync($"c{i}"));
        }
    }

    private static async Task<List<JsonElement>> ListAsync(HttpClient http)
    {
        var page = await http.GetFromJsonAsync<JsonElement>("api/dead-letters/bot-messages?limit=100");
        return [.. page.GetProperty("deadLetters").EnumerateArray()];
    }

    private Task GiveUpOnAsync(IReadOnlyCollection<ServiceBusMessage> messages) => folder.UseQueuesAsync(async queues =>
    {
        await queues.SendAsync(QueueNames.Messages, messages);
        foreach (var message in await queues.ReceiveAsync(QueueNames.Messages, messages.Count))
        {
            await queues.DeadLetterAsync(message, MessageProperties.WriteDeadLetter([], "Refused", "For a test."));
        }
    });

    private static ServiceBusMessage Message(string id, string channel, string text, string conversation = "c") =>
        Raw(id, JsonSerializer.Serialize(new BotMessage(channel, conversation, "s", text, DateTimeOffset.UtcNow), ApiJson.Writing));

    private static ServiceBusMessage Raw(string id, string body) => new(body) { MessageId = id };
}

[Collection(RunningAppGroup.Name)]
public sealed class DeadLetterRefusalTests(RunningApp running)
{
    [Theory]
    [InlineData("GET", "bot-letters", 404, "bot-messages and bot-replies")]
    [InlineData("GET", "bot-replies?limit=0", 400, "limit is not a number from 1 to 100")]
    [InlineData("GET", "bot-replies?from=first", 400, "from is not a sequence number")]
    [InlineData("POST", "bot-replies/first/replay", 400, "names no sequence number")]
    [InlineData("POST", "bot-replies/7/replay", 404, "bot-replies has no dead letter 7")]
    [InlineData("DELETE", "bot-replies/-1", 400, "names no sequence number")]
    public async Task What_cannot_be_done_is_a_problem_that_says_why(string method, string path, int status, string why)
    {
        using var answer = await running.App.Http.SendAsync(new(new(method), "api/dead-letters/" + path));

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Contains(why, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }
}
