using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.EndToEnd.Support;
using Functions.LocalRuntime.Queues;
using Microsoft.Data.Sqlite;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>
/// The channels of an app that is killed or deployed anew, against services that fail. <c>COMMENTS_TEST_CALLS</c> is how many calls of webhooks there are, 500 unless it is set;
/// where it is, the claims of a process that died are waited for too.
/// </summary>
public sealed class ChannelTests : IDisposable
{
    private static readonly int? Asked = int.TryParse(Environment.GetEnvironmentVariable("COMMENTS_TEST_CALLS"), CultureInfo.InvariantCulture, out var calls) ? calls : null;
    private static readonly int Calls = Asked ?? 500;
    private const int Rounds = 4;
    private const int Seed = 20_260_115;

    private const string OpenClaims = """
        SELECT count(*) FROM "DeliveredReplies" AS claim
        WHERE claim."Id" LIKE 'sending:%' AND NOT EXISTS (SELECT 1 FROM "DeliveredReplies" WHERE "Id" = substr(claim."Id", 9))
        """;

    // A fifth of the calls wait for a second or so before they are made again.
    private readonly AppFolder folder = new(concurrentCalls: 64);

    public void Dispose() => folder.Dispose();

    /// <summary>
    /// Each kill comes while webhooks are called and messages are on both queues and on their way to the services, but none has been
    /// delivered of which the app has no record yet: that moment is the other test's.
    /// </summary>
    [Fact]
    public async Task Every_genuine_message_gets_one_reply_from_services_that_fail_over_three_kills()
    {
        await using var services = await ServicesWithTrouble.StartAsync();
        services.Fail(0.2, Seed);
        var calls = new WebhookCalls(Seed).Mixed(Calls);
        var open = new ConcurrentQueue<WebhookCall>(calls);
        for (var round = 1; round < Rounds; round++)
        {
            await using var app = await AppProcess.ServeAsync(folder, services.Settings);
            // What is not answered is called again, as services do.
            var sending = SendAsync(app.Http, open);
            await AppClient.EventuallyAsync(() => Task.FromResult(open.Count <= Calls - (Calls / Rounds * round)), () => "webhooks are called", pause: 10);
            services.Gate.IsOpen = false;
            await AppClient.EventuallyAsync(
                async () => services.Gate.Waiting >= 8 && await RecordedAsync() == services.Count, "replies are on their way, and those delivered are recorded");
            await app.KillAsync();
            await sending;
            // Or the services would take a message whose caller is dead.
            await AppClient.EventuallyAsync(() => Task.FromResult(services.Gate.Waiting == 0), "the services notice that their caller is gone");
            services.Gate.IsOpen = true;
            await LetClaimsEndAsync();
        }

        await using var last = await AppProcess.ServeAsync(folder, services.Settings);
        await SendAsync(last.Http, open);
        Assert.Empty(open);
        await EmptyQueuesAsync(services);

        AssertOneReplyEach(calls, services);
    }

    /// <summary>As by webhooks, but it is the app that asks: what a kill leaves unconfirmed comes again, and is known.</summary>
    [Fact]
    public async Task Every_message_that_is_polled_gets_one_reply_over_three_kills()
    {
        await using var services = await ServicesWithTrouble.StartAsync();
        services.Fail(0.05, Seed);
        (string, string)[] settings = [.. services.Settings, ("Channels__Telegram__Receive", "Polling"), ("Channels__Telegram__WebhookSecret", "")];
        List<int> ids = [.. Enumerable.Range(1, Calls)];
        for (var round = 1; round < Rounds; round++)
        {
            await using var app = await AppProcess.ServeAsync(folder, settings);
            // People write on.
            services.Telegram.Keep(ids.Where(id => id % Rounds == round).Select(id => TelegramStandIn.Update(id, $"ann{id}", chat: id)));
            var before = services.Count;
            await AppClient.EventuallyAsync(() => Task.FromResult(services.Count > before + (Calls / Rounds / 3)), () => "messages are polled and answered", pause: 10);
            services.Gate.IsOpen = false;
            await AppClient.EventuallyAsync(
                async () => services.Gate.Waiting >= 8 && await RecordedAsync() == services.Count, "replies are on their way, and those delivered are recorded");
            await app.KillAsync();
            await AppClient.EventuallyAsync(() => Task.FromResult(services.Gate.Waiting == 0), "the service notices that its caller is gone");
            services.Gate.IsOpen = true;
            await LetClaimsEndAsync();
            Assert.DoesNotContain(TelegramStandIn.Token, app.Output, StringComparison.Ordinal);
        }

        // While nothing runs.
        services.Telegram.Keep(ids.Where(id => id % Rounds == 0).Select(id => TelegramStandIn.Update(id, $"ann{id}", chat: id)));
        await using var last = await AppProcess.ServeAsync(folder, settings);
        await AppClient.EventuallyAsync(() => Task.FromResult(services.Telegram.Unconfirmed == 0), "all are confirmed");
        await EmptyQueuesAsync(services);

        Assert.Equal(
            ids.Select(id => $"No comments found for user ann{id}").Order(StringComparer.Ordinal), services.Texts.Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// Signal's messages are given once only: nobody has those of an answer that a kill meets before the queue has them, ten at the most.
    /// All others get one reply each.
    /// </summary>
    [Fact]
    public async Task Every_message_of_Signal_that_no_kill_meets_on_its_way_gets_one_reply_over_three_kills()
    {
        await using var services = await ServicesWithTrouble.StartAsync();
        var signal = services.Signal;
        signal.Mode = "normal";
        services.Fail(0.05, Seed);
        (string, string)[] settings = [.. services.Settings, ("Channels__Signal__Receive", "Polling"), ("Channels__Signal__WebhookSecret", "")];
        var unwritten = new Queue<int[]>(Enumerable.Range(1, Calls).Chunk(Calls / 6));
        HashSet<string> met = [];
        for (var round = 1; round < Rounds; round++)
        {
            // While nothing runs.
            Write();
            await using var app = await AppProcess.ServeAsync(folder, settings);
            await TakenAsync(signal);
            if (round > 1)
            {
                Write();
                signal.ReceiveGate.IsOpen = false;
                await AppClient.EventuallyAsync(() => Task.FromResult(signal.ReceiveGate.Waiting == 1), "messages are on their way");
                met.UnionWith(signal.Mailbox.HandedOut[^1].Select(message => (string)JsonNode.Parse(message)!["envelope"]!["dataMessage"]!["message"]!));
            }

            services.Gate.IsOpen = false;
            await AppClient.EventuallyAsync(async () => await RecordedAsync() == services.Count, "what was delivered is recorded");
            // The second kill is before the answer, the third one while it arrives.
            signal.ReceiveGate.IsOpen = round != 2;
            await app.KillAsync();
            await AppClient.EventuallyAsync(() => Task.FromResult(services.Gate.Waiting == 0), "the service notices that its caller is gone");
            (services.Gate.IsOpen, signal.ReceiveGate.IsOpen) = (true, true);
            // Until then signal-cli takes on what comes in, for nobody.
            await AppClient.EventuallyAsync(() => Task.FromResult(signal.Running == 0), "signal-cli ends");
            await LetClaimsEndAsync();
        }

        while (unwritten.Count > 0)
        {
            Write();
        }

        await using var last = await AppProcess.ServeAsync(folder, settings);
        await TakenAsync(signal);
        await EmptyQueuesAsync(services);

        Assert.InRange(met.Count, 2, 20);
        var answered = services.Texts.Select(text => text.Split(' ')[^1]).ToList();
        var lost = Enumerable.Range(1, Calls).Select(id => $"ann{id}").Except(answered).ToHashSet();
        Assert.Subset(met, lost);
        Assert.Equal(Calls - lost.Count, answered.Count);

        void Write() => signal.Mailbox.Keep(
            unwritten.Dequeue().Select(id => SignalStandIn.Received(id, $"ann{id}", SignalStandIn.PersonOf(id))));
    }

    /// <summary>
    /// Each deployment comes while webhooks are called, messages are on both queues and replies are on their way. Unlike a kill, it may
    /// come at any moment: what was begun is brought to its end and recorded, and the next process finds no claim to wait for.
    /// </summary>
    [Fact]
    public async Task Every_genuine_message_gets_one_reply_from_services_that_fail_over_three_deployments()
    {
        await using var services = await ServicesWithTrouble.StartAsync();
        services.Fail(0.2, Seed);
        var calls = new WebhookCalls(Seed).Mixed(Calls);
        var open = new ConcurrentQueue<WebhookCall>(calls);
        for (var round = 1; round < Rounds; round++)
        {
            await using var app = await AppProcess.ServeAsync(folder, services.Settings);
            var sending = SendAsync(app.Http, open);
            await AppClient.EventuallyAsync(() => Task.FromResult(open.Count <= Calls - (Calls / Rounds * round)), () => "webhooks are called", pause: 10);
            services.Gate.IsOpen = false;
            await AppClient.EventuallyAsync(() => Task.FromResult(services.Gate.Waiting >= 8), "replies are on their way");
            var before = services.Count;
            var ending = app.TerminateAsync();
            // The process knows by now, and goes on with what it began.
            await sending;
            services.Gate.IsOpen = true;

            Assert.Equal(0, await ending);
            Assert.True(services.Count > before, "Nothing that was on its way was delivered.");
            Assert.Equal(services.Count, await RecordedAsync());
            Assert.Equal(0L, await AskAsync(OpenClaims, "ReadOnly"));
        }

        await using var last = await AppProcess.ServeAsync(folder, services.Settings);
        await SendAsync(last.Http, open);
        Assert.Empty(open);
        await EmptyQueuesAsync(services);

        AssertOneReplyEach(calls, services);
    }

    /// <summary>
    /// The services know no repeats, so a kill between a delivery and its record leaves nobody who knows of it: the reply comes twice,
    /// which is better than not at all.
    /// </summary>
    [Fact]
    public async Task A_reply_that_was_delivered_but_not_recorded_before_a_kill_is_delivered_again_and_no_other()
    {
        await using var services = await ServicesWithTrouble.StartAsync();
        services.Telegram.Plan(Trouble.None, new Trouble(TroubleKind.DeliverAndHang));
        await using (var app = await AppProcess.ServeAsync(folder, services.Settings))
        {
            await SendAsync(app.Http, new([Ask(1)]));
            await AppClient.EventuallyAsync(async () => await RecordedAsync() == 1, "the first reply is delivered and recorded");
            await SendAsync(app.Http, new([Ask(2)]));
            await AppClient.EventuallyAsync(() => Task.FromResult(services.Count == 2), "the second one is delivered, and not answered");
            await app.KillAsync();
            await LetClaimsEndAsync();
        }

        await using var again = await AppProcess.ServeAsync(folder, services.Settings);
        await SendAsync(again.Http, new([Ask(1), Ask(2)]));
        await EmptyQueuesAsync(services);

        Assert.Equal(["ann1", "ann2", "ann2"], services.Texts.Select(text => text.Split(' ')[^1]));
    }

    [Fact]
    public async Task Commands_register_the_webhook_of_Telegram_show_it_and_remove_it()
    {
        await using var services = await ServicesWithTrouble.StartAsync();
        string[] register = ["run", "SetTelegramWebhook", "--url", "https://example.org/api/channels/telegram"];

        var (registered, answer) = await AppProcess.RunAsync(folder, register, services.Settings);
        var (shown, info) = await AppProcess.RunAsync(folder, ["run", "GetTelegramWebhook"], services.Settings);
        var (refused, problem) = await AppProcess.RunAsync(folder, ["run", "GetTelegramWebhook"]);

        var (removed, left) = await AppProcess.RunAsync(folder, ["run", "RemoveTelegramWebhook"], services.Settings);

        Assert.Equal((0, 0, 1, 0), (registered, shown, refused, removed));
        Assert.Contains("\"url\":\"\"", left, StringComparison.Ordinal);
        Assert.Contains("\"url\":\"https://example.org/api/channels/telegram\"", answer, StringComparison.Ordinal);
        Assert.Contains("\"lastError\":\"Wrong response from the webhook", info, StringComparison.Ordinal);
        Assert.Contains("Channels:Telegram:BotToken", problem, StringComparison.Ordinal);
        Assert.DoesNotContain(TelegramStandIn.Token, answer + info, StringComparison.Ordinal);
    }

    private static void AssertOneReplyEach(List<WebhookCall> calls, ServicesWithTrouble services)
    {
        var expected = calls.Where(call => call.IsGenuine).SelectMany(call => call.Users).Distinct().Select(user => $"No comments found for user {user}");
        Assert.Equal(expected.Order(StringComparer.Ordinal), services.Texts.Order(StringComparer.Ordinal));
    }

    // What an app asks for next shows that the queue has what came before.
    private static async Task TakenAsync(SignalStandIn signal)
    {
        await AppClient.EventuallyAsync(() => Task.FromResult(signal.Mailbox.Waiting == 0), "all are handed out");
        var asked = signal.Receives.Count;
        await AppClient.EventuallyAsync(() => Task.FromResult(signal.Receives.Count > asked), "the app asks again");
    }

    private static WebhookCall Ask(int id) => new(
        "api/channels/telegram",
        TelegramStandIn.Update(id, $"ann{id}", chat: id),
        ("X-Telegram-Bot-Api-Secret-Token", TelegramStandIn.Secret),
        [$"ann{id}"],
        System.Net.HttpStatusCode.OK);

    private static Task SendAsync(HttpClient http, ConcurrentQueue<WebhookCall> calls) => Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
    {
        while (calls.TryDequeue(out var call))
        {
            if (!await call.SendAsync(http))
            {
                // The process is gone; another one will be there.
                calls.Enqueue(call);
                return;
            }
        }
    }));

    private async Task<long> RecordedAsync() => (long)(await AskAsync("""SELECT count(*) FROM "DeliveredReplies" WHERE "Id" LIKE 'reply:%' """, "ReadOnly"))!;

    // As if the process had died a minute ago.
    private async Task LetClaimsEndAsync()
    {
        if (Asked is null)
        {
            await AskAsync("""UPDATE "DeliveredReplies" SET "DeliveredAt" = "DeliveredAt" - 60000 WHERE "Id" LIKE 'sending:%' """, "ReadWrite");
        }
    }

    private async Task<object?> AskAsync(string sql, string mode)
    {
        await using var db = new SqliteConnection($"Data Source={Path.Combine(folder.Path, ".local", "comments.db")};Mode={mode};Pooling=False");
        await db.OpenAsync();
        await using var command = db.CreateCommand();
#pragma warning disable CA2100 // Constants of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }

    // As long as it gets on: how fast is no matter of this test.
    private Task EmptyQueuesAsync(ServicesWithTrouble services) => folder.UseQueuesAsync(async queues =>
    {
        for (var (before, empty) = (-1, false); !empty;)
        {
            Assert.True(services.Count > before, "Nothing was delivered for a minute, and the queues are not empty.");
            before = services.Count;
            for (var patience = 0; patience < 600 && !empty && services.Count == before; patience++)
            {
                await Task.Delay(100);
                empty = await queues.CountAsync("bot-messages") == new QueueCounts(0, 0, 0) && await queues.CountAsync("bot-replies") == new QueueCounts(0, 0, 0);
            }
        }
    });
}
