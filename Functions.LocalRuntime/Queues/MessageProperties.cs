using System.Text.Json;

namespace Functions.LocalRuntime.Queues;

/// <summary>A message on its way into the queue file.</summary>
internal sealed record NewMessage(
    string Queue,
    string MessageId,
    byte[] Body,
    string? ContentType,
    string? CorrelationId,
    string? Subject,
    string? Properties,
    DateTimeOffset VisibleAt,
    TimeSpan TimeToLive);

/// <summary>The application properties of a message, as JSON that keeps the types that Service Bus carries.</summary>
internal static class MessageProperties
{
    public static string? Write(IEnumerable<KeyValuePair<string, object>> properties)
    {
        var values = properties.ToDictionary(p => p.Key, p => Encode(p.Key, p.Value));
        return values.Count == 0 ? null : JsonSerializer.Serialize(values);
    }

    /// <summary>The properties of a message, with changes.</summary>
    public static string? Write(ServiceBusReceivedMessage message, IEnumerable<KeyValuePair<string, object>>? changes) =>
        Write(Changed(message.ApplicationProperties, changes ?? []));

    /// <summary>The properties of a message that is given up: Service Bus marks it by two more.</summary>
    public static string WriteDeadLetter(
        IEnumerable<KeyValuePair<string, object>> properties, string? reason, string? description, IEnumerable<KeyValuePair<string, object>>? changes = null)
    {
        KeyValuePair<string, object?>[] marks =
        [
            new(nameof(ServiceBusReceivedMessage.DeadLetterReason), reason),
            new(nameof(ServiceBusReceivedMessage.DeadLetterErrorDescription), description),
        ];
        return Write(Changed(properties, [.. changes ?? [], .. marks.Where(mark => mark.Value is not null)!])) ?? "{}";
    }

    public static Dictionary<string, object> Read(string? json) => json is null
        ? []
        : JsonSerializer.Deserialize<Dictionary<string, string[]>>(json)!.ToDictionary(p => p.Key, p => Decode(p.Value[0], p.Value[1]));

    private static Dictionary<string, object> Changed(
        IEnumerable<KeyValuePair<string, object>> properties, IEnumerable<KeyValuePair<string, object>> changes)
    {
        var changed = new Dictionary<string, object>(properties);
        foreach (var (name, value) in changes)
        {
            changed[name] = value;
        }

        return changed;
    }

    private static string[] Encode(string name, object value) => value switch
    {
        string s => ["string", s],
        DateTime t => [nameof(DateTime), t.ToString("O")],
        DateTimeOffset t => [nameof(DateTimeOffset), t.ToString("O")],
        Guid or TimeSpan => [value.GetType().Name, value.ToString()!],
        // An enum has the type code of its number but the text of its name, which could not be read back.
        IConvertible c and not Enum when c.GetTypeCode() is >= TypeCode.Boolean and <= TypeCode.Decimal =>
            [c.GetTypeCode().ToString(), c.ToString(System.Globalization.CultureInfo.InvariantCulture)],
        _ => throw new System.Runtime.Serialization.SerializationException(
            $"The application property '{name}' is a {value?.GetType().Name ?? "null"}, which a message cannot carry."),
    };

    private static object Decode(string type, string text)
    {
        var invariant = System.Globalization.CultureInfo.InvariantCulture;
        return type switch
        {
            "string" => text,
            nameof(DateTime) => DateTime.Parse(text, invariant, System.Globalization.DateTimeStyles.RoundtripKind),
            nameof(DateTimeOffset) => DateTimeOffset.Parse(text, invariant),
            nameof(Guid) => Guid.Parse(text),
            nameof(TimeSpan) => TimeSpan.Parse(text, invariant),
            _ => Convert.ChangeType(text, Enum.Parse<TypeCode>(type), invariant),
        };
    }
}
