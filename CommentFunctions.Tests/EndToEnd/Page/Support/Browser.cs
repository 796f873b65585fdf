using CommentFunctions.Tests.Data.Support;
using Microsoft.Playwright;

namespace CommentFunctions.Tests.EndToEnd.Page.Support;

/// <summary>One Chromium for all tests of the page, started by the first of them that is not skipped.</summary>
public sealed class Browser : IAsyncLifetime
{
    private readonly Lazy<Task<(IPlaywright Playwright, IBrowser Chromium)>> started = new(StartAsync);

    /// <summary>A window of its own, with nothing remembered.</summary>
    public async Task<IBrowserContext> OpenAsync(BrowserNewContextOptions options) => await (await started.Value).Chromium.NewContextAsync(options);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (started.IsValueCreated)
        {
            var (playwright, chromium) = await started.Value;
            await chromium.DisposeAsync();
            playwright.Dispose();
        }
    }

    private static async Task<(IPlaywright Playwright, IBrowser Chromium)> StartAsync()
    {
        Assertions.SetDefaultExpectTimeout(30_000);
        var playwright = await Playwright.CreateAsync();
        return (playwright, await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Reachable.ChromiumPath,
            // Chromium refuses to run sandboxed as root.
            Args = Environment.UserName == "root" ? ["--no-sandbox"] : [],
        }));
    }
}
