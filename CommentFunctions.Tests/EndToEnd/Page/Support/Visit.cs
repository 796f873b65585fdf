using System.Collections.Concurrent;
using CommentFunctions.Tests.EndToEnd.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CommentFunctions.Tests.EndToEnd.Page.Support;

/// <summary>A page in a window of the browser. Whatever the page should never do is watched for.</summary>
internal sealed class Visit : IAsyncDisposable
{
    private readonly AppFolder? folder;
    private readonly IBrowserContext window;
    private readonly ConcurrentQueue<string> complaints = new();

    private Visit(AppFolder? folder, AppProcess app, IBrowserContext window, IPage page)
    {
        this.folder = folder;
        this.window = window;
        App = app;
        Page = page;
    }

    public AppProcess App { get; private set; }

    public IPage Page { get; }

    public ILocator Log => Page.GetByRole(AriaRole.Log, new() { Name = "Conversation with the bot" });

    public ILocator Comments => Page.Locator("#list > li");

    /// <summary>Opens a window on the shared app, once that has what <paramref name="prepare"/> gives it.</summary>
    public static async Task<Visit> BeginAsync(Browser browser, Func<AppProcess, Task>? prepare = null)
    {
        var app = await browser.EmptyAppAsync();
        await (prepare?.Invoke(app) ?? Task.CompletedTask);
        return await BeginAsync(browser, app);
    }

    /// <summary>Opens a window on an app of its own, which ends with it.</summary>
    public static async Task<Visit> BeginAloneAsync(
        Browser browser, Func<AppProcess, AppFolder, Task>? prepare = null, params (string Name, string Value)[] settings)
    {
        var folder = new AppFolder();
        var app = await AppProcess.ServeAsync(folder, settings);
        await (prepare?.Invoke(app, folder) ?? Task.CompletedTask);
        return await BeginAsync(browser, app, folder: folder);
    }

    /// <summary>Opens the page of an app that others visit too; one with a folder is the visit's own, and ends with it.</summary>
    public static async Task<Visit> BeginAsync(Browser browser, AppProcess app, BrowserNewContextOptions? options = null, AppFolder? folder = null)
    {
        options ??= new();
        options.Locale = "en-GB";
        options.BaseURL = app.Http.BaseAddress!.ToString();
        var window = await browser.OpenAsync(options);
        window.SetDefaultTimeout(30_000);
        var visit = new Visit(folder, app, window, await window.NewPageAsync());
        visit.Watch(options.BaseURL);
        return visit;
    }

    /// <summary>Goes to the page to try the app, or another, and waits until it has shown what the app has.</summary>
    public async Task GoAsync(string path = "api/chat")
    {
        await Page.GotoAsync(path, new() { WaitUntil = WaitUntilState.Load });
        await Expect(Page.Locator("#chart > *, #post, #site-hint, #history-note:not(:empty)").Filter(new() { Visible = true }).First).ToBeVisibleAsync();
    }

    /// <summary>Goes to the page for operators.</summary>
    public Task OperateAsync() => GoAsync("api/dashboard");

    /// <summary>Shows a user's comments.</summary>
    public async Task ShowAsync(string user)
    {
        await Page.GetByLabel("User name").FillAsync(user);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();
    }

    /// <summary>Asks the bot, and waits for what it says, which is its <paramref name="count"/>th reply where an earlier one may be the same.</summary>
    public async Task AskAsync(string name, string reply, int? count = null)
    {
        await Page.GetByLabel("Whose latest comment?").FillAsync(name);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Ask", Exact = true }).ClickAsync();
        await (count is null ? Task.CompletedTask : Expect(Log.Locator(".bubble.bot .said")).ToHaveCountAsync(count.Value));
        await Expect(Log.Locator(".bubble.bot .said").Last).ToHaveTextAsync(reply);
        await Expect(Log.Locator(".bubble.bot .said").Last).ToBeInViewportAsync(new() { Ratio = 1 });
    }

    /// <summary>Ends the visit's own app at once, and starts it again at the same address once that has been done.</summary>
    public async Task RestartAsync(Func<Task> whileItIsGone)
    {
        var port = App.Http.BaseAddress!.Port;
        await App.KillAsync();
        await whileItIsGone();
        await App.DisposeAsync();
        App = AppProcess.Start(folder!, ["--port", $"{port}"]);
        await App.ServingAsync();
    }

    /// <summary>Keeps a picture with the test's output.</summary>
    public Task PictureAsync(string name) => Page.ScreenshotAsync(new()
    {
        Path = Path.Combine(AppContext.BaseDirectory, "screenshots", name + ".png"),
    });

    /// <summary>Asserts that the page broke none of its rules: no error, no violation of its policy, no request to elsewhere.</summary>
    public void AssertClean() => Assert.Empty(complaints);

    public async ValueTask DisposeAsync()
    {
        await window.DisposeAsync();
        if (folder is not null)
        {
            await App.DisposeAsync();
            folder.Dispose();
        }
    }

    private void Watch(string origin)
    {
        Page.PageError += (_, error) => complaints.Enqueue($"error: {error}");
        Page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(origin, StringComparison.Ordinal))
            {
                complaints.Enqueue($"request: {request.Url}");
            }
        };
        Page.Console += (_, message) =>
        {
            // Chromium writes a line for each answer of 400 and up; what the page makes of those is seen on the page.
            if (message.Type is "error" or "warning" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                complaints.Enqueue($"{message.Type}: {message.Text}");
            }
        };
        Page.Dialog += (_, dialog) => complaints.Enqueue($"dialog: {dialog.Message}");
    }
}
