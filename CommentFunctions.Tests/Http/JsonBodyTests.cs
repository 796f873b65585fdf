using System.Text;
using CommentFunctions.Comments;
using CommentFunctions.Http;
using CommentFunctions.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace CommentFunctions.Tests.Http;

public class JsonBodyTests
{
    private const string Valid = """{"userName": "a", "text": "x"}""";

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json; charset=\"UTF-8\"")]
    [InlineData("Application/vnd.comment+JSON")]
    public async Task Json_is_read(string contentType)
    {
        Assert.Equal(new("a", "x"), await ReadAsync(HttpCalls.Post("/", Valid, contentType)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("text/plain")]
    [InlineData("text/json+")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("json")]
    public async Task Another_content_type_is_415(string? contentType) =>
        await RefusedAsync(415, HttpCalls.Post("/", Valid, contentType), "application/json");

    [Fact]
    public async Task A_compressed_body_is_415()
    {
        var request = HttpCalls.Post("/", Valid);
        request.Headers.ContentEncoding = "gzip";

        await RefusedAsync(415, request, "not compressed");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    [InlineData("""{"userName": "a"}""")]
    [InlineData("""{"userName": null, "text": "x"}""")]
    [InlineData("""{"userName": 1, "text": "x"}""")]
    [InlineData("""{"userName": "a", "text": ["x"]}""")]
    [InlineData("""{"userName": "a", "text": "x", "text": "y"}""")]
    [InlineData("""{"userName": "a", "text": "x", "Text": "y"}""")]
    [InlineData("""{"userName": "a", "text": "\ud83d"}""")]
    [InlineData("""{"userName": "a", "text": "\ude00\ud83d"}""")]
    [InlineData("""{"userName": "a", "text": "x",}""")]
    [InlineData(Valid + "x")]
    [InlineData(Valid + Valid)]
    public async Task A_body_of_another_form_is_400(string body) =>
        await RefusedAsync(400, HttpCalls.Post("/", body), "is not JSON of the form {shape}");

    [Theory]
    [InlineData(0x80)]
    [InlineData(0xFF)]
    [InlineData(0xC0)]
    [InlineData(0xED)]
    public async Task Bytes_that_are_not_utf_8_are_400(byte value)
    {
        byte[] body = [.. """{"userName": "a", "text": "x"""u8, value, .. "\"}"u8];

        await RefusedAsync(400, HttpCalls.Post("/", body), "valid Unicode");
    }

    [Fact]
    public async Task Deep_nesting_is_400() => await RefusedAsync(
        400, HttpCalls.Post("/", $$"""{"userName": "a", "text": "x", "more": {{new string('[', 9_000)}}"""), "is not JSON");

    [Fact]
    public async Task Unknown_properties_and_a_byte_order_mark_are_let_through() => Assert.Equal(
        new("a", "x"), await ReadAsync(HttpCalls.Post("/", "\uFEFF" + """{"userName": "a", "text": "x", "more": {"text": 1}}""")));

    [Fact]
    public async Task A_body_that_says_that_it_is_too_large_is_413_and_not_read()
    {
        var request = HttpCalls.Post("/", Valid);
        request.ContentLength = 10_000_000;

        await RefusedAsync(413, request, $"{JsonBody.MaxBytes} bytes");
        Assert.Equal(0, request.Body.Position);
    }

    [Theory]
    [InlineData(JsonBody.MaxBytes, null)]
    [InlineData(JsonBody.MaxBytes + 1, 413)]
    [InlineData(10_000_000, 413)]
    public async Task A_body_without_a_length_is_read_up_to_the_limit(int bytes, int? status)
    {
        var request = HttpCalls.Post("/", Encoding.UTF8.GetBytes(Valid.PadRight(bytes)));
        request.ContentLength = null;

        if (status is { } refused)
        {
            await RefusedAsync(refused, request, "larger");
            Assert.InRange(request.Body.Position, 0, JsonBody.MaxBytes + 1);
        }
        else
        {
            Assert.Equal(new("a", "x"), await ReadAsync(request));
        }
    }

    [Fact]
    public async Task Memory_is_set_aside_for_what_comes_and_not_for_what_a_caller_says_will_come()
    {
        var request = HttpCalls.Post("/", Valid);
        using var body = new AskedStream();
        (request.Body, request.ContentLength) = (body, 1_000_000_000);

        await JsonBody.ReadBytesAsync(request, 1_000_000_000, CancellationToken.None);

        Assert.InRange(body.Most, 1, 64 * 1024);
    }

    private static Task<NewComment> ReadAsync(HttpRequest request) => JsonBody.ReadAsync<NewComment>(request, "{shape}", default);

    private static async Task RefusedAsync(int status, HttpRequest request, string detail)
    {
        var refusal = await Assert.ThrowsAsync<BadHttpRequestException>(() => ReadAsync(request));
        Assert.Equal(status, refusal.StatusCode);
        Assert.Contains(detail, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16 * 1024)]
    [InlineData((16 * 1024) + 1)]
    [InlineData(32 * 1024)]
    [InlineData(100_000)]
    public async Task A_body_without_a_length_is_read_whole_up_to_the_limit(int length)
    {
        var bytes = Enumerable.Range(0, length).Select(i => (byte)i).ToArray();
        var (whole, longer) = (HttpCalls.Post("/", bytes), HttpCalls.Post("/", [.. bytes, 0]));
        (whole.ContentLength, longer.ContentLength) = (null, null);

        Assert.Equal(bytes, (await JsonBody.ReadBytesAsync(whole, length, CancellationToken.None)).ToArray());
        var refusal = await Assert.ThrowsAsync<BadHttpRequestException>(() => JsonBody.ReadBytesAsync(longer, length, CancellationToken.None));
        Assert.Equal(413, refusal.StatusCode);
    }

    /// <summary>Has nothing, and knows how much it was asked for.</summary>
    private sealed class AskedStream : MemoryStream
    {
        public int Most { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Most = Math.Max(Most, buffer.Length);
            return base.ReadAsync(buffer, cancellationToken);
        }
    }
}
