using CommentFunctions.Expiry;
using CommentFunctions.Hosts;
using Functions.LocalRuntime.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Tests.Hosts;

public sealed class ExpiryProgressBarTests : IDisposable
{
    private readonly StringWriter written = new();
    private int width = 80;

    public void Dispose() => written.Dispose();

    [Theory]
    [InlineData(0, 0, 40L, 80, "[........................................]    0 %  0 deleted, 0/s, 40 to go")]
    [InlineData(5_000, 1_250, 15_000L, 80, "[######.....................]   25 %  5,000 deleted, 1,250/s, 15,000 to go, 12 s")]
    [InlineData(5_000, 100, 15_000L, 80, "[#####..................]   25 %  5,000 deleted, 100/s, 15,000 to go, 2 min 30 s")]
    [InlineData(5_000, 2, 15_000L, 80, "[######....................]   25 %  5,000 deleted, 2/s, 15,000 to go, 2 h 5 min")]
    [InlineData(999, 9, 1L, 80, "[######################################.]   99 %  999 deleted, 9/s, 1 to go, 1 s")]
    [InlineData(1_000, 9, 0L, 80, "[########################################]  100 %  1,000 deleted, 9/s, 0 to go")]
    [InlineData(0, 0, 0L, 60, "[##########################]  100 %  0 deleted, 0/s, 0 to go")]
    [InlineData(5_000, 1_250, 15_000L, 50, " 25 %  5,000 deleted, 1,250/s, 15,000 to go, 12 s")]
    [InlineData(5_000, 1_250, 15_000L, 20, " 25 %  5,000 deleted")]
    [InlineData(5_000, 1_250, null, 80, "5,000 deleted, 1,250/s, rest unknown")]
    public void The_line_has_a_bar_a_percentage_and_the_figures_as_far_as_there_is_room(
        long deleted, long perSecond, long? rest, int room, string line)
    {
        var formatted = ExpiryProgressBar.Format(new(Guid.Empty, deleted, perSecond, rest), room);

        Assert.Equal(line, formatted);
        Assert.True(formatted.Length <= room);
    }

    [Fact]
    public void It_is_drawn_over_itself_and_wiped_at_the_end()
    {
        ExpiryProgressBar bar = new(new CommandTerminal(written, () => width));

        bar.Report(new(Guid.Empty, 10, 5, null));
        width = 20;
        bar.Report(new(Guid.Empty, 20, 5, 60));
        bar.Finish(Guid.Empty);

        Assert.Equal("\r10 deleted, 5/s, rest unknown\r 25 %  20 deleted, \r                   \r", written.ToString());
    }

    [Fact]
    public void A_run_without_a_report_draws_nothing()
    {
        new ExpiryProgressBar(new CommandTerminal(written, () => width)).Finish(Guid.Empty);

        Assert.Empty(written.ToString());
    }

    [Fact]
    public void It_comes_at_most_five_times_a_second() =>
        Assert.Equal(TimeSpan.FromMilliseconds(200), new ExpiryProgressBar(new CommandTerminal(written, () => width)).Interval);

    [Theory]
    [InlineData(783_233L, "216,767 deleted, 783,233 to go; run again to go on.")]
    [InlineData(null, "216,767 deleted; run again to go on.")]
    public async Task A_command_that_is_stopped_says_how_far_it_came(long? rest, string said)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(new CommandRun("DeleteExpiredComments"));
        builder.AddExpiry();
        builder.AddLocalHost();
        await using var services = builder.Services.BuildServiceProvider();

        services.GetRequiredService<IExpiryReporter>().Stopped(new(Guid.Empty, 216_767, 5, rest));

        Assert.Equal(said, services.GetRequiredService<CommandRun>().StoppedAt);
    }

    [Theory]
    [InlineData(true, typeof(ExpiryProgressBar))]
    [InlineData(false, typeof(ExpiryProgressLog))]
    public async Task It_takes_the_place_of_the_log_for_a_command_on_a_terminal(bool terminal, Type reporter)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        if (terminal)
        {
            builder.Services.AddSingleton(new CommandTerminal(written, () => width));
        }

        builder.AddExpiry();
        builder.AddLocalHost();
        await using var services = builder.Services.BuildServiceProvider();

        Assert.IsType(reporter, services.GetRequiredService<IExpiryReporter>());
    }
}
