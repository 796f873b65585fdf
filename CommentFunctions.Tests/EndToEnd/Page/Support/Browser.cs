using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.EndToEnd.Support;
using Microsoft.Playwright;

namespace CommentFunctions.Tests.EndToEnd.Page.Support;

/// <summary>One Chromium for all tests of the pages, and one app for those that change no setting; the first that needs one starts it.</summary>
public sealed class Browser : IAsyncLifetime
{
    // No more processes than pages that are open, and none in reserve.
    private const string OneProcess = "--renderer-process-limit=1";

    private readonly Lazy<Task<(AppFolder Folder, AppProcess App)>> shared = new(ServeAsync);

    private readonly Lazy<Task<(IPlaywright Playwright, IBrowser Chromium)>> started = new(StartAsync);

    /// <summary>A window of its own, with nothing remembered.</summary>
    public async Task<IBrowserContext> OpenAsync(BrowserNewContextOptions options) => await (await started.Value).Chromium.NewContextAsync(options);

    /// <summary>The shared app, without comments.</summary>
    internal async Task<AppProcess> EmptyAppAsync()
    {
        var (_, app) = await shared.Value;
        (await app.Http.PostAsync("api/expiry-runs?olderThan=00:00:00", null)).EnsureSuccessStatusCode();
        return app;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (started.IsValueCreated)
        {
            var (playwright, chromium) = await started.Value;
            await chromium.DisposeAsync();
            playwright.Dispose();
        }

        if (shared.IsValueCreated)
        {
            var (folder, app) = await shared.Value;
            await app.DisposeAsync();
            folder.Dispose();
        }
    }

    private static async Task<(AppFolder Folder, AppProcess App)> ServeAsync()
    {
        var folder = new AppFolder();
        return (folder, await AppProcess.ServeAsync(folder));
    }

    private static async Task<(IPlaywright Playwright, IBrowser Chromium)> StartAsync()
    {
        Assertions.SetDefaultExpectTimeout(30_000);
        var playwright = await Playwright.CreateAsync();
        return (playwright, await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Reachable.ChromiumPath,
            // As root it refuses to run sandboxed.
            Args = Environment.UserName == "root" ? [OneProcess, "--no-sandbox"] : [OneProcess],
        }));
    }
}
