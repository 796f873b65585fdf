using System.Text.RegularExpressions;
using CommentFunctions.Pages;
using CommentFunctions.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace CommentFunctions.Tests.Pages;

public partial class PagesApiTests
{
    private static readonly PageFiles Files = new();

    [Theory]
    [InlineData("style.css", "text/css; charset=utf-8")]
    [InlineData("chat.js", "text/javascript; charset=utf-8")]
    [InlineData("icon.svg", "image/svg+xml")]
    public async Task A_file_comes_with_its_type_and_may_be_kept_but_has_to_be_asked_for_again(string name, string type)
    {
        var (response, body) = await AnswerAsync(HttpCalls.Get("/api/chat/" + name), request => new PagesApi(Files).GetChatFile(request, name));

        Assert.Equal(
            (200, type, "no-cache", "nosniff"),
            (response.StatusCode, response.ContentType!, response.Headers.CacheControl.ToString(), response.Headers.XContentTypeOptions.ToString()));
        Assert.NotEmpty(body);
        Assert.Matches("^\"[0-9a-f]{32}\"$", response.Headers.ETag.ToString());
    }

    [Fact]
    public async Task What_the_caller_has_already_is_not_sent_again()
    {
        var (first, _) = await AnswerAsync(HttpCalls.Get("/api/chat"), new PagesApi(Files).GetChat);
        var request = HttpCalls.Get("/api/chat");
        request.Headers.IfNoneMatch = first.Headers.ETag;

        var (second, body) = await AnswerAsync(request, new PagesApi(Files).GetChat);

        Assert.Equal((304, ""), (second.StatusCode, body));
    }

    [Fact]
    public async Task HEAD_has_the_length_and_no_body()
    {
        var (_, page) = await AnswerAsync(HttpCalls.Get("/api/chat"), new PagesApi(Files).GetChat);
        var request = HttpCalls.Get("/api/chat");
        request.Method = "HEAD";

        var (head, body) = await AnswerAsync(request, new PagesApi(Files).GetChat);

        Assert.Equal((200, ""), (head.StatusCode, body));
        Assert.True(head.ContentLength >= page.Length);
    }

    [Theory]
    [InlineData("chat.html")]
    [InlineData("none.js")]
    [InlineData("Chat.js")]
    [InlineData("../chat.js")]
    [InlineData("")]
    public async Task There_are_no_other_files(string name)
    {
        var request = HttpCalls.Get("/api/chat/" + name);

        var answer = await HttpCalls.AnswerOf(new PagesApi(Files).GetChatFile(request, name), request.HttpContext);

        Assert.Equal("The page has no file of this name.", answer.Problem(404));
    }

    [Fact]
    public async Task The_page_is_not_one_folder_deeper_than_its_files()
    {
        var (response, _) = await AnswerAsync(HttpCalls.Get("/prefix/api/chat/"), new PagesApi(Files).GetChat);

        Assert.Equal((302, "../chat"), (response.StatusCode, response.Headers.Location.ToString()));
    }

    [Fact]
    public async Task Nothing_runs_that_is_not_a_file_of_the_app()
    {
        var (response, _) = await AnswerAsync(HttpCalls.Get("/api/chat"), new PagesApi(Files).GetChat);

        var policy = response.Headers.ContentSecurityPolicy.ToString().Split("; ");
        Assert.Subset(
            policy.ToHashSet(),
            new HashSet<string> { "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'" });
        Assert.DoesNotContain(policy, directive => directive.Contains("unsafe", StringComparison.Ordinal) || directive.Contains('*'));
        Assert.Equal("no-referrer", response.Headers["Referrer-Policy"]);
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("dashboard")]
    public async Task A_page_names_only_files_that_are_there_and_has_nothing_inline(string name)
    {
        var pages = new PagesApi(Files);
        var (response, page) = await AnswerAsync(HttpCalls.Get("/api/" + name), name == "chat" ? pages.GetChat : pages.GetDashboard);

        Assert.Equal("text/html; charset=utf-8", response.ContentType);
        var names = Links().Matches(page).Select(match => match.Groups[1].Value).Where(link => link is not ("chat" or "dashboard" or "#main")).ToList();
        Assert.Contains($"{name}/{name}.js", names);
        Assert.All(names, file =>
        {
            Assert.StartsWith(name + "/", file, StringComparison.Ordinal);
            Assert.NotNull(Files.Find(HttpCalls.Get("/api/" + file), file[(name.Length + 1)..]));
        });
        Assert.DoesNotMatch(@"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page);
    }

    /// <summary>What is not named takes another round to the app; what is not used, one for nothing.</summary>
    [Theory]
    [InlineData("chat")]
    [InlineData("dashboard")]
    public async Task A_page_names_beforehand_all_that_its_script_imports(string name)
    {
        var pages = new PagesApi(Files);
        var (_, page) = await AnswerAsync(HttpCalls.Get("/api/" + name), name == "chat" ? pages.GetChat : pages.GetDashboard);
        var imported = new HashSet<string>();
        await FollowAsync(name + ".js");

        Assert.Equal(imported.Order(), Links().Matches(page).Select(match => match.Groups[1].Value).Where(link => link.EndsWith(".js", StringComparison.Ordinal))
            .Select(link => link[(name.Length + 1)..]).Order());

        async Task FollowAsync(string file)
        {
            if (imported.Add(file))
            {
                var (_, script) = await AnswerAsync(HttpCalls.Get("/api/chat/" + file), request => pages.GetChatFile(request, file));
                foreach (Match import in Imports().Matches(script))
                {
                    await FollowAsync(import.Groups[1].Value);
                }
            }
        }
    }

    private static async Task<(HttpResponse Response, string Body)> AnswerAsync(HttpRequest request, Func<HttpRequest, IResult> call)
    {
        using var body = new MemoryStream();
        request.HttpContext.Response.Body = body;
        await call(request).ExecuteAsync(request.HttpContext);
        return (request.HttpContext.Response, System.Text.Encoding.UTF8.GetString(body.ToArray()));
    }

    [GeneratedRegex("from \"\\./([a-z]+\\.js)\"")]
    private static partial Regex Imports();

    [GeneratedRegex("(?:src|href)=\"([^\"]+)\"")]
    private static partial Regex Links();
}
