using CommentFunctions.Expiry;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

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
    [InlineData("")]
    [InlineData("daily")]
    [InlineData("61 * * * * *")]
    [InlineData("* * * *")]
    public async Task A_schedule_that_is_none_stops_the_start_and_says_what_is_allowed(string setting)
    {
        var problem = await Assert.ThrowsAsync<InvalidOperationException>(
            () => TestApp.StartAsync(new() { [ExpirySchedule.Setting] = setting }));

        Assert.Contains($"CommentExpirySchedule is '{setting}'. Allowed: a cron text of six fields", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_setting_has_a_default_that_any_other_source_overrides()
    {
        await using var plain = await TestApp.StartAsync();
        await using var set = await TestApp.StartAsync(new() { [ExpirySchedule.Setting] = "*/5 * * * * *" });

        Assert.Equal("0 0 3 * * *", plain.Services.GetRequiredService<IConfiguration>()[ExpirySchedule.Setting]);
        Assert.Equal("*/5 * * * * *", set.Services.GetRequiredService<IConfiguration>()[ExpirySchedule.Setting]);
    }

    private ExpirySchedule Schedule(string? setting) => new(
        new ConfigurationBuilder().AddInMemoryCollection([new(ExpirySchedule.Setting, setting)]).Build(), clock);
}
