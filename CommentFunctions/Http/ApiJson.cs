using System.Text.Json;
using System.Text.Json.Serialization;

namespace CommentFunctions.Http;

/// <summary>The JSON of this app: web defaults, enums as camelCase text.</summary>
public static class ApiJson
{
    /// <summary>For what the app writes: nulls are left out, save where a type asks for them.</summary>
    public static JsonSerializerOptions Writing { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>
    /// For what the app is given: what a type needs must be there and not be null, and no property twice. Unknown properties are
    /// let through, so that senders can be newer than the app.
    /// </summary>
    public static JsonSerializerOptions Reading { get; } = new(JsonSerializerDefaults.Web)
    {
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        MaxDepth = 16,
    };
}
