using System.Text.RegularExpressions;
using CommentFunctions.Expiry;
using CommentFunctions.Settings;
using Functions.LocalRuntime.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Health;

/// <summary>
/// Warns at the start of names that are nearly those of settings, and that nothing reads. Within a section of the app's an unknown name
/// ends the start; elsewhere it may be an environment variable of any program, so only what is hardly anything else is told.
/// </summary>
internal sealed partial class MistypedSettings(IConfiguration configuration, IEnumerable<KnownSettings> known, ILogger<MistypedSettings> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var (name, meant) in Find())
        {
            Log.Ignored(logger, name, meant);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<(string Name, string Meant)> Find()
    {
        List<string> names = [ExpirySchedule.Setting, .. known.SelectMany(section => section.Names.Select(setting => $"{section.Section}:{setting}"))];
        var roots = names.Select(Root).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return from setting in configuration.AsEnumerable()
               where setting.Value is not null && !roots.Contains(Root(setting.Key))
               let meant = FindFunctionSetting(setting.Key) ?? Names.Near(setting.Key, names)
               where meant is not null
               orderby setting.Key
               select (setting.Key, meant);
    }

    // Of a function that there is none of.
    private static string? FindFunctionSetting(string setting) =>
        Switch().Match(setting) is { Success: true } match
        && !DisabledTriggers.Names.Contains(match.Groups[2].Value, StringComparer.OrdinalIgnoreCase)
            ? $"{match.Groups[1]}{Names.Nearest(match.Groups[2].Value, DisabledTriggers.Names)}{match.Groups[3]}"
            : null;

    private static string Root(string setting) => setting.Split(':')[0];

    [GeneratedRegex("^(AzureWebJobs[._:])(.+)([._:]Disabled)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Switch();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Name} is set, and the app has no such setting: it does nothing. If {Meant} is meant, correct the name.")]
        public static partial void Ignored(ILogger logger, string name, string meant);
    }
}
