using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

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

    /// <summary>As <see cref="Writing"/>, in lines, for a person to copy from.</summary>
    public static JsonSerializerOptions Legible { get; } = new(Writing) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

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

/// <summary>Reads the JSON body of a request.</summary>
public static class JsonBody
{
    /// <summary>The most bytes that are read: many times what any request of this app needs.</summary>
    public const int MaxBytes = 64 * 1024;

    private const int FirstBytes = 16 * 1024;

    /// <summary>The body as a <typeparamref name="T"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="shape">What the body should look like, for the caller to read.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="BadHttpRequestException">
    /// The content type is not JSON (415), the body is too large (413), or it is not JSON of this shape (400).
    /// </exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request, string shape, CancellationToken cancellationToken)
        where T : class
    {
        RequireJson(request);
        var body = await ReadBytesAsync(request, MaxBytes, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize<T>(WithoutByteOrderMark(body.Span), ApiJson.Reading) ?? throw Malformed(shape, "");
        }
        catch (JsonException e)
        {
            throw Malformed(shape, e is { LineNumber: { } line, BytePositionInLine: { } at } ? $" (line {line + 1}, byte {at + 1})" : "", e);
        }
    }

    private static void RequireJson(HttpRequest request)
    {
        var known = MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && (type.MediaType!.Equals("application/json", StringComparison.OrdinalIgnoreCase)
                || (type.MediaType.StartsWith("application/", StringComparison.OrdinalIgnoreCase)
                    && type.MediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase)))
            && (type.CharSet is null || type.CharSet.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase));
        if (!known || request.Headers.ContentEncoding.Any(encoding => !"identity".Equals(encoding, StringComparison.OrdinalIgnoreCase)))
        {
            throw new BadHttpRequestException(
                "The body's type is not supported. Allowed: Content-Type application/json in UTF-8, not compressed.",
                StatusCodes.Status415UnsupportedMediaType);
        }
    }

    /// <summary>The body's bytes.</summary>
    /// <exception cref="BadHttpRequestException">There are more than <paramref name="maxBytes"/> (413), or they do not come as HTTP says (400).</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maxBytes)
        {
            throw TooLarge(maxBytes);
        }

        // One byte more than allowed is enough to know. What a caller says of the length is no reason to set memory aside: it grows with what comes.
        var buffer = new byte[Math.Min(request.ContentLength ?? FirstBytes, Math.Min(FirstBytes, maxBytes)) + 1];
        var length = 0;
        try
        {
            while ((length += await request.Body.ReadAtLeastAsync(
                buffer.AsMemory(length), buffer.Length - length, throwOnEndOfStream: false, cancellationToken)) == buffer.Length && length <= maxBytes)
            {
                Array.Resize(ref buffer, (int)Math.Min(2L * length, maxBytes + 1L));
            }
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            // Such as a chunk of a malformed size.
            throw new BadHttpRequestException("The body could not be read to its end.", e);
        }

        return length > maxBytes ? throw TooLarge(maxBytes) : buffer.AsMemory(0, length);
    }

    private static ReadOnlySpan<byte> WithoutByteOrderMark(ReadOnlySpan<byte> body) =>
        body.StartsWith("\uFEFF"u8) ? body[3..] : body;

    private static BadHttpRequestException TooLarge(int maxBytes) =>
        new($"The body is larger than the {maxBytes} bytes that are allowed.", StatusCodes.Status413PayloadTooLarge);

    private static BadHttpRequestException Malformed(string shape, string where, Exception? inner = null)
    {
        var detail = $"The body is not JSON of the form {shape}{where}. Each property has to be there, once, and be text in valid Unicode.";
        return inner is null ? new(detail) : new(detail, inner);
    }
}
