using System.Runtime.CompilerServices;
using CommentFunctions.Bot;
using CommentFunctions.Channels;
using CommentFunctions.Tests.Channels.Support;

namespace CommentFunctions.Tests.Channels;

/// <summary>What every call of a channel's service does, shown on Telegram's.</summary>
public sealed class ChannelCallTests : IAsyncLifetime
{
    private TelegramStandIn telegram = null!;
    private ChannelApp app = null!;

    public async Task InitializeAsync()
    {
        telegram = await StandIn.StartAsync<TelegramStandIn>();
        app = ChannelApp.Start(telegram.Settings);
    }

    public async Task DisposeAsync()
    {
        app.Dispose();
        await telegram.DisposeAsync();
    }

    [Fact]
    public async Task A_wait_that_the_service_names_is_kept()
    {
        telegram.Plan(new Trouble(TroubleKind.TooMany, Wait: 4), new Trouble(TroubleKind.TooMany, Wait: 7));

        await app.SendAsync("1");

        Assert.Single(telegram.Delivered);
        Assert.Equal([4, 7], app.Clock.Waits.Select(wait => Math.Floor(wait.TotalSeconds)));
    }

    [Theory]
    [InlineData("9", 9)]
    [InlineData("Thu, 15 Jan 2026 12:00:11 GMT", 11)]
    [InlineData("Thu, 15 Jan 2026 11:00:00 GMT", 0)]
    [InlineData("soon", 0)]
    public async Task A_wait_may_be_named_by_a_header_in_seconds_or_as_a_date(string header, int seconds)
    {
        telegram.Plan(new Trouble(TroubleKind.Failure, Status: 503, RetryAfter: header));

        await app.SendAsync("1");

        Assert.Single(telegram.Delivered);
        Assert.InRange(app.Clock.Waits.Sum(wait => wait.TotalSeconds), seconds, Math.Max(seconds, 5) + 0.5);
    }

    [Theory]
    [InlineData(TroubleKind.Failure, 500)]
    [InlineData(TroubleKind.Failure, 502)]
    [InlineData(TroubleKind.Failure, 504)]
    [InlineData(TroubleKind.Refuse, 401)]
    [InlineData(TroubleKind.Refuse, 408)]
    [InlineData(TroubleKind.Refuse, 429)]
    [InlineData(TroubleKind.Cut, 0)]
    [InlineData(TroubleKind.CutAnswer, 0)]
    public async Task What_may_pass_is_tried_again_after_pauses(TroubleKind kind, int status)
    {
        telegram.Plan(Enumerable.Repeat(new Trouble(kind, Status: status), 3));

        await app.SendAsync("1");

        Assert.Equal((1, 4), (telegram.Count, telegram.Calls.Count));
        // Each pause has its own length, but the turn in the chat comes a second after the last one at the earliest.
        Assert.InRange(app.Clock.Waits.Sum(wait => wait.TotalSeconds), 2.99, 20);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(413)]
    [InlineData(422)]
    public async Task What_is_refused_is_not_tried_again(int status)
    {
        telegram.Plan(new Trouble(TroubleKind.Refuse, Status: status, Text: "Forbidden: bot was blocked by the user"));

        var refusal = await Assert.ThrowsAsync<PermanentChannelException>(() => app.SendAsync("1"));

        Assert.Equal(("ChannelRefused", $"telegram answered {status}: Forbidden: bot was blocked by the user."), (refusal.Reason, refusal.Message));
        Assert.Single(telegram.Calls);
        Assert.Empty(app.Clock.Waits);
    }

    [Fact]
    public async Task A_wait_that_is_too_long_for_the_lock_is_left_to_the_queue()
    {
        telegram.Plan(new Trouble(TroubleKind.TooMany, Wait: 40));

        var failure = await Assert.ThrowsAsync<TransientChannelException>(() => app.SendAsync("1"));

        Assert.Equal(TimeSpan.FromSeconds(40), failure.RetryAfter);
        Assert.Equal("telegram answered 429: Too Many Requests: retry after 40.", failure.Message);
        Assert.Empty(app.Clock.Waits);
    }

    [Fact]
    public async Task A_service_that_goes_on_failing_is_given_up_within_the_lock()
    {
        telegram.Next = () => new Trouble(TroubleKind.Failure);
        var start = app.Clock.GetUtcNow();

        var failure = await Assert.ThrowsAsync<TransientChannelException>(() => app.SendAsync("1"));

        Assert.Null(failure.RetryAfter);
        Assert.InRange(app.Clock.GetUtcNow() - start, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(30));
        Assert.InRange(telegram.Calls.Count, 4, 9);
    }

    [Fact]
    public async Task A_service_that_cannot_be_reached_is_a_failure_that_passes()
    {
        var gone = await StandIn.StartAsync<TelegramStandIn>();
        using var alone = ChannelApp.Start(gone.Settings);
        await gone.DisposeAsync();

        var failure = await Assert.ThrowsAsync<TransientChannelException>(() => alone.SendAsync("1"));

        Assert.Equal("The call of telegram failed: ConnectionError.", failure.Message);
    }

    [Fact]
    public async Task A_call_without_an_answer_ends()
    {
        telegram.Next = () => new Trouble(TroubleKind.Hang);
        using var quick = ChannelApp.Start([.. telegram.Settings, new("Channels:Telegram:Timeout", "00:00:00.2")]);

        var failure = await Assert.ThrowsAsync<TransientChannelException>(() => quick.SendAsync("1"));

        Assert.Equal("telegram gave no answer within 0.2 s.", failure.Message);
    }

    [Fact]
    public async Task Messages_are_spread_over_time_in_all()
    {
        var start = app.Clock.GetUtcNow();
        for (var chat = 1; chat <= 61; chat++)
        {
            await app.SendAsync($"{chat}");
        }

        Assert.InRange((app.Clock.GetUtcNow() - start).TotalSeconds, 1.99, 2.1);
    }

    [Theory]
    [InlineData("5000000000", 1, 4)]
    [InlineData("-1001234567890", 3, 12)]
    public async Task Messages_to_one_chat_are_a_second_apart_and_to_one_group_three(string chat, int apart, int inAll)
    {
        var start = app.Clock.GetUtcNow();
        for (var i = 0; i < 5; i++)
        {
            await app.SendAsync(chat);
        }

        Assert.All(app.Clock.Waits, wait => Assert.InRange(wait.TotalSeconds, apart - 0.1, apart));
        Assert.InRange((app.Clock.GetUtcNow() - start).TotalSeconds, inAll, inAll + 0.1);
    }

    [Fact]
    public async Task A_turn_that_is_too_far_off_is_left_to_the_queue()
    {
        using var slow = ChannelApp.Start([.. telegram.Settings, new("Channels:Telegram:MessagesPerMinutePerGroup", "1")]);
        await slow.SendAsync("-1");

        var failure = await Assert.ThrowsAsync<TransientChannelException>(() => slow.SendAsync("-1"));

        Assert.InRange(failure.RetryAfter!.Value.TotalSeconds, 59, 60);
        Assert.Single(telegram.Calls);
    }

    [Fact]
    public async Task A_wait_that_was_named_for_one_message_holds_for_the_next_to_its_chat()
    {
        telegram.Plan(new Trouble(TroubleKind.TooMany, Wait: 60));
        await Assert.ThrowsAsync<TransientChannelException>(() => app.SendAsync("1"));

        var next = await Assert.ThrowsAsync<TransientChannelException>(() => app.SendAsync("1"));
        await app.SendAsync("2");

        Assert.InRange(next.RetryAfter!.Value.TotalSeconds, 59, 60);
        Assert.Equal("telegram answered 429: Too Many Requests: retry after 60.", next.Message);
        Assert.Equal("2", Assert.Single(telegram.Delivered).To);
    }

    [Fact]
    public async Task What_a_service_says_is_told_without_the_secrets_and_not_at_length()
    {
        telegram.Plan(new Trouble(TroubleKind.Refuse, Text: $"no bot{TelegramStandIn.Token} {TelegramStandIn.Secret} " + new string('x', 5000)));

        var refusal = await Assert.ThrowsAsync<PermanentChannelException>(() => app.SendAsync("1"));

        Assert.Contains("no bot*** *** xxx", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(refusal.Message.Length, 200, 300);
    }
}

public class SendingPaceTests
{
    [Fact]
    public async Task Of_conversations_whose_time_has_passed_nothing_is_kept()
    {
        var clock = new SkippingClock(Timeout.InfiniteTimeSpan);
        var pace = new SendThrottle(TimeSpan.Zero, clock);

        var first = await SendToAllAsync(pace, "before");
        clock.Advance(TimeSpan.FromMinutes(1));
        await SendToAllAsync(pace, "after");
        GC.Collect();

        Assert.DoesNotContain(first, conversation => conversation.TryGetTarget(out _));
        GC.KeepAlive(pace);
    }

    [Fact]
    public async Task Those_whose_time_has_not_come_are_kept_however_many_they_are()
    {
        var clock = new SkippingClock(Timeout.InfiniteTimeSpan);
        var pace = new SendThrottle(TimeSpan.Zero, clock);

        await SendToAllAsync(pace, "before");
        await SendToAllAsync(pace, "after");

        Assert.NotNull(await pace.WaitAsync(new("before 0", TimeSpan.FromSeconds(30)), TimeSpan.Zero, default));
    }

    // More conversations than it remembers. Their names are held by nobody else.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<List<WeakReference<string>>> SendToAllAsync(SendThrottle pace, string name)
    {
        var conversations = new List<WeakReference<string>>();
        for (var i = 0; i < 2_000; i++)
        {
            var conversation = $"{name} {i}";
            conversations.Add(new(conversation));
            Assert.Null(await pace.WaitAsync(new(conversation, TimeSpan.FromSeconds(30)), TimeSpan.Zero, default));
        }

        return conversations;
    }
}
