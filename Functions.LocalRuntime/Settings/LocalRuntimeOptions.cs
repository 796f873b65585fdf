using System.Globalization;
using System.Net;

namespace Functions.LocalRuntime.Settings;

/// <summary>
/// The configuration section <c>LocalRuntime</c>: where the runtime keeps its state, who may call it, and what in Azure belongs to a
/// queue, not to the app.
/// </summary>
public sealed class LocalRuntimeOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "LocalRuntime";

    /// <summary>The fewest characters of a key.</summary>
    public const int ShortestKey = 32;

    // Timers of the framework know none that are much longer.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    /// <summary>The folder of the runtime's state, relative to the folder of host.json.</summary>
    public string Folder { get; set; } = ".local";

    /// <summary>How long a delivery holds a message unless it is renewed.</summary>
    public TimeSpan LockDuration { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often a message is delivered before it is dead-lettered.</summary>
    public int MaxDeliveryCount { get; set; } = 10;

    /// <summary>How long a MessageId is remembered.</summary>
    public TimeSpan DuplicateDetectionWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a message is kept for delivery; after that it is dead-lettered.</summary>
    public TimeSpan MessageTimeToLive { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long running functions may go on after the process was told to stop.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The key for all functions of <c>AuthorizationLevel.Function</c>; null where there is none.</summary>
    public string? FunctionKey { get; set; }

    /// <summary>The keys that open some of these functions each, by name: the section <c>Keys</c>.</summary>
    public IReadOnlyDictionary<string, string> Keys { get; internal set; } = new Dictionary<string, string>();

    /// <summary>The key for <c>/admin</c> and <c>AuthorizationLevel.Admin</c>, which opens all else too; null where they take none.</summary>
    public string? MasterKey { get; set; }

    /// <summary>The host names besides loopback's by which the app may be called; <c>*.example.org</c> is all below example.org.</summary>
    public IReadOnlyList<string> AllowedHosts { get; set; } = [];

    /// <summary>The reverse proxies besides those on this machine whose X-Forwarded-For and X-Forwarded-Proto count.</summary>
    public IReadOnlyList<IPAddress> KnownProxies { get; set; } = [];

    /// <exception cref="StartupException">Some settings make no sense.</exception>
    public static LocalRuntimeOptions From(IConfiguration configuration, string scriptRoot)
    {
        var section = configuration.GetSection(Section);
        var defaults = new LocalRuntimeOptions();
        var errors = new List<string>();
        var options = new LocalRuntimeOptions
        {
            Folder = Path.GetFullPath(section[nameof(Folder)] ?? defaults.Folder, scriptRoot),
            LockDuration = Duration(nameof(LockDuration), defaults.LockDuration, TimeSpan.FromMilliseconds(100)),
            MaxDeliveryCount = Read(nameof(MaxDeliveryCount), defaults.MaxDeliveryCount, "a number from 1 to 2000", text =>
                (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 2000, count)),
            DuplicateDetectionWindow = Duration(nameof(DuplicateDetectionWindow), defaults.DuplicateDetectionWindow, TimeSpan.Zero),
            MessageTimeToLive = Duration(nameof(MessageTimeToLive), defaults.MessageTimeToLive, TimeSpan.FromSeconds(1)),
            ShutdownTimeout = Duration(nameof(ShutdownTimeout), defaults.ShutdownTimeout, TimeSpan.Zero),
            FunctionKey = Key(nameof(FunctionKey)),
            MasterKey = Key(nameof(MasterKey)),
            Keys = section.GetSection(nameof(Keys)).GetChildren()
                .Select(child => (child.Key, Value: Key($"{nameof(Keys)}:{child.Key}")))
                .Where(key => key.Value is not null)
                .ToDictionary(key => key.Key, key => key.Value!, StringComparer.OrdinalIgnoreCase),
            AllowedHosts = Parts(section[nameof(AllowedHosts)]),
            KnownProxies = Read<IReadOnlyList<IPAddress>>(nameof(KnownProxies), [], "IP addresses with ';' between them", text =>
                Parts(text) is var parts && parts.All(part => IPAddress.TryParse(part, out _)) ? (true, [.. parts.Select(IPAddress.Parse)]) : default),
        };
        return errors.Count == 0 ? options : throw new StartupException(errors);

        TimeSpan Duration(string name, TimeSpan fallback, TimeSpan least) => Read(name, fallback, $"a duration from {least:c} to {Longest:c}", text =>
            (TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var value) && value >= least && value <= Longest, value));

        string? Key(string name) => Read<string?>(name, null, $"at least {ShortestKey} characters, such as `openssl rand -hex 32` makes",
            text => (text.Length >= ShortestKey, text), isSecret: true);

        T Read<T>(string name, T fallback, string allowed, Func<string, (bool IsAllowed, T Value)> parse, bool isSecret = false)
        {
            if (section[name] is not { } text || (isSecret && text.Length == 0))
            {
                return fallback;
            }

            if (parse(text) is (true, var value))
            {
                return value;
            }

            errors.Add($"LocalRuntime:{name} is {(isSecret ? "too short" : $"'{text}'")}; it must be {allowed}.");
            return fallback;
        }
    }

    private static string[] Parts(string? text) => text?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
