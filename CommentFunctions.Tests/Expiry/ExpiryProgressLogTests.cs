using CommentFunctions.Data;
using CommentFunctions.Expiry;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.Expiry;

/// <summary>The job on a store that takes the time which the test says for each step.</summary>
public sealed class ExpiryProgressLogTests : IDisposable
{
    private readonly LogLines log = new(typeof(ExpiryProgressLog).FullName!);

    public void Dispose() => log.Dispose();

    [Fact]
    public async Task A_long_run_logs_how_far_it_has_come_and_what_is_left()
    {
        var run = await RunAsync(TimeSpan.FromSeconds(5));

        // SQLite's first step has 1,000 comments, and a step that takes 5 seconds makes the next ones a tenth of it.
        Assert.Equal(5_000, run.Deleted);
        Assert.Equal($"Expiry run {run.Id}: 1000 comments deleted so far, 200 per second, 4000 to go.", log.Lines[0]);
        Assert.EndsWith(" 0 to go.", log.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_of_less_than_five_seconds_logs_no_progress()
    {
        var run = await RunAsync(TimeSpan.FromMilliseconds(1));

        Assert.Equal(5_000, run.Deleted);
        Assert.Empty(log.Lines);
    }

    [Fact]
    public void A_line_says_when_the_rest_is_not_known()
    {
        using LoggerFactory loggers = new([log]);
        var id = Guid.CreateVersion7();

        new ExpiryProgressLog(loggers.CreateLogger<ExpiryProgressLog>()).Report(new(id, 12, 3, null));

        Assert.Equal([$"Expiry run {id}: 12 comments deleted so far, 3 per second; how many are to go is not known."], log.Lines);
    }

    private async Task<ExpiryRun> RunAsync(TimeSpan step)
    {
        TestApp? app = null;
        await using (app = await TestApp.StartAsync(store: inner => new DisturbedStore(inner, beforeStep: Wait), log: log))
        {
            await ExpiryJobTests.AddManyAsync(app, 5_000);
            app.Clock.Advance(TimeSpan.FromDays(2));
            app.Clock.Measures = true;
            return await app.ExpireAsync();
        }

        void Wait() => app!.Clock.Advance(step);
    }
}
