using CommentFunctions.Channels;
using CommentFunctions.Health;
using CommentFunctions.Queues;
using CommentFunctions.Tests.LocalRuntime.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.Channels.Support;

/// <summary>Tests of an app that asks a service for messages.</summary>
/// <param name="channel">The channel, as health names it.</param>
/// <param name="name">The service, as the log names it.</param>
/// <param name="never">What no line of the log may have.</param>
public abstract class PollingTests<TService, TPolling>(string channel, string name, string never) : IAsyncLifetime, IDisposable
    where TService : StandIn, new()
    where TPolling : ServicePolling
{
    // Everything that is told, so that a secret anywhere in it is seen.
    private readonly LogLines all = new(null, LogLevel.Trace);

    protected TService Service { get; private set; } = null!;

    /// <summary>What polling tells.</summary>
    protected LogLines Log { get; } = new(typeof(TPolling).FullName);

    /// <summary>What health says while messages do not come in.</summary>
    protected string Silent => $"Messages of the channel {channel} do not come in.";

    /// <summary>What the log says when they do again.</summary>
    protected string Again => $"Messages come in from {name} again.";

    /// <summary>The settings of an app that polls.</summary>
    protected abstract Dictionary<string, string?> PollingSettings { get; }

    public async Task InitializeAsync() => Service = await StandIn.StartAsync<TService>();

    public async Task DisposeAsync()
    {
        await Service.DisposeAsync();
        Assert.DoesNotContain(all.Lines, line => line.Contains(never, StringComparison.Ordinal));
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        all.Dispose();
        Log.Dispose();
    }

    /// <summary>What polling tells beyond that it began.</summary>
    protected List<string> Told(LogLines log) => [.. log.Lines.Where(line => line != $"The app asks {name} for the bot's messages.")];

    protected static Task TakenAsync(TestApp app, int count) =>
        Wait.UntilAsync("the queue has the messages", () => app.Sent.To(QueueNames.Messages).Count >= count);

    protected static async Task<string> ReasonsAsync(TestApp app) =>
        string.Join('\n', (await app.WithAsync<HealthReporter, HealthReport>(reporter => reporter.ReportAsync(CancellationToken.None))).Reasons);

    protected Task<TestApp> StartAsync(Dictionary<string, string?>? settings = null, LogLines? log = null) => TestApp.StartAsync(
        new([.. PollingSettings.Where(s => settings?.ContainsKey(s.Key) != true), .. settings ?? []]),
        log: log ?? Log,
        configure: builder =>
        {
            builder.Logging.SetMinimumLevel(LogLevel.Trace);
            builder.Logging.AddProvider(all);
        });
}
