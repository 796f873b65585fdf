using System.Globalization;
using System.Text.Json.Nodes;

namespace Functions.LocalRuntime.Hosting;

/// <summary>What host.json says, with the Functions host's own defaults.</summary>
/// <param name="RoutePrefix">The first part of every HTTP function's route, without slashes; empty for none.</param>
/// <param name="FunctionTimeout">How long a function may run before its token is cancelled.</param>
/// <param name="MaxConcurrentCalls">How many messages of one queue are worked on at once.</param>
/// <param name="AutoCompleteMessages">Whether a message is completed once its function succeeded.</param>
/// <param name="MaxAutoLockRenewalDuration">How long a message's lock is renewed while its function runs.</param>
internal sealed record HostOptions(
    string RoutePrefix,
    TimeSpan FunctionTimeout,
    int MaxConcurrentCalls,
    bool AutoCompleteMessages,
    TimeSpan MaxAutoLockRenewalDuration)
{
    public static HostOptions From(JsonObject hostJson)
    {
        var extensions = hostJson["extensions"];
        var serviceBus = extensions?["serviceBus"];
        return new(
            ((string?)extensions?["http"]?["routePrefix"] ?? "api").Trim('/'),
            Duration(hostJson["functionTimeout"], "functionTimeout", TimeSpan.FromMinutes(30)),
            (int?)serviceBus?["maxConcurrentCalls"] ?? 16 * Environment.ProcessorCount,
            (bool?)serviceBus?["autoCompleteMessages"] ?? true,
            Duration(serviceBus?["maxAutoLockRenewalDuration"], "maxAutoLockRenewalDuration", TimeSpan.FromMinutes(5)));
    }

    /// <summary>The log levels of host.json, as configuration keys.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> LogLevels(JsonObject hostJson) =>
        (hostJson["logging"]?["logLevel"] as JsonObject ?? [])
            .Select(level => KeyValuePair.Create($"Logging:LogLevel:{level.Key}", level.Value?.ToString()));

    private static TimeSpan Duration(JsonNode? node, string name, TimeSpan fallback) => (string?)node switch
    {
        null => fallback,
        "-1" => Timeout.InfiniteTimeSpan,
        var text when TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var value) => value,
        var text => throw new StartupException($"host.json: {name} is '{text}'; it must be a duration such as 00:05:00."),
    };
}
