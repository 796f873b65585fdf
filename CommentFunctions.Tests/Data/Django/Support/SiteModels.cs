using CommentFunctions.Data;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.Data.Django.Support;

/// <summary>The models of sites, of which each has one of its own: the process's cache has no room for so many. A store has no use for another's.</summary>
public static class SiteModels
{
    private static readonly MemoryCache OnSqlite = new(new MemoryCacheOptions());
    private static readonly MemoryCache OnPostgres = new(new MemoryCacheOptions());

    /// <summary>Starts an app on a site; <paramref name="log"/> may take its log.</summary>
    public static Task<TestApp> StartAsync(Dictionary<string, string?> settings, ILoggerProvider? log = null)
    {
        var models = settings["Comments:Store"] == StoreNames.Postgres ? OnPostgres : OnSqlite;
        return TestApp.StartAsync(settings, log: log, configure: app => app.Services.ConfigureDbContext<CommentDbContext>(options => options.UseMemoryCache(models)));
    }
}
