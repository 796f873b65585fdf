using Azure.Messaging.ServiceBus;
using CommentFunctions.Hosts;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.Configuration;
using Moq;

namespace CommentFunctions.Tests.Hosts;

public class PeekedQueueStatusTests
{
    private readonly FakeTimeProvider clock = new();
    private readonly Mock<ServiceBusReceiver> queue = new();
    private readonly Mock<ServiceBusReceiver> deadLetters = new();

    public PeekedQueueStatusTests()
    {
        Show(queue);
        Show(deadLetters);
    }

    [Fact]
    public async Task What_waits_is_scheduled_and_was_given_up_on_is_counted_by_a_look()
    {
        Show(queue, ServiceBusMessageState.Active, ServiceBusMessageState.Scheduled, ServiceBusMessageState.Active);
        Show(deadLetters, ServiceBusMessageState.Active);

        Assert.Equal(new(2, 1, 1, clock.GetUtcNow() - default(DateTimeOffset)), await CountAsync());
        queue.Verify(r => r.PeekMessagesAsync(It.IsAny<int>(), It.IsAny<long?>(), It.IsAny<CancellationToken>()), Times.Once);
    }

    [Theory]
    [InlineData(ServiceBusFailureReason.MessagingEntityNotFound, "the namespace does not have it")]
    [InlineData(ServiceBusFailureReason.ServiceCommunicationProblem, "the namespace cannot be reached")]
    [InlineData(ServiceBusFailureReason.ServiceBusy, "the namespace refused it (ServiceBusy)")]
    public async Task A_queue_that_cannot_be_asked_says_why_and_not_where(ServiceBusFailureReason reason, string problem)
    {
        Fail(new ServiceBusException("at ns.example", reason));

        Assert.Equal(problem, (await Assert.ThrowsAsync<QueueUnavailableException>(CountAsync)).Message);
    }

    [Fact]
    public async Task A_right_that_is_missing_is_named()
    {
        Fail(new UnauthorizedAccessException("at ns.example"));

        Assert.Equal("the identity or key of the app may not receive from it", (await Assert.ThrowsAsync<QueueUnavailableException>(CountAsync)).Message);
    }

    [Fact]
    public async Task A_setting_that_is_missing_is_named()
    {
        var depth = new PeekedQueueStatus(new(() => ServiceBusConnection.Open(new ConfigurationBuilder().Build())), clock);

        var problem = await Assert.ThrowsAsync<QueueUnavailableException>(() => depth.CountAsync("bot-messages", default));

        Assert.Equal("the setting ServiceBus is missing or names no namespace", problem.Message);
    }

    [Fact]
    public async Task The_age_is_that_of_the_first_message_that_is_to_be_delivered_now()
    {
        var messages = new[]
        {
            Message(ServiceBusMessageState.Scheduled, 90), Message(ServiceBusMessageState.Deferred, 80),
            Message(ServiceBusMessageState.Active, 70), Message(ServiceBusMessageState.Active, 60),
        };

        Assert.Equal(TimeSpan.FromSeconds(70), await OldestAsync(messages));
    }

    [Fact]
    public async Task The_age_is_zero_where_nothing_is_to_be_delivered() =>
        Assert.Equal(TimeSpan.Zero, await OldestAsync([Message(ServiceBusMessageState.Scheduled, 90)]));

    [Fact]
    public async Task The_age_is_unknown_behind_many_messages_for_later() =>
        Assert.Null(await OldestAsync([.. Enumerable.Repeat(Message(ServiceBusMessageState.Scheduled, 90), 32)]));

    [Fact]
    public async Task The_age_is_never_below_zero() =>
        Assert.Equal(TimeSpan.Zero, await OldestAsync([Message(ServiceBusMessageState.Active, -5)]));

    private ServiceBusReceivedMessage Message(ServiceBusMessageState state, int seconds) => ServiceBusModelFactory.ServiceBusReceivedMessage(
        enqueuedTime: clock.Now - TimeSpan.FromSeconds(seconds), serviceBusMessageState: state);

    private Task<TimeSpan?> OldestAsync(IReadOnlyList<ServiceBusReceivedMessage> messages)
    {
        queue.Setup(r => r.PeekMessagesAsync(PeekedQueueStatus.Most, 0, It.IsAny<CancellationToken>())).ReturnsAsync(messages);
        return Open().FindOldestAgeAsync("bot-messages", default);
    }

    private static void Show(Mock<ServiceBusReceiver> receiver, params ServiceBusMessageState[] states) => receiver
        .Setup(r => r.PeekMessagesAsync(PeekedQueueStatus.Most, 0, It.IsAny<CancellationToken>()))
        .ReturnsAsync([.. states.Select(state => ServiceBusModelFactory.ServiceBusReceivedMessage(serviceBusMessageState: state))]);

    private void Fail(Exception failure) => deadLetters
        .Setup(r => r.PeekMessagesAsync(It.IsAny<int>(), It.IsAny<long?>(), It.IsAny<CancellationToken>()))
        .ThrowsAsync(failure);

    private Task<QueueDepth?> CountAsync() => Open().CountAsync("bot-messages", default);

    private PeekedQueueStatus Open()
    {
        var client = new Mock<ServiceBusClient>();
        client.Setup(c => c.CreateReceiver("bot-messages", It.Is<ServiceBusReceiverOptions>(o => o.SubQueue == SubQueue.None))).Returns(queue.Object);
        client.Setup(c => c.CreateReceiver("bot-messages", It.Is<ServiceBusReceiverOptions>(o => o.SubQueue == SubQueue.DeadLetter))).Returns(deadLetters.Object);
        return new PeekedQueueStatus(new(client.Object), clock);
    }
}
