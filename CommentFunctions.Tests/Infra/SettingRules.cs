using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using CommentFunctions.Channels;
using CommentFunctions.Channels.Signal;
using CommentFunctions.Channels.Telegram;
using CommentFunctions.Channels.WhatsApp;
using CommentFunctions.Data;
using CommentFunctions.Expiry;
using CommentFunctions.Queues;
using CommentFunctions.Settings;
using CommentFunctions.Tests.Infra.Bicep;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Tests.Infra;

/// <summary>What holds of the settings that infra/ gives the app.</summary>
internal static partial class SettingRules
{
    // The database of an existing site is not made by infra/; and its Cosmos DB is serverless, which has the throughput of the default
    // and bills what time to live deletes as the job's deletions.
    private static readonly string[] LeftToDefaults =
        ["Comments__Schema", "Comments__Django", "Comments__RequestUnitsPerSecond", "Comments__ExpireBy",
         "RequestLimits__PerSecondPerAddress", "RequestLimits__PerSecondPerConversation"];

    // Read by the host and by libraries, not by the app's own code.
    private static readonly string[] Platform =
    [
        "AzureWebJobsStorage__blobServiceUri", "AzureWebJobsStorage__credential", "AzureWebJobsStorage__clientId",
        "APPLICATIONINSIGHTS_CONNECTION_STRING", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
        "AZURE_COSMOS_OPTIMISTIC_DIRECT_EXECUTION_ENABLED", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG",
    ];

    private const string WebChannel = "Channels__Web__Enabled";

    // What a channel that is configured cannot do without.
    private static readonly string[] ChannelSettings =
    [
        .. new ChannelOptions[] { new TelegramOptions(), new WhatsAppOptions(), new SignalOptions() }
            .SelectMany(channel => channel.Required.Select(setting => $"{channel.Section}:{setting.Name}".Replace(":", "__", StringComparison.Ordinal))),
    ];

    /// <summary>What the app reads is given on one of the stores at least, and nothing else is given.</summary>
    public static IEnumerable<string> Settings(Infrastructure infra) => InfraRules.Differences(
        "setting", Options().Except(LeftToDefaults).Concat(Named()).Concat(Platform), Given(infra, "Cosmos").Keys.Concat(Given(infra, "Postgres").Keys));

    /// <summary>The identity of each connection is complete, and there is no key beside it.</summary>
    public static IEnumerable<string> Connections(Infrastructure infra)
    {
        foreach (var store in new[] { "Cosmos", "Postgres" })
        {
            var given = Given(infra, store);
            (string Connection, string Address)[] connections =
                [(QueueNames.Connection, "fullyQualifiedNamespace"), ("AzureWebJobsStorage", "blobServiceUri")];
            foreach (var (connection, address) in connections)
            {
                if (given.ContainsKey(connection)
                    || given.GetValueOrDefault($"{connection}__credential") is not "managedidentity"
                    || given.GetValueOrDefault($"{connection}__clientId") is null or ""
                    || given.GetValueOrDefault($"{connection}__{address}") is null or "")
                {
                    yield return $"{connection} on {store} is not opened with the app's identity.";
                }
            }

            if (given.GetValueOrDefault("Comments__Credential") is not "managedidentity" || !given.ContainsKey("Comments__ClientId"))
            {
                yield return $"The store {store} is not opened with the app's identity.";
            }
        }
    }

    /// <summary>A channel that is wanted has all that it needs: its secrets from the vault, under the setting's name.</summary>
    public static IEnumerable<string> Channels(Infrastructure infra)
    {
        (string, object?)[] wanted = [("telegram", true), ("whatsAppPhoneNumberId", "1"), ("signalAddress", "http://signal"), ("signalNumber", "+49170")];
        var given = Given(infra, "Cosmos", wanted).Where(s => s.Key.StartsWith("Channels__", StringComparison.Ordinal)).ToList();
        foreach (var (name, value) in given.Where(s => $"{s.Value}".StartsWith('@')))
        {
            var secret = $"SecretName={name.Replace("__", "--", StringComparison.Ordinal)})";
            if (!$"{value}".EndsWith(secret, StringComparison.Ordinal) || !$"{value}".StartsWith("@Microsoft.KeyVault(VaultName=kv-", StringComparison.Ordinal))
            {
                yield return $"{name} is not read from its secret.";
            }
        }

        foreach (var difference in InfraRules.Differences("channel's setting", [.. ChannelSettings, WebChannel], given.Select(s => s.Key)))
        {
            yield return difference;
        }

        if (Given(infra, "Cosmos").Keys.Any(name => name.StartsWith("Channels__", StringComparison.Ordinal) && name != WebChannel))
        {
            yield return "A channel that is not wanted has settings.";
        }

        if (Given(infra, "Cosmos").GetValueOrDefault(WebChannel) is not "false" || Given(infra, "Cosmos", ("webChannel", true)).GetValueOrDefault(WebChannel) is not "true")
        {
            yield return "The web channel is not as the parameter says, or on by itself.";
        }
    }

    /// <summary>The parameters mean in the app what they say: a retention of so many hours is one there.</summary>
    public static IEnumerable<string> Parameters(Infrastructure infra)
    {
        foreach (var hours in new long[] { 1, 24, 25, 87_600 })
        {
            var arguments = ("retentionHours", (object?)hours);
            var retention = $"{Given(infra, "Cosmos", arguments)["Comments__Retention"]}";
            if (!Durations.TryParse(retention, out var age) || age != TimeSpan.FromHours(hours) || age > Retention.Longest)
            {
                yield return $"A retention of {hours} hours is '{retention}' in the app.";
            }
        }

        var schedule = $"{Given(infra, "Cosmos", ("expirySchedule", "0 30 4 * * *"))[ExpirySchedule.Setting]}";
        if (schedule != "0 30 4 * * *")
        {
            yield return $"The schedule in the app is '{schedule}'.";
        }
    }

    /// <summary>What the step after a deployment asks for is among the deployment's outputs, by which azd knows it.</summary>
    public static IEnumerable<string> Outputs(Infrastructure infra)
    {
        var given = BicepParser.Parse(infra.Files["main.bicep"]).Where(s => s.Keyword == "output").Select(s => s.Name).ToHashSet();
        return AskedFor().Matches(infra.Files["postgres/role.cs"]).Select(m => m.Groups[1].Value).Where(name => !given.Contains(name))
            .Select(name => $"The step asks for {name}, which is no output.");
    }

    [GeneratedRegex(@"(?:Setting|GetEnvironmentVariable)\(""((?:AZURE|COMMENT)_\w+)""\)")]
    private static partial Regex AskedFor();

    /// <summary>The app's settings on this store.</summary>
    public static IReadOnlyDictionary<string, object?> Given(Infrastructure infra, string store, params (string Name, object? Value)[] arguments)
    {
        var settings = infra.Deploy(store, arguments).Resources().Single(r => r is { Type: "Microsoft.Web/sites/config", Name: "appsettings" });
        return (IReadOnlyDictionary<string, object?>)settings.Body["properties"]!;
    }

    // A class of options has its section's name, and a setting for each of its properties.
    private static IEnumerable<string> Options() =>
        from type in typeof(CommentOptions).Assembly.GetTypes()
        where type.Name.EndsWith("Options", StringComparison.Ordinal)
        let section = type.GetField("Section", BindingFlags.Public | BindingFlags.Static)
        where section is not null
        from property in type.GetProperties()
        where property.CanWrite
        select string.Create(CultureInfo.InvariantCulture, $"{section.GetValue(null)}__{property.Name}").Replace(":", "__", StringComparison.Ordinal);

    // What triggers name: a connection, which is three settings with an identity, or a %Setting%.
    private static IEnumerable<string> Named()
    {
        List<Attribute> triggers = [.. typeof(CommentOptions).Assembly.GetTypes()
            .SelectMany(t => t.GetMethods())
            .SelectMany(m => m.GetParameters())
            .SelectMany(p => p.GetCustomAttributes())];
        var connections = triggers.OfType<ServiceBusTriggerAttribute>().Select(t => t.Connection!).Distinct()
            .SelectMany(c => new[] { $"{c}__fullyQualifiedNamespace", $"{c}__credential", $"{c}__clientId" });
        var schedules = triggers.OfType<TimerTriggerAttribute>().Select(t => t.Schedule);
        return connections.Concat(schedules.Where(s => s.StartsWith('%')).Select(s => s.Trim('%')));
    }
}
