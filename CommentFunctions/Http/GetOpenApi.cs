using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Http;

/// <summary><c>GET /api/openapi.json</c> describes all HTTP functions in OpenAPI 3.1, for programs and for people who write them.</summary>
public sealed class GetOpenApi
{
    private static readonly Lazy<byte[]> Document = new(Read);

    [Function(nameof(GetOpenApi))]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "openapi.json")] HttpRequest request) =>
        Results.Bytes(Document.Value, "application/json");

    /// <summary>Opens the document, which is a part of the assembly.</summary>
    public static Stream Open() => typeof(GetOpenApi).Assembly.GetManifestResourceStream("openapi.json")!;

    private static byte[] Read()
    {
        using var stream = Open();
        var document = new byte[stream.Length];
        stream.ReadExactly(document);
        return document;
    }
}
