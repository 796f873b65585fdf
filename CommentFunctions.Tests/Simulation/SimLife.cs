using CommentFunctions.Bot;
using CommentFunctions.Channels.Web;
using CommentFunctions.Comments;
using CommentFunctions.Data;
using CommentFunctions.Expiry;
using CommentFunctions.Health;
using CommentFunctions.Queues;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Tests.Simulation;

/// <summary>
/// One life of the app by a seed: two workers on one store and one set of queues, people who ask and write, runs that delete, for an hour in
/// which everything may fail at any call; then a time in which nothing does, after which everything has to be right.
/// </summary>
internal sealed class SimLife : IDisposable
{
    private static readonly TimeSpan Trouble = TimeSpan.FromHours(1);
    private static readonly TimeSpan Calm = TimeSpan.FromHours(12);
    private static readonly TimeSpan RunsEvery = TimeSpan.FromMinutes(10);

    private readonly SimWorld world;
    private readonly Action<IServiceCollection, SimWorld, SimWorker>? plant;
    private readonly List<SimWorker> workers = [];
    private readonly DateTimeOffset start;
    private int workersMade;
    private int questions;

    private SimLife(int seed, List<string>? trace, Action<IServiceCollection, SimWorld, SimWorker>? plant)
    {
        world = new(seed, trace);
        this.plant = plant;
        start = world.Clock.Now;
    }

    private Random Random => world.Random;

    /// <summary>Lives a life; what was wrong in it, in words.</summary>
    public static List<string> Run(int seed, List<string>? trace = null, Action<IServiceCollection, SimWorld, SimWorker>? plant = null)
    {
        using var life = new SimLife(seed, trace, plant);
        return life.Run();
    }

    public void Dispose()
    {
        workers.ForEach(worker => worker.Dispose());
        world.Dispose();
    }

    private List<string> Run()
    {
        world.Ended += worker => world.Clock.At(world.Clock.Now + Seconds(1, 10), StartWorker);
        world.Queues.Arrived += () => Shuffled().ForEach(worker => worker.Pump());
        StartWorker();
        Prepare();
        StartWorker();
        world.IsTroubled = true;
        Plan();
        world.Clock.RunUntil(() => false, start + Trouble);
        world.IsTroubled = false;
        world.Trace("from here on nothing fails");
        var isQuiet = world.Clock.RunUntil(() => world.Queues.IsEmpty && questions == 0, start + Trouble + Calm);
        for (var run = 0; run < 2; run++)
        {
            // The second one closes what died at the same moment as the first one began.
            _ = Shuffled()[0].WithAsync<ExpiryJob>(job => job.RunAsync(new("by hand"), default));
            world.Clock.RunUntil(() => false, world.Clock.Now + TimeSpan.FromMinutes(5));
        }

        new SimCheck(world).Check(isQuiet);
        if (new SimHealth(world, Shuffled()[0]).Ask() is { Status: HealthState.Unhealthy } health)
        {
            world.Facts.Wrong.Add($"Health is unhealthy at the end: {string.Join(' ', health.Reasons)}");
        }

        return world.Facts.Wrong;
    }

    private void StartWorker()
    {
        var worker = new SimWorker(world, ++workersMade, plant);
        workers.Add(worker);
        world.Trace($"{worker} starts");
        world.Clock.At(world.Clock.Now, worker.Pump);
    }

    private List<SimWorker> Shuffled()
    {
        var alive = workers.Where(worker => !worker.IsDead).ToArray();
        Random.Shuffle(alive);
        return [.. alive];
    }

    private TimeSpan Seconds(int from, int to) => TimeSpan.FromMilliseconds(Random.Next(from * 1_000, to * 1_000));

    // Comments that expire while the app works.
    private void Prepare()
    {
        using var scope = workers[0].Services.CreateScope();
        var db = scope.ServiceProvider.GetRequiredService<CommentDbContext>();
        SimStore.Create(world, db);
        using var command = world.Connection.CreateCommand();
        command.CommandText = string.Concat(Enumerable.Range(0, 12).Select(i => FormattableString.Invariant(
            $"""
            INSERT OR IGNORE INTO "Users" ("UserName") VALUES ('user{i % 4}');
            INSERT INTO "Comments" ("Id", "UserName", "CreatedAt", "Text")
                VALUES ('{Guid.NewGuid().ToString().ToUpperInvariant()}', 'user{i % 4}', {(start - TimeSpan.FromDays(1) + Seconds(-1_800, 3_600)).ToUnixTimeMilliseconds()}, 'old {i}');
            """)));
        command.ExecuteNonQuery();
    }

    private void Plan()
    {
        foreach (var i in Enumerable.Range(0, Random.Next(5, 12)))
        {
            world.Clock.At(start + Seconds(0, 3_000), () => _ = AskAsync(i));
        }

        foreach (var i in Enumerable.Range(0, 3))
        {
            world.Clock.At(start + Seconds(0, 3_000), () => _ = PostAsync(i));
        }

        for (var at = start + Seconds(0, 600); at < start + Trouble; at += RunsEvery)
        {
            world.Clock.At(at, () => _ = ExpireAsync());
        }

        foreach (var _ in Enumerable.Range(0, Random.Next(3)))
        {
            var (part, from) = ((SimPart)Random.Next(3), start + Seconds(0, 3_000));
            world.TakeAway(part, from, Seconds(5, 400));
            world.Clock.At(from + TimeSpan.FromSeconds(4), () => CheckHealth(part));
        }

        if (Random.Next(3) == 0)
        {
            // One process, or all of them, as a deployment does.
            var stopped = Random.Next(1, 3);
            world.Clock.At(start + Seconds(0, 3_000), () => Shuffled().Take(stopped).ToList().ForEach(worker => worker.Stop()));
        }
    }

    // Of a service it knows nothing.
    private void CheckHealth(SimPart part)
    {
        if (part != SimPart.Channel && world.AwayFor(part) is not null && Shuffled() is [var worker, ..]
            && new SimHealth(world, worker).Ask() is { Status: HealthState.Healthy })
        {
            world.Facts.Wrong.Add($"Health is healthy while {part} is away.");
        }
    }

    // As a webhook: what is not taken comes again, and some things come twice.
    private async Task AskAsync(int i)
    {
        questions++;
        var channel = Random.Next(2) == 0 ? WebChannel.ChannelName : SimChannel.ChannelName;
        var isRefused = channel == SimChannel.ChannelName && Random.Next(20) == 0;
        var message = new BotMessage(channel, isRefused ? SimChannel.Refused : $"c{i}", "s", $"user{Random.Next(5)}", world.Clock.Now);
        var id = $"{channel}:{i}";
        for (var repeats = Random.Next(5) == 0 ? 2 : 1; repeats > 0;)
        {
            if (Shuffled() is [var worker, ..])
            {
                var answered = await IsDoneAsync(worker, () => worker.WithAsync<QueueSender>(sender => sender.SendAsync(QueueNames.Messages, QueueJson.Write(id, message), default)));
                if (answered)
                {
                    world.Facts.Accepted[id] = !isRefused;
                    repeats--;
                }
            }

            await Task.Delay(Seconds(1, 20), world.Clock);
        }

        questions--;
    }

    private async Task PostAsync(int i)
    {
        if (Shuffled() is [var worker, ..])
        {
            await IsDoneAsync(worker, () => worker.WithAsync<CommentWriter>(async writer =>
            {
                var comment = await writer.PostAsync($"user{Random.Next(5)}", $"new {i}", default);
                world.Facts.Stored[comment.Id] = comment.CreatedAt;
            }));
        }
    }

    private async Task ExpireAsync()
    {
        if (Shuffled() is [var worker, ..])
        {
            await IsDoneAsync(worker, () => worker.WithAsync<DeleteExpiredComments>(function => function.RunAsync(new TimerInfo(), default)));
        }
    }

    /// <summary>Whether a worker did something; also false where it died over it.</summary>
    private async Task<bool> IsDoneAsync(SimWorker worker, Func<Task> call)
    {
        var done = call();
        while (!done.IsCompleted && !worker.IsDead)
        {
            await Task.WhenAny(done, Task.Delay(TimeSpan.FromSeconds(1), world.Clock));
        }

        return done.IsCompletedSuccessfully;
    }
}
