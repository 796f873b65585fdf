using System.Diagnostics;
using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Functions.LocalRuntime.Settings;
using Microsoft.Extensions.Primitives;

namespace Functions.LocalRuntime.Http;

/// <summary>
/// Routes for callers from anywhere: the anonymous functions below it check their callers themselves, and so are called whatever the host
/// name is, such as a tunnel's.
/// </summary>
/// <param name="Prefix">What the routes begin with, below host.json's prefix, such as <c>channels/</c>.</param>
public sealed record WebhookRoutes(string Prefix);

/// <summary>
/// Functions of <c>AuthorizationLevel.Function</c> that a key of their own opens, as functions have keys by name under the Functions host.
/// </summary>
/// <param name="Name">The key's name; <c>LocalRuntime:Keys:{Name}</c> is the key.</param>
/// <param name="Functions">The functions' names.</param>
public sealed record NamedFunctionKey(string Name, IReadOnlyList<string> Functions);

/// <summary>Who may call an endpoint.</summary>
/// <param name="Level">The key that it takes.</param>
/// <param name="IsWebhook">Whether it may be called by any host name.</param>
/// <param name="Key">The name of the function's own key; null where it has none.</param>
internal sealed record Access(AuthorizationLevel Level, bool IsWebhook = false, string? Key = null);

/// <summary>
/// Refuses calls that are not meant for this app: by a host name that is not the app's (another site whose name leads to this machine), from
/// another site's page, and without the key. Programs on this machine and the app's own pages need nothing.
/// </summary>
internal sealed partial class CallerGuard
{
    // The claim by which the Functions host tells the name of a caller's key.
    private const string KeyName = "http://schemas.microsoft.com/2017/07/functions/claims/keyid";

    private static readonly StringSegment[] Loopback = ["localhost", "*.localhost"];

    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    // Addresses to listen on that are no names to be called by.
    private static readonly string[] Wildcards = ["*", "+", "0.0.0.0", "[::]"];

    private readonly LocalRuntimeOptions options;
    private readonly ILogger logger;
    private readonly StringSegment[] hosts;
    private readonly bool isExposed;
    private long told;

    /// <param name="options">The keys, and the names that are allowed.</param>
    /// <param name="addresses">What the app serves on.</param>
    /// <param name="keys">The names of the functions' own keys.</param>
    /// <param name="logger">Tells of refused calls.</param>
    /// <exception cref="StartupException">The app can be called from beyond this machine, and lacks keys; or one key is used twice.</exception>
    public CallerGuard(LocalRuntimeOptions options, IEnumerable<BindingAddress> addresses, IReadOnlyList<string> keys, ILogger logger)
    {
        (this.options, this.logger) = (options, logger);
        var beyond = addresses.Where(address => !IsLoopback(address.Host)).ToList();
        var names = options.AllowedHosts.Concat(beyond.Select(address => address.Host).Except(Wildcards));
        hosts = [.. Loopback, .. names.Select(name => new StringSegment(name))];
        isExposed = beyond.Count > 0 || options.AllowedHosts.Any(name => !IsLoopback(name));
        RequireKeys(keys);
    }

    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var access = http.GetEndpoint()?.Metadata.GetMetadata<Access>() ?? new(AuthorizationLevel.Anonymous);
        if (Judge(http, access) is (var status, { } reason))
        {
            Tell($"{http.Request.Method} /{(http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText?.TrimStart('/')}", status, reason);
            await Results.Problem(reason, statusCode: status).ExecuteAsync(http);
            return;
        }

        await next(http);
    }

    private (int Status, string? Reason) Judge(HttpContext http, Access access)
    {
        if (!access.IsWebhook && IsForeign(http))
        {
            return (StatusCodes.Status403Forbidden,
                "The app is not called by this host name, or not from there. Call it by localhost, or set LocalRuntime:AllowedHosts to the names that it has.");
        }

        if (IsFromAnotherPage(http.Request))
        {
            return (StatusCodes.Status403Forbidden,
                "Another site's page asks for this. The app changes nothing unless its own page, or a program, asks for it.");
        }

        return IsKeyMissing(http, access)
            ? (StatusCodes.Status401Unauthorized, "This takes a key, as the header x-functions-key or the query's code.")
            : default;
    }

    // A proxy or a tunnel may call by a name of this machine and tell the caller's name or address beside it.
    private bool IsForeign(HttpContext http) =>
        !IsAllowed(http.Request.Host.Value)
        || !http.Request.Headers["X-Forwarded-Host"].All(value => value!.Split(',', StringSplitOptions.TrimEntries).All(IsAllowed))
        || (!isExposed && http.Connection.RemoteIpAddress is { } caller && !IPAddress.IsLoopback(caller));

    private bool IsAllowed(string? host)
    {
        try
        {
            return !string.IsNullOrEmpty(host) && (IsLoopback(new HostString(host).Host) || HostString.MatchesAny(host, hosts));
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool IsLoopback(string host) =>
        IPAddress.TryParse(host.Trim('[', ']'), out var address) ? IPAddress.IsLoopback(address) : HostString.MatchesAny(host, Loopback);

    /// <summary>
    /// Whether a page of another origin asks for a change. Browsers say so in Sec-Fetch-Site, and where the address is not trustworthy
    /// for them in Origin alone (https://www.w3.org/TR/fetch-metadata); programs send neither.
    /// </summary>
    private static bool IsFromAnotherPage(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
        {
            return false;
        }

        var site = request.Headers["Sec-Fetch-Site"].ToString();
        return site.Length > 0
            ? site is not ("same-origin" or "none")
            : request.Headers.Origin.ToString() is { Length: > 0 } origin
                && !(Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    // Whoever is beyond this machine needs a key for everything. One text for two keys would be one right for both.
    private void RequireKeys(IReadOnlyList<string> keys)
    {
        List<string> missing = [.. keys.Where(key => !options.Keys.ContainsKey(key)).Select(key => $"{LocalRuntimeOptions.Section}:Keys:{key}")];
        if (isExposed && (options.MasterKey is null || (options.FunctionKey is null && (missing.Count > 0 || keys.Count == 0))))
        {
            var wanted = missing.Count == 0
                ? "LocalRuntime:FunctionKey and LocalRuntime:MasterKey"
                : $"LocalRuntime:MasterKey and {string.Join(", ", missing)} (or one LocalRuntime:FunctionKey in place of these)";
            throw new StartupException(
                $"Set {wanted}, texts of at least {LocalRuntimeOptions.ShortestKey} characters (`openssl rand -hex 32` makes one): "
                + "with --urls or LocalRuntime:AllowedHosts the app can be called from beyond this machine.");
        }

        List<string> set = [.. options.Keys.Values, .. new[] { options.FunctionKey, options.MasterKey }.OfType<string>()];
        if (set.Distinct(StringComparer.Ordinal).Count() < set.Count)
        {
            throw new StartupException(
                "Two of LocalRuntime:MasterKey, LocalRuntime:FunctionKey and LocalRuntime:Keys are the same. Each has to be a text of its own.");
        }
    }

    // Once a minute at this level: callers would decide how much is logged.
    private void Tell(string request, int status, string reason)
    {
        var (last, now) = (Interlocked.Read(ref told), Stopwatch.GetTimestamp());
        var isTold = last != 0 && Stopwatch.GetElapsedTime(last, now) < Quiet;
        if (!isTold && Interlocked.CompareExchange(ref told, now, last) == last)
        {
            Log.Refused(logger, request, status, reason);
        }
        else
        {
            Log.RefusedToo(logger, request, status, reason);
        }
    }

    // The master key opens everything. Where no other key is set that opens a function, it takes none from this machine and that one from beyond.
    private bool IsKeyMissing(HttpContext http, Access access)
    {
        if (access.Level == AuthorizationLevel.Anonymous)
        {
            return false;
        }

        (string Name, string? Key) master = ("master", options.MasterKey);
        (string Name, string? Key)[] keys = access.Level != AuthorizationLevel.Function ? [master]
            : access.Key is null ? [("default", options.FunctionKey)]
            : [("default", options.FunctionKey), (access.Key, options.Keys.GetValueOrDefault(access.Key))];
        if (keys.Append(master).FirstOrDefault(key => IsGiven(key.Key)).Name is { } name)
        {
            http.User = new(new ClaimsIdentity([new(KeyName, name)], "key"));
            return false;
        }

        return isExposed || keys.Any(key => key.Key is not null);

        bool IsGiven(string? key) => key is not null
            && http.Request.Headers["x-functions-key"].Concat(http.Request.Query["code"]).Any(given => given is not null && AreSame(given, key));
    }

    // Hashes, so that the time tells nothing of either, not even its length.
    private static bool AreSame(string given, string key) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Request} was refused with {Status}: {Reason} Others within the next minute are logged at Debug.")]
        public static partial void Refused(ILogger logger, string request, int status, string reason);

        [LoggerMessage(2, LogLevel.Debug, "{Request} was refused with {Status}: {Reason}")]
        public static partial void RefusedToo(ILogger logger, string request, int status, string reason);
    }
}
