using CommentFunctions.Channels.Web;
using CommentFunctions.Data;
using CommentFunctions.Expiry;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace CommentFunctions.Tests.Data;

// A user who is erased, on every store.
public abstract partial class StoreContract
{
    [StoreFact]
    public async Task Of_an_erased_user_nothing_is_left_and_of_others_everything()
    {
        await using var app = await StartAsync();
        await app.PostAsync("ann", "hers");
        await app.PostAsync("anna", "another's");
        foreach (var (user, i) in new[] { ("ann", 1), ("anna", 2), ("nobody", 3) })
        {
            await app.DeliverAsync(await app.AnswerAsync(user, "c", $"web:{i}"));
            app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        // One is on its way.
        var waiting = await app.AnswerAsync("ann", "c", "web:4");
        await app.PostAsync("ann", "hers too");

        var answer = await EraseAsync(app, "ann");

        Assert.Equal((200, "erasure", "succeeded"), (answer.Status, answer.Text("work"), answer.Text("outcome")));
        Assert.Equal(2, answer.Body.GetProperty("deleted").GetInt64());
        (await app.ListPageAsync("ann")).Problem(404);
        Assert.Equal(["another's"], await app.ListAsync("anna"));
        await app.DeliverAsync(waiting);
        var conversation = await app.WithAsync<ConversationReader, IReadOnlyList<ConversationMessage>>(reader => reader.ReadAsync("c", default));
        Assert.Equal(
            ["Last comment for anna was another's", "No comments found for user ann", "No comments found for user nobody"],
            conversation.Where(m => m.From == MessageSender.Bot).Select(m => m.Text).Order(StringComparer.Ordinal));
        (await EraseAsync(app, "ann")).Problem(404);

        // It is another user by the same name.
        await app.PostAsync("ann", "new");
        Assert.Equal(["new"], await app.ListAsync("ann"));
    }

    [StoreFact]
    public async Task A_dry_run_counts_what_an_erasure_would_delete()
    {
        await using var app = await StartAsync();
        await app.PostAsync("ann", "hers");
        await app.PostAsync("bob", "his");

        Assert.Equal(1, (await EraseAsync(app, "ann", "?dryRun=true")).Body.GetProperty("wouldDelete").GetInt64());

        Assert.Equal(["hers"], await app.ListAsync("ann"));
    }

    [StoreFact]
    public async Task What_a_user_writes_while_being_erased_is_kept()
    {
        await using var app = await StartAsync();
        await AddManyAsync(app);
        var many = await app.WithAsync<CommentDbContext, int>(db => db.Comments.CountAsync(c => c.UserName == "user0"));

        var erased = Task.Run(() => EraseAsync(app, "user0"));
        List<Comment> written = [];
        do
        {
            app.Clock.Advance(TimeSpan.FromMilliseconds(1));
            written.Add(await app.PostAsync("user0", $"{written.Count}"));
        }
        while (!erased.IsCompleted && written.Count < 5_000);

        var answer = await erased;
        Assert.Equal("succeeded", answer.Text("outcome"));
        var kept = (await app.WithAsync<CommentDbContext, List<Comment>>(db => db.Comments.Where(c => c.UserName == "user0").ToListAsync()))
            .Select(c => c.Id).ToHashSet();
        Assert.All(written.Where(c => c.CreatedAt > answer.Body.GetProperty("cutoff").GetDateTimeOffset()), c => Assert.Contains(c.Id, kept));
        Assert.Equal(many + written.Count, kept.Count + answer.Body.GetProperty("deleted").GetInt64());
        Assert.Equal($"{written.Count - 1}", await app.LatestAsync("user0"));
    }

    [StoreFact]
    public async Task Users_who_write_while_they_are_erased_again_and_again_lose_nothing_and_meet_no_error()
    {
        await using var app = await StartAsync();
        var (written, erased) = (0, 0L);
        await app.PostAsync("ann", "first");

        var writing = Task.Run(async () =>
        {
            for (; written < 100; written++)
            {
                app.Clock.Advance(TimeSpan.FromMilliseconds(1));
                await app.PostAsync("ann", $"{written}");
            }
        });
        while (!writing.IsCompleted)
        {
            var answer = await EraseAsync(app, "ann");
            erased += answer.Status == 404 ? 0 : answer.Body.GetProperty("deleted").GetInt64();
        }

        await writing;
        Assert.Equal(101, erased + await CountAsync(app));
    }

    [StoreFact]
    public async Task An_erasure_that_goes_on_is_no_run_that_expiry_waits_for_or_health_counts()
    {
        await using var app = await StartAsync();
        await app.ExpireAsync();
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await app.WithAsync<CommentDbContext>(async db =>
        {
            db.ExpiryRuns.Add(new()
            {
                Id = Guid.CreateVersion7(),
                TriggeredBy = "by hand",
                Work = ExpiryRun.Erasure,
                StartedAt = app.Clock.Now,
                Cutoff = app.Clock.Now,
                OlderThan = TimeSpan.Zero,
                DryRun = false,
            });
            await db.SaveChangesAsync();
        });
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Null((await app.WithAsync<ExpiryRunLog, LastRuns>(log => log.FindLastAsync(default))).Newest?.Work);
        Assert.Equal(RunOutcome.Succeeded, (await app.ExpireAsync()).Outcome);
    }

    private static Task<HttpAnswer> EraseAsync(TestApp app, string userName, string query = "") => app.SendAsync<ExpiryRunsApi>(
        HttpCalls.Delete($"/api/users/{userName}{query}"), (api, request) => api.EraseAsync(request, userName, default));
}
