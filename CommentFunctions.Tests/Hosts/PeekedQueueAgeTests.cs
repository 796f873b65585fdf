using Azure.Messaging.ServiceBus;
using CommentFunctions.Hosts;
using CommentFunctions.Tests.Support;
using Moq;

namespace CommentFunctions.Tests.Hosts;

public class PeekedQueueAgeTests
{
    private readonly FakeTimeProvider clock = new();

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
        var receiver = new Mock<ServiceBusReceiver>();
        receiver.Setup(r => r.PeekMessagesAsync(32, 0, It.IsAny<CancellationToken>())).ReturnsAsync(messages);
        var client = new Mock<ServiceBusClient>();
        client.Setup(c => c.CreateReceiver("bot-messages")).Returns(receiver.Object);
        return new PeekedQueueAge(new(client.Object), clock).OldestAsync("bot-messages", default);
    }
}
