using System.Globalization;
using System.Text.Json.Nodes;

namespace Functions.LocalRuntime.Settings;

/// <summary>What host.json says, with the Functions host's own defaults.</summary>
/// <param name="RoutePrefix">The first part of every HTTP function's route, without slashes; empty for none.</param>
/// <param name="FunctionTimeout">How long a function may run before its token is cancelled.</param>
/// <param name="MaxConcurrentCalls">How many messages of one queue are worked on at once.</param>
/// <param name="AutoCompleteMessages">Whether a message is completed once its function succeeded.</param>
/// <param name="MaxAutoLockRenewalDuration">How long a message's lock is renewed while its function runs.</param>
internal sealed record HostJsonOptions(
    string RoutePrefix,
    TimeSpan FunctionTimeout,
    int MaxConcurrentCalls,
    bool AutoCompleteMessages,
    TimeSpan MaxAutoLockRenewalDuration)
{
    public static HostJsonOptions From(JsonObject hostJson)
    {
        var extensions = hostJson["extensions"];
        var serviceBus = extensions?["serviceBus"];
        return new(
            Value(extensions?["http"]?["routePrefix"], "routePrefix", "api", "a text that does not begin with admin or runtime",
                prefix => !IsReserved(prefix)).Trim('/'),
            Duration(hostJson["functionTimeout"], "functionTimeout", TimeSpan.FromMinutes(30)),
            Value(serviceBus?["maxConcurrentCalls"], "maxConcurrentCalls", 16 * Environment.ProcessorCount, "a number from 1 to 10000",
                calls => calls is >= 1 and <= 10_000),
            Value(serviceBus?["autoCompleteMessages"], "autoCompleteMessages", true, "true or false"),
            Duration(serviceBus?["maxAutoLockRenewalDuration"], "maxAutoLockRenewalDuration", TimeSpan.FromMinutes(5)));
    }

    /// <summary>Whether a route belongs to the Functions host, which refuses all that begins with these words, not only whole segments.</summary>
    public static bool IsReserved(string route) =>
        Array.Exists(["admin", "runtime"], word => route.Trim('/').StartsWith(word, StringComparison.OrdinalIgnoreCase));

    private static TimeSpan Duration(JsonNode? node, string name, TimeSpan fallback)
    {
        var text = Value(node, name, fallback.ToString("c"), "a duration such as \"00:05:00\", or \"-1\" for no limit", text =>
            text == "-1" || (TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var value) && value > TimeSpan.Zero));
        return text == "-1" ? Timeout.InfiniteTimeSpan : TimeSpan.ParseExact(text, "c", CultureInfo.InvariantCulture);
    }

    private static T Value<T>(JsonNode? node, string name, T fallback, string allowed, Predicate<T>? isAllowed = null) => node switch
    {
        null => fallback,
        JsonValue json when json.TryGetValue<T>(out var value) && isAllowed?.Invoke(value) != false => value,
        _ => throw new StartupException($"host.json: {name} is {node.ToJsonString()}; it must be {allowed}."),
    };
}
