using CommentFunctions.Expiry;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Tests.Expiry;

public class ExpiryScheduleTests
{
    private readonly FakeTimeProvider clock = new() { Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero) };

    [Theory]
    [InlineData(null)]
    [InlineData("0 0 3 * * *")]
    [InlineData("0 3 * * *")]
    public void Runs_are_overdue_a_minute_after_two_scheduled_times_went_by(string? setting)
    {
        var schedule = Schedule(setting);

        clock.Now = new(2026, 3, 3, 3, 1, 0, TimeSpan.Zero);
        Assert.False(schedule.IsOverdue(null));
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(schedule.IsOverdue(null));
        Assert.False(schedule.IsOverdue(new DateTimeOffset(2026, 3, 2, 3, 0, 0, TimeSpan.Zero)));
    }

    [Fact]
    public void A_run_of_a_clock_that_was_ahead_and_a_start_then_do_not_hide_that_runs_stopped()
    {
        var schedule = Schedule(null);
        clock.Now = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);
        Assert.False(schedule.IsOverdue(new DateTimeOffset(2026, 3, 1, 3, 0, 0, TimeSpan.Zero)));

        clock.Now = new(2025, 3, 4, 12, 0, 0, TimeSpan.Zero);

        Assert.True(schedule.IsOverdue(new DateTimeOffset(2026, 3, 1, 3, 0, 0, TimeSpan.Zero)));
        Assert.True(schedule.IsOverdue(null));
    }

    [Theory]
    [InlineData("", "is not a cron text")]
    [InlineData("daily", "is not a cron text")]
    [InlineData("61 * * * * *", "is not a cron text: 61 is higher than the maximum allowable value for the [Second] field. Value must be between 0 and 59 (all inclusive)")]
    [InlineData("* * * *", "is not a cron text")]
    [InlineData("0 0 0 31 2 *", "never comes due")]
    public async Task A_schedule_that_is_none_or_never_comes_stops_the_start_and_says_what_is_allowed(string setting, string why)
    {
        var problem = await Assert.ThrowsAsync<OptionsValidationException>(
            () => TestApp.StartAsync(new() { [ExpirySchedule.Setting] = setting }));

        Assert.StartsWith(
            $"CommentExpirySchedule is '{setting}', which {why}. Allowed: a cron text of six fields", Assert.Single(problem.Failures), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task A_timer_that_the_host_left_out_is_an_error_in_the_log_at_each_start(bool leftOut, int lines)
    {
        var log = new LogLines(typeof(ExpirySchedule).FullName!);
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        var schedule = Schedule(null, loggers, leftOut ? new() : null);

        await schedule.StartAsync(CancellationToken.None);

        Assert.Equal(leftOut, schedule.IsLeftOut);
        Assert.Equal(lines, log.Lines.Count(line => line.StartsWith("CommentExpirySchedule is not set, so the host has left out the timer", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_setting_has_a_default_that_any_other_source_overrides()
    {
        await using var plain = await TestApp.StartAsync();
        await using var set = await TestApp.StartAsync(new() { [ExpirySchedule.Setting] = "*/5 * * * * *" });

        Assert.Equal("0 0 3 * * *", plain.Services.GetRequiredService<IConfiguration>()[ExpirySchedule.Setting]);
        Assert.Equal("*/5 * * * * *", set.Services.GetRequiredService<IConfiguration>()[ExpirySchedule.Setting]);
    }

    private ExpirySchedule Schedule(string? setting, ILoggerFactory? loggers = null, TimerLeftOut? leftOut = null) => new(
        new ConfigurationBuilder().AddInMemoryCollection([new(ExpirySchedule.Setting, setting)]).Build(), clock, new Logger<ExpirySchedule>(loggers ?? NullLoggerFactory.Instance), leftOut);
}
