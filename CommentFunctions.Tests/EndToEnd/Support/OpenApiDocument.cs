using System.Text.Json;
using System.Text.RegularExpressions;

namespace CommentFunctions.Tests.EndToEnd.Support;

/// <summary>The app's OpenAPI document, and what of an answer it does not say.</summary>
internal sealed partial class OpenApiDocument
{
    public OpenApiDocument(string json)
    {
        Text = json;
        Root = JsonDocument.Parse(json).RootElement;
        Operations = [.. from path in Root.GetProperty("paths").EnumerateObject()
                         from method in path.Value.EnumerateObject()
                         select new OpenApiOperation(method.Name.ToUpperInvariant(), path.Name, method.Value)];
    }

    public static OpenApiDocument OfSource { get; } = new(File.ReadAllText(Repository.File("CommentFunctions/Http/openapi.json")));

    public string Text { get; }

    public JsonElement Root { get; }

    public IReadOnlyList<OpenApiOperation> Operations { get; }

    /// <summary>The names of all references, such as <c>#/components/schemas/Problem</c>.</summary>
    public IEnumerable<string> References => Reference().Matches(Text).Select(match => match.Groups[1].Value).Distinct();

    /// <summary>What is referred to, or the element itself.</summary>
    public JsonElement Resolve(JsonElement element) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty("$ref", out var reference)
        ? reference.GetString()!.Split('/').Skip(1).Aggregate(Root, (at, name) => at.GetProperty(name))
        : element;

    /// <summary>What of an answer the document does not say, or says otherwise; empty where all is as it says.</summary>
    public async Task<IReadOnlyList<string>> CheckAsync(OpenApiOperation operation, HttpResponseMessage answer)
    {
        var (status, body) = ($"{(int)answer.StatusCode}", await answer.Content.ReadAsStringAsync());
        if (!operation.Element.GetProperty("responses").TryGetProperty(status, out var response))
        {
            return [$"{status} is not told of: {body}"];
        }

        if (!Resolve(response).TryGetProperty("content", out var content))
        {
            return body.Length == 0 ? [] : [$"{status} has a body: {body}"];
        }

        var type = answer.Content.Headers.ContentType?.MediaType ?? "none";
        if (!content.TryGetProperty(type, out var media))
        {
            return [$"{status} has the type {type}."];
        }

        return type.EndsWith("json", StringComparison.Ordinal)
            ? [.. Check(media.GetProperty("schema"), JsonDocument.Parse(body).RootElement, "answer")]
            : [];
    }

    /// <summary>Where a value is not as its schema says. A property is undocumented unless the schema names it or allows more.</summary>
    private IEnumerable<string> Check(JsonElement reference, JsonElement value, string at)
    {
        var schema = Resolve(reference);
        if (schema.TryGetProperty("anyOf", out var any))
        {
            return any.EnumerateArray().Any(one => !Check(one, value, at).Any()) ? [] : [$"{at} is none of those allowed: {value}"];
        }

        if (schema.TryGetProperty("enum", out var allowed))
        {
            return allowed.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)) ? [] : [$"{at} is {value}"];
        }

        if (!TypesOf(schema).Contains(TypeOf(value)) || !HasFormat(schema, value))
        {
            return [$"{at} is {value}"];
        }

        return value.ValueKind switch
        {
            JsonValueKind.Object => CheckObject(schema, value, at),
            JsonValueKind.Array => value.EnumerateArray().SelectMany((item, i) => Check(schema.GetProperty("items"), item, $"{at}[{i}]")),
            _ => [],
        };
    }

    private IEnumerable<string> CheckObject(JsonElement schema, JsonElement value, string at)
    {
        foreach (var name in NamesOf(schema, "required").Where(name => !value.TryGetProperty(name, out _)))
        {
            yield return $"{at}.{name} is missing.";
        }

        schema.TryGetProperty("properties", out var properties);
        schema.TryGetProperty("additionalProperties", out var more);
        foreach (var property in value.EnumerateObject())
        {
            var isNamed = properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(property.Name, out _);
            var problems = isNamed ? Check(properties.GetProperty(property.Name), property.Value, $"{at}.{property.Name}")
                : more.ValueKind == JsonValueKind.Object ? Check(more, property.Value, $"{at}.{property.Name}")
                : more.ValueKind == JsonValueKind.True ? [] : [$"{at}.{property.Name} is not documented."];
            foreach (var problem in problems)
            {
                yield return problem;
            }
        }
    }

    /// <summary>The texts of a list, such as of <c>required</c>; empty where there is none.</summary>
    public static IEnumerable<string> NamesOf(JsonElement element, string list) =>
        element.TryGetProperty(list, out var names) ? names.EnumerateArray().Select(name => name.GetString()!) : [];

    private static IEnumerable<string> TypesOf(JsonElement schema) =>
        schema.GetProperty("type") is { ValueKind: JsonValueKind.Array } ? NamesOf(schema, "type") : [schema.GetProperty("type").GetString()!];

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => value.TryGetInt64(out _) ? "integer" : "number",
        var kind => kind.ToString().ToLowerInvariant(),
    };

    private static bool HasFormat(JsonElement schema, JsonElement value) => schema.TryGetProperty("format", out var format) && value.ValueKind == JsonValueKind.String
        ? format.GetString() switch
        {
            "date-time" => value.TryGetDateTimeOffset(out _),
            "uuid" => value.TryGetGuid(out _),
            var other => throw new NotSupportedException(other),
        }
        : true;

    [GeneratedRegex("""
        "\$ref": "([^"]+)"
        """)]
    private static partial Regex Reference();
}

/// <summary>An operation of the document.</summary>
/// <param name="Method">The method, in capitals.</param>
/// <param name="Path">The path below the server, with placeholders.</param>
/// <param name="Element">What is said of it.</param>
internal sealed record OpenApiOperation(string Method, string Path, JsonElement Element)
{
    public string Id => Element.GetProperty("operationId").GetString()!;

    /// <summary>The right whose key opens it; null where it takes none.</summary>
    public string? Right => Element.TryGetProperty("security", out var security) && security[0].TryGetProperty("key", out var rights)
        ? Assert.Single(rights.EnumerateArray()).GetString()
        : null;

    /// <summary>Whether a path of a call is one of it.</summary>
    public bool Takes(string path) => Regex.IsMatch("/" + path, "^" + Regex.Replace(Path, @"\{\w+\}", "[^/]+") + "$");
}
