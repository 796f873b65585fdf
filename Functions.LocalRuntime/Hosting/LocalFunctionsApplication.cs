namespace Functions.LocalRuntime.Hosting;

/// <summary>Where a function app starts that runs in this process, as <c>FunctionsApplication</c> is where one starts under the Functions host.</summary>
public static class LocalFunctionsApplication
{
    /// <summary>A builder for an app with these command line arguments.</summary>
    /// <exception cref="StartupException">The arguments, host.json or local.settings.json make no sense.</exception>
    public static LocalFunctionsApplicationBuilder CreateBuilder(string[] args) => new(args);
}
