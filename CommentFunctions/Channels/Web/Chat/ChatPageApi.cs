using System.Collections.Frozen;
using System.Security.Cryptography;
using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Net.Http.Headers;

namespace CommentFunctions.Channels.Web.Chat;

/// <summary>A page for people: it talks to the bot, shows comments and runs the deletion.</summary>
public sealed class ChatPageApi(ChatFiles files)
{
    /// <summary><c>GET /api/chat</c> is the page.</summary>
    [Function("GetChatPage")]
    public IResult GetPage([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "chat")] HttpRequest request)
    {
        // The page names its files relative to itself, so that it works behind any prefix; there they would be one folder too deep.
        return request.Path.Value?.EndsWith('/') is true ? Results.Redirect("../chat") : files.Page(request);
    }

    /// <summary><c>GET /api/chat/{file}</c> is a file of the page. 404 where there is none of this name.</summary>
    [Function("GetChatFile")]
    public IResult GetFile(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "chat/{file}")] HttpRequest request, string file) =>
        files.Find(request, file) ?? ApiResults.Problem(StatusCodes.Status404NotFound, "The page has no file of this name.");
}

/// <summary>The files of the page, which are resources of this assembly.</summary>
/// <param name="sources">A folder whose files are served as they are now, in place of what was built; null for none.</param>
public sealed class ChatFiles(string? sources = null)
{
    private const string Prefix = "chat/";
    private const string PageName = "index.html";

    // The page needs what is listed and no more: a text that found its way into it as markup could neither run nor send anything.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private static readonly FrozenDictionary<string, string> ContentTypes = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary();

    private readonly FrozenDictionary<string, ChatFile> files = typeof(ChatFiles).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .ToFrozenDictionary(name => name[Prefix.Length..], Load, StringComparer.Ordinal);

    /// <summary>
    /// The page as an answer to this request: 304 where the caller has it already. Callers may keep it, but ask each time whether it is
    /// still the same.
    /// </summary>
    public IResult Page(HttpRequest request) => Answer(request, Named(PageName)!);

    /// <summary>A file that the page uses, as <see cref="Page"/>; null where there is none of this name.</summary>
    public IResult? Find(HttpRequest request, string name) =>
        name != PageName && Named(name) is { } file ? Answer(request, file) : null;

    private static IResult Answer(HttpRequest request, ChatFile file)
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

    private ChatFile? Named(string name) =>
        sources is not null && Path.GetFileName(name) == name && ContentTypes.ContainsKey(Path.GetExtension(name)) && File.Exists(Path.Combine(sources, name))
            ? Describe(name, File.ReadAllBytes(Path.Combine(sources, name)))
            : files.GetValueOrDefault(name);

    private static ChatFile Load(string resource)
    {
        using var stream = typeof(ChatFiles).Assembly.GetManifestResourceStream(resource)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return Describe(resource, content);
    }

    private static ChatFile Describe(string name, byte[] content)
    {
        var tag = Convert.ToHexStringLower(SHA256.HashData(content)[..16]);
        return new(content, ContentTypes[Path.GetExtension(name)], new EntityTagHeaderValue($"\"{tag}\""));
    }

    private sealed record ChatFile(byte[] Content, string ContentType, EntityTagHeaderValue Tag);
}
