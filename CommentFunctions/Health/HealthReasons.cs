using System.Globalization;
using CommentFunctions.Bot;
using CommentFunctions.Channels;
using CommentFunctions.Data;
using CommentFunctions.Expiry;
using CommentFunctions.Queues;

namespace CommentFunctions.Health;

/// <summary>
/// Weighs what was found. Unhealthy is what keeps the app from doing anything that it is for, or from ever deleting; what only a part
/// suffers from, or an operator has to look at, is degraded.
/// </summary>
internal sealed class HealthReasons(DateTimeOffset now)
{
    private readonly List<string> reasons = [];

    public HealthState State { get; private set; }

    public IReadOnlyList<string> All => reasons;

    public void AddStore(string store, string? writing, string? reading)
    {
        if (writing is not null)
        {
            Add(HealthState.Unhealthy, $"Nothing can be stored or deleted. Of the store {store}: {writing}.");
        }
        else if (reading is not null)
        {
            Add(HealthState.Unhealthy, $"The runs of the expiry job cannot be read. Of the store {store}: {reading}.");
        }
    }

    public void AddSchedule(ExpirySchedule schedule, LastRuns? runs, bool overdue)
    {
        if (schedule.IsLeftOut)
        {
            Add(
                HealthState.Unhealthy,
                $"{ExpirySchedule.Setting} is not set, so the host has left the timer out: expired comments stay. Set it, such as to {ExpirySchedule.Default}.");
        }

        if (runs?.Real is { } last && Shortfall(last) is { } shortfall)
        {
            Add(HealthState.Degraded, $"The newest run of the expiry job {shortfall}. GET /api/expiry-runs has the runs and their errors.");
        }

        if (overdue)
        {
            Add(HealthState.Degraded, "No run of the expiry job has succeeded over two scheduled times: expired comments stay.");
        }
        else if (runs is not null && schedule.FindMissed(runs.Full?.StartedAt) is { } missed)
        {
            Add(HealthState.Degraded, string.Create(CultureInfo.InvariantCulture, $"The run of the expiry job at {missed:yyyy-MM-dd'T'HH:mm:ss'Z'} did not come."));
        }
    }

    public void AddQueue(string queue, QueueDepth? depth, string? problem)
    {
        if (problem is not null)
        {
            var what = queue == QueueNames.ExpiryRuns ? "Runs by hand do not begin" : "Messages to the bot are not answered";
            Add(HealthState.Degraded, $"{what}. Of the queue {queue}: {problem}.");
        }
        else if (depth is { DeadLettered: > 0 and var dead })
        {
            Add(HealthState.Degraded, string.Create(
                CultureInfo.InvariantCulture, $"The queue {queue} has dead letters: {dead}. GET /api/dead-letters/{queue} says why."));
        }
    }

    public void AddDisabled(IEnumerable<string> functions)
    {
        foreach (var function in functions)
        {
            Add(HealthState.Degraded, $"A setting has switched {function} off.");
        }
    }

    public void AddChannels(ChannelFaults faults)
    {
        foreach (var channel in faults.All.Select(fault => fault.Channel))
        {
            Add(HealthState.Degraded, $"The channel {channel} is off, for something is wrong with its settings. The log of the app's start says what.");
        }

        foreach (var (channel, trouble, credentials) in faults.Troubles)
        {
            Add(HealthState.Degraded, trouble switch
            {
                ChannelTrouble.Unauthorized =>
                    $"Replies of the channel {channel} are not taken: its service refuses the app's credentials. Correct {credentials}; they wait for a day.",
                ChannelTrouble.Away =>
                    $"Replies of the channel {channel} do not get through: its service cannot be reached, or fails. The log says why; they are tried again for a day.",
                _ => $"Messages of the channel {channel} do not come in. The log says why; the app goes on asking for them.",
            });
        }
    }

    private string? Shortfall(ExpiryRun run) => run switch
    {
        { Outcome: RunOutcome.Failed } => "failed",
        { Outcome: RunOutcome.Cancelled } => "was cancelled before it was done",
        { Outcome: RunOutcome.Interrupted } => "lost its process before it was done",
        _ => run.IsSilent(now) ? "lost its process before it was done" : null,
    };

    private void Add(HealthState state, string reason)
    {
        State = state > State ? state : State;
        reasons.Add(reason);
    }
}
