namespace Functions.LocalRuntime.Indexing;

/// <summary>The functions whose trigger is switched off by a setting; they can still be run by hand.</summary>
public static class DisabledFunctions
{
    /// <summary>
    /// Whether <c>AzureWebJobs.{name}.Disabled</c> is <c>true</c> or <c>1</c>, or the same as an environment variable may be named,
    /// <c>AzureWebJobs_{name}_Disabled</c> or <c>AzureWebJobs__{name}__Disabled</c>.
    /// </summary>
    public static bool Contains(IConfiguration configuration, string name)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        // Two underscores in an environment variable are a colon in configuration.
        string[] settings = [$"AzureWebJobs.{name}.Disabled", $"AzureWebJobs_{name}_Disabled", $"AzureWebJobs:{name}:Disabled"];
        return settings.Select(setting => configuration[setting]).Any(value => value == "1" || "true".Equals(value, StringComparison.OrdinalIgnoreCase));
    }
}
