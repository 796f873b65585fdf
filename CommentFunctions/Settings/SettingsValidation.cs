using System.Reflection;
using Functions.LocalRuntime.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Settings;

/// <summary>Ends the start with all that is wrong with these options.</summary>
public abstract class OptionsValidator<TOptions> : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        List<string> problems = [.. Problems(options)];
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    /// <summary>Each problem in a sentence that names the setting and says what is allowed; none where all is well.</summary>
    protected abstract IEnumerable<string> Problems(TOptions options);
}

/// <summary>The settings that a section of the configuration has. Any other in it ends the start, for a misspelt one would be ignored.</summary>
/// <param name="Section">The section, such as <c>Channels:Telegram</c>.</param>
/// <param name="Names">The names in it, whatever their case.</param>
public sealed record KnownSettings(string Section, IReadOnlyList<string> Names)
{
    /// <summary>The properties of this type that can be set.</summary>
    public static KnownSettings Of<TOptions>(string section) => new(
        section, [.. typeof(TOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.SetMethod is { IsPublic: true }).Select(p => p.Name)]);
}

/// <summary>Registers what is known of the settings.</summary>
public static class KnownSettingsServices
{
    /// <summary>Adds a section, and has the start refuse settings that no section of the same first word has.</summary>
    public static IServiceCollection AddKnownSettings(this IServiceCollection services, KnownSettings settings)
    {
        services.AddSingleton(settings);
        services.AddOptions<SettingNames>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SettingNames>, SettingNamesValidator>());
        return services;
    }
}

/// <summary>The names of all settings; it holds nothing, and is only validated.</summary>
internal sealed class SettingNames;

/// <summary>Names each setting that no part reads, and the one that was probably meant.</summary>
internal sealed class SettingNamesValidator(IConfiguration configuration, IEnumerable<KnownSettings> known) : OptionsValidator<SettingNames>
{
    protected override IEnumerable<string> Problems(SettingNames options)
    {
        var allowed = known.SelectMany(section => section.Names.Select(setting => $"{section.Section}:{setting}")).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return allowed.Select(setting => setting.Split(':')[0]).Distinct(StringComparer.OrdinalIgnoreCase)
            .SelectMany(root => Set(configuration.GetSection(root)))
            .Where(setting => !allowed.Contains(setting))
            .Select(setting => $"{setting} is no setting. The nearest one is {Names.Nearest(setting, allowed)}: correct the name, or remove it.");
    }

    // The full names of what is set below a section.
    private static IEnumerable<string> Set(IConfigurationSection section)
    {
        foreach (var child in section.GetChildren())
        {
            List<string> below = [.. Set(child)];
            foreach (var setting in below.Count == 0 || child.Value is not null ? below.Prepend(child.Path) : below)
            {
                yield return setting;
            }
        }
    }
}
