namespace Azure.Messaging.ServiceBus;

/// <summary>A message to send.</summary>
public class ServiceBusMessage
{
    /// <summary>A message with this body.</summary>
    public ServiceBusMessage(BinaryData body) => Body = body;

    /// <summary>A message with this text, in UTF-8, as its body.</summary>
    public ServiceBusMessage(string body) : this(BinaryData.FromString(body))
    {
    }

    /// <summary>The body.</summary>
    public BinaryData Body { get; set; }

    /// <summary>The id by which duplicates are known, at most 128 characters. The queue makes one where it is null.</summary>
    public string? MessageId { get; set; }

    /// <summary>The body's media type.</summary>
    public string? ContentType { get; set; }

    /// <summary>An id that ties messages together.</summary>
    public string? CorrelationId { get; set; }

    /// <summary>What the message is about.</summary>
    public string? Subject { get; set; }

    /// <summary>How long the message is good for; the queue's own limit holds where it is shorter.</summary>
    public TimeSpan TimeToLive { get; set; } = TimeSpan.MaxValue;

    /// <summary>When the message becomes visible to receivers; at once where it is not set.</summary>
    public DateTimeOffset ScheduledEnqueueTime { get; set; }

    /// <summary>Properties beside the body; values are strings, numbers, booleans and the like.</summary>
    public IDictionary<string, object> ApplicationProperties { get; } = new Dictionary<string, object>();
}
