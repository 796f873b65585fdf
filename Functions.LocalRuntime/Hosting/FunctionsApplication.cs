using Functions.LocalRuntime.Hosting;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>Where a function app starts.</summary>
public class FunctionsApplication
{
    /// <summary>A builder for an app with these command line arguments.</summary>
    public static FunctionsApplicationBuilder CreateBuilder(string[] args) =>
        StartupFailure.ExitOn(() => new FunctionsApplicationBuilder(args));
}

/// <summary>Chooses the HTTP model of the app.</summary>
public static class FunctionsApplicationBuilderAspNetCoreExtensions
{
    /// <summary>HTTP functions take ASP.NET Core's request and return its results. The local runtime has no other model.</summary>
    public static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder) => builder;
}
