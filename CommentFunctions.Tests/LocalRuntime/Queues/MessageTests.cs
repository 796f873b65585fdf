using System.Runtime.Serialization;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Tests.LocalRuntime.Support;

namespace CommentFunctions.Tests.LocalRuntime.Queues;

public sealed class MessageTests : QueueFileTests
{
    public static TheoryData<object> PropertyValues => new(
        "text", "", "ünïcödé 🎈 \" \\ \n \0", true, false, (byte)255, (sbyte)-128, short.MinValue, ushort.MaxValue, int.MinValue, uint.MaxValue,
        long.MinValue, ulong.MaxValue, 1.5f, float.Epsilon, 0.1 + 0.2, double.MaxValue, double.NaN, double.NegativeInfinity, 79228162514264337593543950335m, 'x',
        Guid.Parse("0b9d37e4-26cb-4a08-8fd6-0d4f0a7f1b11"), TimeSpan.FromTicks(-1234567891234), new DateTime(2026, 3, 29, 2, 30, 0, DateTimeKind.Utc).AddTicks(1),
        new DateTimeOffset(2026, 3, 29, 2, 30, 0, TimeSpan.FromHours(2)).AddTicks(1));

    [Theory]
    [MemberData(nameof(PropertyValues), DisableDiscoveryEnumeration = true)]
    public async Task An_application_property_keeps_its_value_and_type(object value)
    {
        var message = new ServiceBusMessage("body");
        message.ApplicationProperties["name"] = value;
        await Queue.Sender().SendMessageAsync(message);
        await Queue.ReopenAsync();

        var received = (await Queue.ReceiveOneAsync()).ApplicationProperties["name"];

        Assert.Equal(value, received);
        Assert.IsType(value.GetType(), received);
    }

    [Fact]
    public async Task A_property_that_a_message_cannot_carry_is_refused_when_it_is_sent()
    {
        foreach (var value in new object[] { new(), DayOfWeek.Friday, new[] { 1 }, DBNull.Value })
        {
            var message = new ServiceBusMessage("body");
            message.ApplicationProperties["bad"] = value;

            var refusal = await Assert.ThrowsAsync<SerializationException>(() => Queue.Sender().SendMessageAsync(message));

            Assert.Contains("'bad'", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Empty(await Queue.ReceiveAsync());
    }

    [Fact]
    public async Task A_message_arrives_as_it_was_sent()
    {
        var sent = new ServiceBusMessage(new BinaryData(Enumerable.Range(0, 256).Select(i => (byte)i).ToArray()))
        {
            MessageId = "telegram:1",
            ContentType = "application/octet-stream",
            CorrelationId = "conversation 7",
            Subject = "a subject",
            TimeToLive = TimeSpan.FromMinutes(7),
        };
        await Queue.Sender().SendMessageAsync(sent);

        var received = await Queue.ReceiveOneAsync();

        Assert.Equal(sent.Body.ToArray(), received.Body.ToArray());
        Assert.Equal(
            (sent.MessageId, sent.ContentType, sent.CorrelationId, sent.Subject, sent.TimeToLive),
            (received.MessageId, received.ContentType, received.CorrelationId, received.Subject, received.TimeToLive));
        Assert.Equal((QueueFile.Start, QueueFile.Start.AddMinutes(7), 1), (received.EnqueuedTime, received.ExpiresAt, received.DeliveryCount));
        Assert.Null(received.DeadLetterReason);
        Assert.Empty(received.ApplicationProperties);
    }

    [Fact]
    public async Task A_message_with_nothing_but_an_empty_body_arrives()
    {
        await Queue.SendAsync("");

        var received = await Queue.ReceiveOneAsync();

        Assert.Empty(received.Body.ToArray());
        Assert.Null(received.ContentType);
        Assert.Null(received.Subject);
    }

    [Fact]
    public async Task An_empty_MessageId_is_refused() => await Assert.ThrowsAsync<ArgumentException>(
        () => Queue.Sender().SendMessageAsync(new ServiceBusMessage("body") { MessageId = "" }));

    [Fact]
    public async Task Text_beside_the_body_arrives_with_every_character()
    {
        const string Text = "ünïcödé 🎈 ' \" \n and\0a NUL";
        await Queue.Sender().SendMessageAsync(new ServiceBusMessage(Text) { MessageId = Text, Subject = Text, CorrelationId = Text, ContentType = Text });

        var received = await Queue.ReceiveOneAsync();

        Assert.Equal((Text, Text, Text, Text, Text), (received.Body.ToString(), received.MessageId, received.Subject, received.CorrelationId, received.ContentType));
    }

    [Fact]
    public async Task A_send_that_is_cancelled_before_it_begins_keeps_nothing()
    {
        await Assert.ThrowsAsync<OperationCanceledException>(
            () => Queue.Sender().SendMessageAsync(new ServiceBusMessage("body"), new CancellationToken(true)));

        Assert.Empty(await Queue.ReceiveAsync());
    }
}
