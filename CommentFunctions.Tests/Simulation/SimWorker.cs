using Azure.Messaging.ServiceBus;
using CommentFunctions.Bot;
using CommentFunctions.Data;
using CommentFunctions.Expiry;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Support;
using Microsoft.Azure.Functions.Worker;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Tests.Simulation;

/// <summary>A process with the app's services, which takes messages from the queues as the Functions host does, until it dies.</summary>
internal sealed class SimWorker : IDisposable
{
    private const int Slots = 3;

    private static readonly TimeSpan Lock = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestRenewal = TimeSpan.FromMinutes(5);

    private readonly SimWorld world;
    private readonly int number;
    private readonly IHost host;
    private readonly CancellationTokenSource stopping = new();
    private readonly List<Work> works = [];
    private int busy;

    public SimWorker(SimWorld world, int number, Action<IServiceCollection, SimWorld, SimWorker>? plant = null)
    {
        (this.world, this.number) = (world, number);
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.AddApp();
        var services = builder.Services;
        services.AddSingleton<TimeProvider>(world.Clock);
        services.AddSingleton(world.Random);
        services.AddSingleton<IQueueStatus, FakeQueueStatus>();
        services.AddSingleton<ServiceBusClient>(new SimClient(world, this));
        services.AddSingleton<CommentStore>(new SimStore(world, this));
        services.AddSingleton<IExpiryReporter, NoReports>();
        services.AddSingleton<IBotChannel>(new SimChannel(world, this));
        services.ConfigureDbContext<CommentDbContext>(options => options.ConfigureWarnings(warnings => warnings.Ignore(CoreEventId.ManyServiceProvidersCreatedWarning)));
        plant?.Invoke(services, world, this);
        host = builder.Build();
    }

    public bool IsDead { get; private set; }

    public IServiceProvider Services => host.Services;

    public override string ToString() => $"worker {number}";

    /// <summary>Ends the process in the middle of whatever it does.</summary>
    public void Die()
    {
        if (!IsDead)
        {
            IsDead = true;
            world.Died(this);
        }
    }

    /// <summary>Tells the process to stop, and to finish what it does.</summary>
    public void Stop()
    {
        world.Trace($"{this} is told to stop");
        stopping.Cancel();
        EndIfIdle();
    }

    /// <summary>Takes messages as long as there are free slots.</summary>
    public void Pump()
    {
        while (!IsDead && !stopping.IsCancellationRequested && busy < Slots && world.Queues.Receive(Lock) is { } message)
        {
            _ = HandleAsync(message);
        }
    }

    /// <summary>Does something with a service in a scope of its own; what fails is the caller's to see, and a dead worker never returns.</summary>
    public async Task WithAsync<T>(Func<T, Task> call)
        where T : class
    {
        busy++;
        try
        {
            await using var scope = host.Services.CreateAsyncScope();
            await call(ActivatorUtilities.GetServiceOrCreateInstance<T>(scope.ServiceProvider));
        }
        finally
        {
            busy--;
            Pump();
            EndIfIdle();
        }
    }

    public void Dispose() => host.Dispose();

    private async Task HandleAsync(SimMessage message)
    {
        busy++;
        world.Trace($"{this} takes {message.Id} (delivery {message.Deliveries})");
        var actions = new SimActions(world, this, message);
        var work = new Work(message, world.Clock.Now, IsCutOff: world.IsTroubled && world.Random.Next(100) < 3);
        works.Add(work);
        Renew(work);
        try
        {
            await RunAsync(message.Received(), message.Queue, actions);
            if (!actions.IsSettled)
            {
                await actions.CompleteMessageAsync(message.Received());
            }
        }
        catch (Exception e)
        {
            world.Trace($"{this} failed at {message.Id}: {e.GetType().Name}");
            await GiveBackAsync(message, actions);
        }

        work.IsDone = true;
        if (!works.Exists(other => !other.IsDone && other.ReplyId == work.ReplyId))
        {
            world.Handled(this, work.ReplyId);
        }

        works.Remove(work);
        busy--;
        Pump();
        EndIfIdle();
    }

    private async Task RunAsync(ServiceBusReceivedMessage message, string queue, ServiceBusMessageActions actions)
    {
        await using var scope = host.Services.CreateAsyncScope();
        await (queue == QueueNames.Messages
            ? ActivatorUtilities.CreateInstance<AnswerBotMessage>(scope.ServiceProvider).RunAsync(message, actions, stopping.Token)
            : ActivatorUtilities.CreateInstance<DeliverBotReply>(scope.ServiceProvider).RunAsync(message, actions, stopping.Token));
    }

    private static async Task GiveBackAsync(SimMessage message, SimActions actions)
    {
        try
        {
            if (!actions.IsSettled)
            {
                await actions.AbandonMessageAsync(message.Received());
            }
        }
        catch (ServiceBusException)
        {
            // It comes back when its lock ends.
        }
    }

    // As the host does; one that is cut off from the queue loses its locks.
    private void Renew(Work work)
    {
        if (work.IsCutOff)
        {
            world.Queues.Renew(work.Message, TimeSpan.FromSeconds(5));
            return;
        }

        world.Clock.At(world.Clock.Now + (Lock / 2), () =>
        {
            if (!IsDead && !work.IsDone && world.Clock.Now - work.Start < LongestRenewal)
            {
                world.Queues.Renew(work.Message, Lock);
                Renew(work);
            }
        });
    }

    private void EndIfIdle()
    {
        if (stopping.IsCancellationRequested && busy == 0)
        {
            Die();
        }
    }

    // Reports count what is to go on a thread of their own.
    private sealed class NoReports : IExpiryReporter
    {
        public TimeSpan FirstAfter => TimeSpan.MaxValue;

        public TimeSpan Interval => TimeSpan.MaxValue;

        public void Report(ExpiryProgress progress)
        {
        }
    }

    private sealed record Work(SimMessage Message, DateTimeOffset Start, bool IsCutOff)
    {
        public bool IsDone { get; set; }

        public string ReplyId => Message.Received().OriginalId();
    }
}

/// <summary>A worker's way to a messaging service, which knows no repeats.</summary>
internal sealed class SimChannel(SimWorld world, SimWorker worker) : IBotChannel
{
    public const string ChannelName = "sim";

    /// <summary>What a person says whose replies the service refuses.</summary>
    public const string Refused = "blocked";

    public string Name => ChannelName;

    /// <summary>Whether it takes a failure for a success: a fault to be found.</summary>
    public bool HidesFailures { get; init; }

    public async Task SendAsync(BotReply reply, CancellationToken cancellationToken)
    {
        if (reply.QuotedCommentCreatedAt is { } createdAt && createdAt.AddDays(1) <= world.Clock.Now)
        {
            world.Facts.Wrong.Add($"{reply.Id} quotes a comment that has expired.");
        }

        try
        {
            await world.CallAsync(worker, SimPart.Channel, $"send {reply.Id}", () => Take(reply), lost: () => world.Facts.Lost(reply.Id));
        }
        catch (TransientChannelException) when (HidesFailures)
        {
            return;
        }

        world.Facts.Answered.Add((reply.Id, worker));
    }

    private bool Take(BotReply reply)
    {
        if (reply.Message.Conversation == Refused)
        {
            throw new PermanentChannelException(PermanentChannelException.Refused, "The service refuses it.");
        }

        world.Facts.Sent(reply.Id, worker);
        return true;
    }
}
