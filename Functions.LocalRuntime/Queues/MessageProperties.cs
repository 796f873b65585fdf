using System.Globalization;
using System.Runtime.Serialization;
using System.Text.Json;

namespace Functions.LocalRuntime.Queues;

/// <summary>The application properties of a message, as JSON that keeps the types that Service Bus carries.</summary>
internal static class MessageProperties
{
    /// <summary>The properties, the last one of each name; null for none.</summary>
    /// <exception cref="SerializationException">A property has a type that a message cannot carry.</exception>
    public static string? Write(IEnumerable<KeyValuePair<string, object>> properties)
    {
        var values = new Dictionary<string, string[]>();
        foreach (var (name, value) in properties)
        {
            values[name] = Encode(name, value);
        }

        return values.Count == 0 ? null : JsonSerializer.Serialize(values);
    }

    /// <summary>The properties of a message, with changes.</summary>
    public static string? Write(ServiceBusReceivedMessage message, IEnumerable<KeyValuePair<string, object>>? changes) =>
        Write(message.ApplicationProperties.Concat(changes ?? []));

    /// <summary>The properties of a message that is given up: Service Bus marks it by two more.</summary>
    public static string WriteDeadLetter(
        IEnumerable<KeyValuePair<string, object>> properties, string? reason, string? description, IEnumerable<KeyValuePair<string, object>>? changes = null)
    {
        KeyValuePair<string, object?>[] marks =
        [
            new(nameof(ServiceBusReceivedMessage.DeadLetterReason), reason),
            new(nameof(ServiceBusReceivedMessage.DeadLetterErrorDescription), description),
        ];
        return Write([.. properties, .. changes ?? [], .. marks.Where(mark => mark.Value is not null)!]) ?? "{}";
    }

    public static Dictionary<string, object> Read(string? json) => json is null
        ? []
        : JsonSerializer.Deserialize<Dictionary<string, string[]>>(json)!.ToDictionary(p => p.Key, p => Decode(p.Value[0], p.Value[1]));

    private static string[] Encode(string name, object value) => value switch
    {
        string s => ["string", s],
        DateTime t => [nameof(DateTime), t.ToString("O")],
        DateTimeOffset t => [nameof(DateTimeOffset), t.ToString("O")],
        Guid or TimeSpan => [value.GetType().Name, value.ToString()!],
        // An enum has the type code of its number but the text of its name, which could not be read back.
        IConvertible c and not Enum when c.GetTypeCode() is >= TypeCode.Boolean and <= TypeCode.Decimal =>
            [c.GetTypeCode().ToString(), c.ToString(CultureInfo.InvariantCulture)],
        _ => throw new SerializationException(
            $"The application property '{name}' is a {value?.GetType().Name ?? "null"}, which a message cannot carry."),
    };

    private static object Decode(string type, string text) => type switch
    {
        "string" => text,
        nameof(DateTime) => DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
        nameof(DateTimeOffset) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture),
        nameof(Guid) => Guid.Parse(text),
        nameof(TimeSpan) => TimeSpan.Parse(text, CultureInfo.InvariantCulture),
        _ => Convert.ChangeType(text, Enum.Parse<TypeCode>(type), CultureInfo.InvariantCulture),
    };
}
