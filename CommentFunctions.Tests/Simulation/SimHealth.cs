using CommentFunctions.Channels;
using CommentFunctions.Data;
using CommentFunctions.Expiry;
using CommentFunctions.Health;
using CommentFunctions.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace CommentFunctions.Tests.Simulation;

/// <summary>Asks for the app's health, as a platform does; time stands still meanwhile.</summary>
internal sealed class SimHealth(SimWorld world, SimWorker worker)
{
    /// <summary>Health now, by a worker's services: what is away does not answer.</summary>
    public HealthReport Ask()
    {
        var services = worker.Services;
        var store = new Probe(world, services.GetRequiredService<CommentStore>());
        var clock = new StandingClock(world.Clock);
        var queues = new FakeQueueStatus { Failure = world.AwayFor(SimPart.Queues) is null ? null : new TimeoutException() };
        var reporter = new HealthReporter(
            store,
            services.GetRequiredService<CommentSchema>(),
            services.GetRequiredService<Retention>(),
            services.GetRequiredService<IServiceScopeFactory>(),
            new ExpiryRunLog(services.GetRequiredService<IServiceScopeFactory>(), store, clock, NullLogger<ExpiryRunLog>.Instance),
            services.GetRequiredService<ExpirySchedule>(),
            queues,
            services.GetRequiredService<DisabledTriggers>(),
            services.GetRequiredService<ChannelFaults>(),
            clock,
            NullLogger<HealthReporter>.Instance);
        // The questions are asked on other threads; this one, on which all else runs, waits for them.
        world.IsAskedForHealth = true;
        try
        {
            return reporter.ReportAsync(CancellationToken.None).GetAwaiter().GetResult();
        }
        finally
        {
            world.IsAskedForHealth = false;
        }
    }

    private sealed class StandingClock(TimeProvider world) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => world.GetUtcNow();

        // A busy machine is no part that is away.
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The worker's store, which is asked at once.</summary>
    private sealed class Probe(SimWorld world, CommentStore inner) : CommentStore
    {
        public override string Name => inner.Name;

        public override string Location => inner.Location;

        public override IEnumerable<string> Check(CommentOptions options) => inner.Check(options);

        public override void Configure(DbContextOptionsBuilder options) => inner.Configure(options);

        public override Task PrepareAsync(CommentDbContext db, CommentSchema schema, bool create, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override Task<string?> CheckWritableAsync(CommentDbContext db, CancellationToken cancellationToken) =>
            Task.FromResult(world.AwayFor(SimPart.Store) is null ? null : "it is away");

        public override Task RemoveUserAsync(CommentDbContext db, string userName, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override IAsyncEnumerable<int> DeleteAsync(
            CommentDbContext db, RecordKind kind, DateTimeOffset cutoff, ExpiryRun? countedIn, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public override Failures.Outage? FindOutage(Exception exception) => inner.FindOutage(exception);
    }
}
