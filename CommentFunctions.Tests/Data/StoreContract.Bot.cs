using CommentFunctions.Bot;
using CommentFunctions.Channels.Web;
using CommentFunctions.Data;
using CommentFunctions.Expiry;
using CommentFunctions.Health;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Tests.Data;

// What the bot, the list of runs and the health check ask of a store.
public abstract partial class StoreContract
{
    // One of each channel; those of WhatsApp are base64.
    private static readonly string[] MessageIds =
        ["web:0199c0de-0000-7000-8000-000000000001", "telegram:123456789", "whatsapp:wamid.HBgLNDkxNzA/FQIA+EhgU\\M0E#4%20?==", "signal:+491701234567:1790000000000"];

    [StoreFact]
    public async Task A_reply_is_sent_once_however_often_it_comes_whatever_the_ids_of_its_channel()
    {
        await using var app = await StartAsync();
        var channel = new CountingChannel();
        foreach (var id in MessageIds)
        {
            await DeliverAsync(app, channel, id);
            await DeliverAsync(app, channel, id);
        }

        Assert.Equal(MessageIds, channel.Sent);
    }

    [StoreFact]
    public async Task That_a_reply_did_not_arrive_is_recorded_once_beside_its_delivery_whatever_the_ids_of_its_channel()
    {
        await using var app = await StartAsync();
        var delivered = app.Services.GetRequiredService<DeliveryRecords>();
        foreach (var id in MessageIds)
        {
            await DeliverAsync(app, new CountingChannel(), id);

            Assert.True(await app.WithAsync<CommentDbContext, bool>(db => delivered.RecordAsync(db, DeliveredReply.FailureOf(BotReply.IdFor(id)), default)));
            Assert.False(await app.WithAsync<CommentDbContext, bool>(db => delivered.RecordAsync(db, DeliveredReply.FailureOf(BotReply.IdFor(id)), default)));
            Assert.True(await app.WithAsync<CommentDbContext, bool>(db => delivered.ContainsAsync(db, BotReply.IdFor(id), default)));
        }
    }

    [StoreFact]
    public async Task A_reply_that_comes_twenty_times_at_once_to_two_instances_is_sent_once()
    {
        await using var app = await StartAsync();
        await using var other = await StartAsync();
        var channel = new CountingChannel { Delay = TimeSpan.FromMilliseconds(50) };

        var refused = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () =>
        {
            try
            {
                await DeliverAsync(i % 2 == 0 ? app : other, channel, "telegram:1");
                return false;
            }
            catch (TransientChannelException)
            {
                return true;
            }
        })));

        Assert.Single(channel.Sent);
        Assert.Contains(false, refused);
        await DeliverAsync(other, channel, "telegram:1");
        Assert.Single(channel.Sent);
    }

    [StoreFact]
    public async Task A_reply_whose_attempt_died_is_sent_again_by_one_of_the_next_once_its_claim_has_ended()
    {
        await using var app = await StartAsync();
        var channel = new CountingChannel { Failure = new OperationCanceledException() };
        await using var dead = await StartAsync(inner => new DisturbedStore(inner, beforeWrite: () =>
            channel.Attempts > 0 ? throw new InvalidDataException("dead") : Task.CompletedTask));
        await Assert.ThrowsAsync<OperationCanceledException>(() => DeliverAsync(dead, channel, "telegram:1"));
        channel.Failure = null;

        app.Clock.Advance(DeliveryRecords.ClaimLifetime - TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<TransientChannelException>(() => DeliverAsync(app, channel, "telegram:1"));
        Assert.Empty(channel.Sent);

        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            try
            {
                await DeliverAsync(app, channel, "telegram:1");
            }
            catch (TransientChannelException)
            {
                // Another one took the claim over.
            }
        })));
        Assert.Single(channel.Sent);
    }

    [StoreFact]
    public async Task A_reply_that_was_sent_and_could_not_be_recorded_is_recorded_later_and_not_sent_again()
    {
        await using var app = await StartAsync();
        var channel = new CountingChannel();
        await using var full = await StartAsync(inner => new DisturbedStore(inner, beforeWrite: () =>
            channel.Attempts > 0 ? throw new IOException("full") : Task.CompletedTask));
        var attempt = BotMessages.Attempt();

        await Assert.ThrowsAsync<IOException>(() => DeliverAsync(full, channel, "telegram:1", attempt));
        Assert.True(attempt.IsSent);
        var again = attempt.CopyFor(app.Clock.Now, failed: false);
        foreach (var _ in Enumerable.Range(0, 2))
        {
            await DeliverAsync(app, channel, "telegram:1", new(BotMessages.Received(again), app.Clock.Now));
        }

        Assert.Equal(1, channel.Attempts);
        await DeliverAsync(app, channel, "telegram:1");
        Assert.Equal(1, channel.Attempts);
    }

    [StoreFact]
    public async Task A_conversation_has_each_exchange_once_in_the_order_of_time()
    {
        await using var app = await StartAsync();
        await app.PostAsync("ann", "hers");
        foreach (var i in Enumerable.Range(0, 3))
        {
            var reply = await app.AnswerAsync(i == 1 ? "ann" : "nobody", "c", $"web:{i}");
            await app.DeliverAsync(reply);
            await app.DeliverAsync(reply);
            app.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var messages = await app.WithAsync<ConversationReader, IReadOnlyList<ConversationMessage>>(reader => reader.ReadAsync("c", default));

        Assert.Equal(
            ["nobody", "", "ann", "Last comment for ann was hers", "nobody", ""],
            messages.Select(m => m.From == MessageSender.Bot && m.InReplyTo != "web:1" ? "" : m.Text));
        Assert.Empty(await app.WithAsync<ConversationReader, IReadOnlyList<ConversationMessage>>(reader => reader.ReadAsync("d", default)));

        app.Clock.Advance(TimeSpan.FromDays(2));
        await app.ExpireAsync();
        Assert.Empty(await app.WithAsync<ConversationReader, IReadOnlyList<ConversationMessage>>(reader => reader.ReadAsync("c", default)));
    }

    [StoreFact]
    public async Task Runs_are_listed_newest_first_and_told_by_the_health_check()
    {
        await using var app = await StartAsync();
        foreach (var dryRun in new[] { true, false, true })
        {
            await app.ExpireAsync(dryRun: dryRun);
            app.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var list = await app.SendAsync<ExpiryRunsApi>(HttpCalls.Get("/api/expiry-runs"), (api, request) => api.ListAsync(request, default));
        var health = await app.SendAsync<GetHealth>(HttpCalls.Get("/api/health"), (function, request) => function.RunAsync(request, default));

        var runs = list.Body.GetProperty("runs").EnumerateArray().ToList();
        Assert.Equal([true, false, true], runs.Select(run => run.GetProperty("dryRun").GetBoolean()));
        Assert.All(runs, run => Assert.Equal("succeeded", run.GetProperty("outcome").GetString()));
        Assert.Equal((200, "healthy"), (health.Status, health.Text("status")));
        Assert.Equal(runs[0].GetProperty("id").GetString(), health.Body.GetProperty("lastExpiryRun").GetProperty("id").GetString());
    }

    [StoreFact]
    public async Task Names_have_up_to_150_characters_of_any_script()
    {
        await using var app = await StartAsync();
        string[] names = [new('ö', 150), new('語', 150), "a.b+c@d-e_f", "A.B+C@D-E_F"];
        foreach (var name in names)
        {
            await app.PostAsync(name, "old " + name);
            await app.PostAsync(name, name);
        }

        foreach (var name in names)
        {
            Assert.Equal(name, await app.LatestAsync(name));
            Assert.Equal([name, "old " + name], await app.ListAsync(name));
        }

        app.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal(8, (await app.ExpireAsync()).Deleted);
    }

    private static Task DeliverAsync(TestApp app, IBotChannel channel, string messageId, MessageAttempt? attempt = null) => app.WithAsync<ReplyDelivery>(delivery => delivery.DeliverAsync(
        new BotReply(new("counting", "c", "s", "ann", app.Clock.Now), messageId, "ann", "No comments found for user ann"), channel, attempt ?? BotMessages.Attempt(), default));

    private sealed class CountingChannel : IBotChannel
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> sent = new();

        public string Name => "counting";

        public IEnumerable<string> Sent => sent;

        public int Attempts { get; private set; }

        public Exception? Failure { get; set; }

        public TimeSpan Delay { get; init; }

        public async Task SendAsync(BotReply reply, CancellationToken cancellationToken)
        {
            Attempts++;
            await Task.Delay(Delay, cancellationToken);
            if (Failure is not null)
            {
                throw Failure;
            }

            sent.Enqueue(reply.InReplyTo);
        }
    }
}
