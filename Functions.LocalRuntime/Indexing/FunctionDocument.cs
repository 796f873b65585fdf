using System.Text.Json.Nodes;

namespace Functions.LocalRuntime.Indexing;

/// <summary>
/// The OpenAPI document of an app, from which <c>run Function --help</c> has what a function does and which values it takes. An operation of
/// it is a function's whose name is its <c>operationId</c>; functions of timers and queues are in <c>x-functions</c>, by name.
/// </summary>
/// <param name="open">Opens the document, which is JSON.</param>
public sealed class FunctionDocument(Func<Stream> open)
{
    private readonly Lazy<JsonNode> root = new(() =>
    {
        using var stream = open();
        return JsonNode.Parse(stream)!;
    });

    /// <summary>What the document says of a function; null where it does not name it.</summary>
    internal FunctionUsage? Find(string function)
    {
        var operations = from path in Members(root.Value["paths"])
                         from operation in Members(path.Value)
                         where (string?)operation.Value?["operationId"] == function
                         select operation.Value;
        return (operations.FirstOrDefault() ?? root.Value["x-functions"]?[function]) is { } said
            ? new((string?)said["summary"], [.. Parameters(said), .. Body(said)])
            : null;
    }

    private IEnumerable<FunctionOption> Parameters(JsonNode operation) =>
        from reference in operation["parameters"]?.AsArray() ?? []
        let parameter = Resolve(reference)
        select Option((string)parameter["name"]!, IsTrue(parameter["required"]), Resolve(parameter["schema"]), parameter);

    // The properties of a body are values of their own. What the document does not name the properties of is given whole.
    private IEnumerable<FunctionOption> Body(JsonNode operation)
    {
        if (operation["requestBody"] is not { } body || body["content"]?["application/json"] is not { } content)
        {
            return [];
        }

        var schema = Resolve(content["schema"]);
        return schema["properties"] is { } properties
            ? Members(properties).Select(property => Option(
                property.Key, (schema["required"] as JsonArray)?.Any(name => (string?)name == property.Key) is true, Resolve(property.Value), Resolve(property.Value)))
            : [new(FunctionOption.Body, "JSON", IsTrue(body["required"]), (string?)body["description"] ?? "", content["example"]?.ToJsonString())];
    }

    private static FunctionOption Option(string name, bool isRequired, JsonNode schema, JsonNode said) => new(
        name,
        Kind(schema),
        isRequired,
        string.Join(' ', new[] { (string?)said["description"], schema["default"] is { } value ? $"Default: {value}." : null }.Where(text => text is not null)),
        (said["example"] ?? schema["examples"]?[0] ?? schema["const"] ?? schema["enum"]?[0])?.ToString());

    private static string Kind(JsonNode schema) => schema switch
    {
        _ when schema["title"] is { } title => $"{title}",
        _ when schema["const"] is { } value => $"{value}",
        _ when schema["enum"] is JsonArray values => string.Join(" or ", values),
        _ when (schema["minimum"], schema["maximum"]) is ({ } least, { } most) => $"{least} to {most}",
        _ when schema["minimum"] is { } least => $"a number from {least} on",
        _ => ((string?)schema["type"], (string?)schema["format"]) switch
        {
            ("boolean", _) => "true/false",
            ("integer" or "number", _) => "a number",
            ("object" or "array", _) => "JSON",
            (_, "uuid") => "an id",
            (_, "uri") => "an address",
            (_, "date-time") => "a time",
            _ => "text",
        },
    };

    private static bool IsTrue(JsonNode? flag) => flag?.GetValue<bool>() is true;

    private JsonNode Resolve(JsonNode? node) => node?["$ref"] is { } reference
        ? ((string)reference!).Split('/').Skip(1).Aggregate(root.Value, (at, name) => at[name]!)
        : node ?? new JsonObject();

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Members(JsonNode? node) => node as JsonObject ?? [];
}

/// <summary>What a function does when it is run by hand, and all values that it takes.</summary>
/// <param name="Summary">What it does; null where nobody says.</param>
/// <param name="Options">Its values.</param>
internal sealed record FunctionUsage(string? Summary, IReadOnlyList<FunctionOption> Options);

/// <summary>A value of a function.</summary>
/// <param name="Name">Its name, without the dashes.</param>
/// <param name="Kind">What may be given, in a word or two.</param>
/// <param name="IsRequired">Whether the function refuses to run without it.</param>
/// <param name="Description">What it is for; may be empty.</param>
/// <param name="Example">One that can be given; null for none.</param>
internal sealed record FunctionOption(string Name, string Kind, bool IsRequired, string Description, string? Example)
{
    /// <summary>The name under which a message, or the whole body of a request, is given.</summary>
    public const string Body = "body";
}
