using Azure.Messaging.ServiceBus;
using CommentFunctions.Bot;
using CommentFunctions.Data.Postgres;
using CommentFunctions.Data.Sqlite;
using CommentFunctions.Failures;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Moq;
using Npgsql;
using SQLitePCL;

namespace CommentFunctions.Tests.Queues;

/// <summary>What becomes of a queue message whose work fails.</summary>
public sealed class FailurePolicyTests : IDisposable
{
    private readonly SkippingClock clock = new(TimeSpan.MaxValue);
    private readonly SentMessages sent = new();
    private readonly LogLines log = new(typeof(FailurePolicy).FullName!);
    private readonly ILoggerFactory logs;
    private readonly Mock<ServiceBusMessageActions> actions = new(MockBehavior.Strict);
    private readonly FailurePolicy policy;
    private (string? Reason, string? Description, Dictionary<string, object>? Properties) letter;

    public FailurePolicyTests()
    {
        logs = LoggerFactory.Create(builder => builder.AddProvider(log));
        policy = new([new QueueOutages(), new ChannelOutages(), new StoreOutages()], new QueueSender(new(sent.Client)), clock, logs.CreateLogger<FailurePolicy>());
        actions
            .Setup(a => a.DeadLetterMessageAsync(
                It.IsAny<ServiceBusReceivedMessage>(), It.IsAny<Dictionary<string, object>?>(), It.IsAny<string?>(), It.IsAny<string?>(), It.IsAny<CancellationToken>()))
            .Callback((ServiceBusReceivedMessage _, Dictionary<string, object>? properties, string? reason, string? description, CancellationToken _) =>
                letter = (reason, description, properties))
            .Returns(Task.CompletedTask);
    }

    public void Dispose() => logs.Dispose();

    [Fact]
    public async Task A_fault_is_tried_twice_at_once_and_seven_times_over_hours_and_then_dead_lettered()
    {
        var start = clock.GetUtcNow();
        var message = new ServiceBusMessage("{}") { MessageId = "web:1" };
        foreach (var delivery in Enumerable.Range(1, 2))
        {
            var failed = await Assert.ThrowsAsync<MessageFailedException>(() => RunAsync(message, new InvalidDataException("secret"), delivery));
            Assert.IsType<InvalidDataException>(failed.InnerException);
        }

        Assert.Equal(MessageOutcome.Postponed, await RunAsync(message, new InvalidDataException("secret"), 3));
        foreach (var attempt in Enumerable.Range(4, 6))
        {
            Assert.Equal(MessageOutcome.Postponed, await RunAsync(Next(attempt - 3), new InvalidDataException("secret")));
        }

        Assert.InRange(clock.GetUtcNow() - start, TimeSpan.FromMinutes(63), TimeSpan.FromMinutes(80));
        Assert.Equal(MessageOutcome.DeadLettered, await RunAsync(Next(7), new InvalidDataException("secret")));
        Assert.Equal(("Failed", "Failed at attempt 10, the last one: InvalidDataException."), (letter.Reason, letter.Description));
    }

    [Fact]
    public async Task What_is_away_uses_up_no_attempt_and_is_asked_less_and_less_for_a_day()
    {
        var start = clock.GetUtcNow();
        var message = new ServiceBusMessage("{}") { MessageId = "web:1" };
        var attempts = 0;
        for (MessageOutcome outcome; (outcome = await RunAsync(message, new StoreAwayException())) != MessageOutcome.DeadLettered; attempts++)
        {
            Assert.Equal(MessageOutcome.Postponed, outcome);
            message = Next(attempts + 1);
            Assert.Equal(0, message.ApplicationProperties["failures"]);
        }

        Assert.InRange(attempts, 24 * 60 * 60 / 375, 24 * 12 + 10);
        Assert.InRange(clock.GetUtcNow() - start, TimeSpan.FromHours(23.89), TimeSpan.FromDays(1));
        Assert.Equal(("Unavailable", "Not done within a day of its arrival; the last failure: The store is away."), (letter.Reason, letter.Description));
        Assert.Equal("web:1", BotMessages.Received(message).OriginalId());
    }

    [Fact]
    public async Task What_may_be_for_good_has_ten_attempts_over_hours_and_none_of_them_at_once()
    {
        var start = clock.GetUtcNow();
        var message = new ServiceBusMessage("{}") { MessageId = "signal:1" };
        for (var attempt = 1; attempt < 10; attempt++)
        {
            Assert.Equal(MessageOutcome.Postponed, await RunAsync(message, MayBeFinal()));
            message = Next(attempt);
            Assert.Equal(attempt, message.ApplicationProperties["failures"]);
        }

        Assert.InRange(clock.GetUtcNow() - start, TimeSpan.FromHours(4), TimeSpan.FromHours(5.1));
        Assert.Equal(MessageOutcome.DeadLettered, await RunAsync(message, MayBeFinal()));
        Assert.Equal(("Failed", "Failed at attempt 10, the last one: No."), (letter.Reason, letter.Description));

        static TransientChannelException MayBeFinal() => new("No.") { MayBeFinal = true };
    }

    [Fact]
    public async Task After_an_outage_a_fault_has_all_its_attempts_but_those_at_once()
    {
        await RunAsync(new("{}") { MessageId = "web:1" }, new StoreAwayException());

        Assert.Equal(1, Next(1).ApplicationProperties["postponed"]);
        await Assert.ThrowsAsync<MessageFailedException>(() => RunAsync(Next(1), new InvalidDataException()));
    }

    [Theory]
    [InlineData("MalformedMessage")]
    [InlineData("UnknownChannel")]
    [InlineData("ChannelRefused")]
    public async Task What_can_never_succeed_is_dead_lettered_with_one_warning_that_names_all(string reason)
    {
        var outcome = await RunAsync(new("{}") { MessageId = "telegram:1" }, new PermanentChannelException(reason, "That is why."));

        Assert.Equal((MessageOutcome.DeadLettered, reason, "That is why."), (outcome, letter.Reason, letter.Description));
        var line = Assert.Single(log.Lines);
        Assert.Equal([LogLevel.Warning], log.Levels);
        Assert.All(["telegram:1", "bot-replies", "(fax)", "delivery 1,", reason, "That is why.", "POST /api/dead-letters/bot-replies/"], part => Assert.Contains(part, line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_that_the_queue_does_not_take_for_later_is_held_until_it_does()
    {
        sent.Failures = 3;
        sent.Failure = new ServiceBusException("full", ServiceBusFailureReason.QuotaExceeded);

        Assert.Equal(MessageOutcome.Postponed, await RunAsync(new("{}") { MessageId = "web:1" }, new StoreAwayException()));

        Assert.Single(sent.To(QueueNames.Replies));
        Assert.Equal([1, 2, 4], clock.Waits.Select(wait => wait.TotalSeconds));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_some_minutes_it_is_given_back_and_what_was_sent_is_remembered(bool isSent)
    {
        sent.Failure = new ServiceBusException("away", ServiceBusFailureReason.ServiceCommunicationProblem);
        IDictionary<string, object>? kept = null;
        if (isSent)
        {
            actions.Setup(a => a.AbandonMessageAsync(It.IsAny<ServiceBusReceivedMessage>(), It.IsAny<IDictionary<string, object>?>(), It.IsAny<CancellationToken>()))
                .Callback((ServiceBusReceivedMessage _, IDictionary<string, object>? properties, CancellationToken _) => kept = properties)
                .Returns(Task.CompletedTask);
        }

        await Assert.ThrowsAsync<ServiceBusException>(() => RunAsync(new("{}") { MessageId = "web:1" }, new StoreAwayException(), isSent: isSent));

        Assert.InRange(clock.Waits.Sum(wait => wait.TotalSeconds), 240, 275);
        Assert.Equal(isSent ? true : null, kept?[MessageCopies.SentProperty]);
    }

    [Fact]
    public async Task A_fault_after_the_send_is_never_given_back_to_be_sent_again()
    {
        Assert.Equal(MessageOutcome.Postponed, await RunAsync(new("{}") { MessageId = "web:1" }, new InvalidDataException(), isSent: true));
        var copy = Next(1);
        Assert.Equal(true, copy.ApplicationProperties[MessageCopies.SentProperty]);

        // Nor is it forgotten when the message is given up on.
        copy.ApplicationProperties["failures"] = 9;
        Assert.Equal(MessageOutcome.DeadLettered, await RunAsync(copy, new InvalidDataException()));
        Assert.Equal(true, letter.Properties?[MessageCopies.SentProperty]);
    }

    [Fact]
    public async Task A_host_that_stops_gets_the_message_back_unless_its_reply_was_sent()
    {
        using var stopping = new CancellationTokenSource();
        await stopping.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(
            () => RunAsync(new("{}") { MessageId = "web:1" }, new OperationCanceledException(), cancellationToken: stopping.Token));
        Assert.Equal(
            MessageOutcome.Postponed,
            await RunAsync(new("{}") { MessageId = "web:1" }, new StoreAwayException(), isSent: true, cancellationToken: stopping.Token));
    }

    [Theory]
    [InlineData(raw.SQLITE_BUSY, true)]
    [InlineData(raw.SQLITE_FULL, true)]
    [InlineData(raw.SQLITE_READONLY, true)]
    [InlineData(raw.SQLITE_IOERR, true)]
    [InlineData(raw.SQLITE_CANTOPEN, true)]
    [InlineData(raw.SQLITE_CONSTRAINT, false)]
    [InlineData(raw.SQLITE_ERROR, false)]
    public void What_keeps_SQLite_from_working_is_an_outage_wherever_it_stands(int code, bool outage)
    {
        var inner = new SqliteException("secret", code);

        Assert.Equal(outage, SqliteFailures.FindOutage(new InvalidOperationException("", inner)) is not null);
        Assert.DoesNotContain("secret", SqliteFailures.FindOutage(inner)?.Reason ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("25006", true)]
    [InlineData("53100", true)]
    [InlineData("57P01", true)]
    [InlineData("57014", true)]
    [InlineData("42P01", true)]
    [InlineData("42501", true)]
    [InlineData("28P01", true)]
    [InlineData("23505", false)]
    [InlineData("22001", false)]
    [InlineData("42601", false)]
    public void What_keeps_PostgreSQL_from_working_is_an_outage_wherever_it_stands(string state, bool outage)
    {
        var inner = new PostgresException("secret", "ERROR", "ERROR", state);

        Assert.Equal(outage, PostgresFailures.FindOutage(new InvalidOperationException("", inner)) is not null);
        Assert.DoesNotContain("secret", PostgresFailures.FindOutage(inner)?.Reason ?? "", StringComparison.Ordinal);
    }

    private Task<MessageOutcome> RunAsync(
        ServiceBusMessage message, Exception failure, int delivery = 1, bool isSent = false, CancellationToken cancellationToken = default) =>
        policy.RunAsync(
            QueueNames.Replies,
            BotMessages.Received(message, delivery),
            actions.Object,
            (attempt, _) =>
            {
                attempt.Channel = "fax";
                attempt.IsSent |= isSent;
                return Task.FromException(failure);
            },
            cancellationToken);

    // When its time has come.
    private ServiceBusMessage Next(int number)
    {
        var message = sent.To(QueueNames.Replies)[number - 1];
        if (message.ScheduledEnqueueTime > clock.GetUtcNow())
        {
            clock.Advance(message.ScheduledEnqueueTime - clock.GetUtcNow());
        }

        return message;
    }

    private sealed class StoreAwayException : Exception;

    private sealed class StoreOutages : IOutages
    {
        public Outage? FindOutage(Exception exception) => exception is StoreAwayException ? new("The store is away.") : null;
    }
}
