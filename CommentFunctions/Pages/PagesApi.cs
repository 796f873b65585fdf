using System.Security.Cryptography;
using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Net.Http.Headers;

namespace CommentFunctions.Pages;

/// <summary>
/// Two pages for people: one to operate the app, one to try it, which is off with the web channel. Neither has anything to hide: the
/// functions that they call ask for their keys.
/// </summary>
public sealed class PagesApi(PageFiles files)
{
    /// <summary><c>GET /api/dashboard</c> is the page for operators.</summary>
    [Function("GetDashboard")]
    public IResult GetDashboard([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "dashboard")] HttpRequest request) =>
        Page(request, "dashboard");

    /// <summary><c>GET /api/dashboard/{file}</c> is a file of the pages. 404 where there is none of this name.</summary>
    [Function("GetDashboardFile")]
    public IResult GetDashboardFile(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "dashboard/{file}")] HttpRequest request, string file) => File(request, file);

    /// <summary><c>GET /api/chat</c> is the page to try the app: to ask the bot and to write comments.</summary>
    [Function("GetChatPage")]
    public IResult GetChat([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "chat")] HttpRequest request) => Page(request, "chat");

    /// <summary><c>GET /api/chat/{file}</c> is a file of the pages. 404 where there is none of this name.</summary>
    [Function("GetChatFile")]
    public IResult GetChatFile(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "chat/{file}")] HttpRequest request, string file) => File(request, file);

    // A page names its files relative to itself, so that it works behind any prefix; there they would be one folder too deep.
    private IResult Page(HttpRequest request, string name) =>
        request.Path.Value?.EndsWith('/') is true ? Results.Redirect($"../{name}") : files.Page(request, name);

    private IResult File(HttpRequest request, string name) =>
        files.Find(request, name) ?? ApiResults.Problem(StatusCodes.Status404NotFound, "The page has no file of this name.");
}

/// <summary>The pages and their files, which are resources of this assembly.</summary>
/// <param name="sources">A folder whose files are served as they are now, in place of what was built; null for none.</param>
public sealed class PageFiles(string? sources = null)
{
    private const string Prefix = "pages/";
    private const string PageType = ".html";

    // The pages need what is listed and no more: a text that found its way into it as markup could neither run nor send anything.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private static readonly Dictionary<string, string> ContentTypes = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

    private readonly Dictionary<string, PageFile> files = typeof(PageFiles).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .ToDictionary(name => name[Prefix.Length..], Load, StringComparer.Ordinal);

    /// <summary>
    /// A page as an answer to this request: 304 where the caller has it already. Callers may keep it, but ask each time whether it is
    /// still the same.
    /// </summary>
    public IResult Page(HttpRequest request, string name) => Answer(request, Named(name + PageType)!);

    /// <summary>A file that the pages use, as <see cref="Page"/>; null where there is none of this name.</summary>
    public IResult? Find(HttpRequest request, string name) =>
        !name.EndsWith(PageType, StringComparison.Ordinal) && Named(name) is { } file ? Answer(request, file) : null;

    private static IResult Answer(HttpRequest request, PageFile file)
    {
        var headers = request.HttpContext.Response.Headers;
        headers.CacheControl = "no-cache";
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return Results.Bytes(file.Content, file.ContentType, entityTag: file.Tag);
    }

    private PageFile? Named(string name) =>
        sources is not null && Path.GetFileName(name) == name && ContentTypes.ContainsKey(Path.GetExtension(name)) && File.Exists(Path.Combine(sources, name))
            ? Describe(name, File.ReadAllBytes(Path.Combine(sources, name)))
            : files.GetValueOrDefault(name);

    private static PageFile Load(string resource)
    {
        using var stream = typeof(PageFiles).Assembly.GetManifestResourceStream(resource)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return Describe(resource, content);
    }

    private static PageFile Describe(string name, byte[] content)
    {
        var tag = Convert.ToHexStringLower(SHA256.HashData(content)[..16]);
        return new(content, ContentTypes[Path.GetExtension(name)], new EntityTagHeaderValue($"\"{tag}\""));
    }

    private sealed record PageFile(byte[] Content, string ContentType, EntityTagHeaderValue Tag);
}

public static class PageServices
{
    /// <summary>Adds the pages.</summary>
    public static IHostApplicationBuilder AddPages(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(_ => new PageFiles(WatchedFiles(builder)));
        return builder;
    }

    // What `dotnet watch` builds anew is code alone. Another start serves what was built, which belongs to the code that runs.
    private static string? WatchedFiles(IHostApplicationBuilder builder) =>
        builder.Configuration["DOTNET_WATCH"] == "1" ? Path.Combine(builder.Environment.ContentRootPath, "CommentFunctions", "Pages", "Files") : null;
}
