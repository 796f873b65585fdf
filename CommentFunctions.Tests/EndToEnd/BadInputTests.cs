using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using CommentFunctions.Tests.EndToEnd.Support;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>One process takes everything that a careless or hostile caller may send, and goes on.</summary>
[Collection(RunningAppGroup.Name)]
public sealed class BadInputTests(RunningApp running)
{
    private readonly AppProcess app = running.App;

    [Fact]
    public async Task Bad_comments_get_a_problem_document_each_and_good_ones_go_on()
    {
        await RefusedAsync(HttpStatusCode.BadRequest, """{"userName":"a b","text":"x"}""");
        await RefusedAsync(HttpStatusCode.BadRequest, """{"userName":"a/b","text":"x"}""");
        await RefusedAsync(HttpStatusCode.BadRequest, """{"userName":"","text":"x"}""");
        await RefusedAsync(HttpStatusCode.BadRequest, $$"""{"userName":"{{new string('a', 151)}}","text":"x"}""");
        await RefusedAsync(HttpStatusCode.BadRequest, """{"userName":"alice","text":""}""");
        await RefusedAsync(HttpStatusCode.BadRequest, $$"""{"userName":"alice","text":"{{new string('x', 1025)}}"}""");
        await RefusedAsync(HttpStatusCode.BadRequest, """{"userName":"alice","text":"a\u0000b"}""");
        await RefusedAsync(HttpStatusCode.BadRequest, """{"userName":"alice","text":"\ud800"}""");
        await RefusedAsync(HttpStatusCode.BadRequest, """{"userName":"alice","text":null}""");
        await RefusedAsync(HttpStatusCode.BadRequest, """{"userName":"alice","text":5}""");
        await RefusedAsync(HttpStatusCode.BadRequest, """{"userName":"alice"}""");
        await RefusedAsync(HttpStatusCode.BadRequest, """{"userName":"alice","text":""");
        await RefusedAsync(HttpStatusCode.BadRequest, "");
        await RefusedAsync(HttpStatusCode.BadRequest, "[]");
        await RefusedAsync(HttpStatusCode.UnsupportedMediaType, """{"userName":"alice","text":"x"}""", "text/plain");
        await RefusedAsync(HttpStatusCode.UnsupportedMediaType, "userName=alice&text=x", "application/x-www-form-urlencoded");

        Assert.Equal(HttpStatusCode.Created, (await app.Http.PostCommentAsync("careful", string.Concat(Enumerable.Repeat("😀", 1024)))).StatusCode);
        Assert.Single(await app.Http.CommentsAsync("careful"));
    }

    [Fact]
    public async Task Bytes_that_are_not_text_get_a_problem_document()
    {
        using var body = new ByteArrayContent([.. "{\"userName\":\"alice\",\"text\":\""u8, 0xED, 0xA0, 0x80, .. "\"}"u8]);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        await RefusedAsync(HttpStatusCode.BadRequest, await app.Http.PostAsync("api/comments", body));
    }

    [Theory]
    [InlineData("api/comments")]
    [InlineData("api/bot/messages")]
    public async Task A_body_of_10_MB_is_refused_and_the_process_goes_on(string path)
    {
        using var body = new StringContent($$"""{"userName":"alice","conversation":"demo","text":"{{new string('x', 10_000_000)}}"}""", Encoding.UTF8, "application/json");
        body.Headers.ContentLength = null;
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body };
        request.Headers.TransferEncodingChunked = true;
        // Like curl: the answer is read although the body was not taken.
        request.Headers.ExpectContinue = true;

        await RefusedAsync(HttpStatusCode.RequestEntityTooLarge, await app.Http.SendAsync(request));
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("api/health")).StatusCode);
    }

    [Fact]
    public async Task A_chunk_whose_size_is_no_number_that_there_is_is_a_bad_request()
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, app.Http.BaseAddress!.Port);
        var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "POST /api/comments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}\r\n0\r\n\r\n"));
        using var reader = new StreamReader(stream);

        Assert.Equal("HTTP/1.1 400 Bad Request", await reader.ReadLineAsync());
    }

    [Theory]
    [InlineData("""{"conversation":"a b","text":"alice"}""")]
    [InlineData("""{"conversation":"","text":"alice"}""")]
    [InlineData("""{"conversation":"demo","text":""}""")]
    [InlineData("""{"conversation":"demo","text":"a\u0000b"}""")]
    [InlineData("""{"conversation":"demo"}""")]
    public async Task Bad_messages_to_the_bot_get_a_problem_document(string json)
    {
        using var body = new StringContent(json, Encoding.UTF8, "application/json");
        await RefusedAsync(HttpStatusCode.BadRequest, await app.Http.PostAsync("api/bot/messages", body));
    }

    [Theory]
    [InlineData("olderThan=-01:00:00")]
    [InlineData("olderThan=24:00:00")]
    [InlineData("olderThan=10000000.00:00:00")]
    [InlineData("olderThan=yesterday")]
    [InlineData("dryRun=perhaps")]
    public async Task An_expiry_run_with_senseless_values_is_refused(string query) =>
        await RefusedAsync(HttpStatusCode.BadRequest, await app.Http.PostAsync($"api/expiry-runs?{query}", null));

    private static async Task RefusedAsync(HttpStatusCode status, HttpResponseMessage answer)
    {
        var problem = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == status, $"{(int)answer.StatusCode} instead of {(int)status}: {problem}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("\"detail\"", problem, StringComparison.Ordinal);
        answer.Dispose();
    }

    private async Task RefusedAsync(HttpStatusCode status, string json, string contentType = "application/json")
    {
        using var body = new StringContent(json, Encoding.UTF8, contentType);
        await RefusedAsync(status, await app.Http.PostAsync("api/comments", body));
    }
}
