using System.Collections.Concurrent;
using System.Globalization;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Bot;
using CommentFunctions.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit.Abstractions;

namespace CommentFunctions.Tests.Simulation;

/// <summary>
/// Many lives of the app, each by a seed. <c>COMMENTS_TEST_SEED</c> lives one of them alone and prints what happened in it;
/// <c>COMMENTS_TEST_SEEDS</c> is how many there are.
/// </summary>
public class SimulationTests(ITestOutputHelper output)
{
    private static readonly int Seeds = Number("COMMENTS_TEST_SEEDS") ?? 100;

    [Fact]
    public void In_every_life_nothing_is_lost_nothing_comes_twice_and_what_is_recorded_is_true()
    {
        if (Number("COMMENTS_TEST_SEED") is { } only)
        {
            List<string> trace = [];
            List<string> found = [];
            Start(() => found = Live(only, trace)).Join();
            trace.ForEach(output.WriteLine);
            Assert.True(found.Count == 0, Describe(only, found));
            return;
        }

        AppContext.SetSwitch("Microsoft.Extensions.DependencyInjection.DisableDynamicEngine", true);
        var wrong = new ConcurrentQueue<string>();
        var next = 0;
        // Threads of their own, on which nothing else runs and to which nothing is sent back.
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Start(() =>
        {
            for (int seed; (seed = Interlocked.Increment(ref next)) <= Seeds;)
            {
                if (Live(seed) is { Count: > 0 } found)
                {
                    wrong.Enqueue(Describe(seed, found));
                }
            }
        })).ToList();
        threads.ForEach(thread => thread.Join());
        Assert.True(wrong.IsEmpty, $"{wrong.Count} of {Seeds} lives went wrong:\n{string.Join('\n', wrong.Take(10))}");
    }

    /// <summary>Faults that the app might have, which have to be found within a few hundred lives.</summary>
    [Theory]
    [InlineData("a queue that forgets what was sent", "neither recorded nor remembered")]
    [InlineData("a retention of 23 hours", "of which")]
    [InlineData("a run that does not count", "recorded 0 deleted comments")]
    [InlineData("a channel that hides its failures", "has no reply")]
    public void A_fault_of_the_app_is_found(string fault, string found)
    {
        var lives = 0;
        var isFound = false;
        Start(() =>
        {
            while (!isFound && lives < 500)
            {
                isFound = Live(++lives, plant: Plants[fault]).Exists(wrong => wrong.Contains(found, StringComparison.Ordinal));
            }
        }).Join();
        Assert.True(isFound, $"{lives} lives went well with {fault}.");
        output.WriteLine($"{fault}: found in life {lives}");
    }

    private static readonly Dictionary<string, Action<IServiceCollection, SimWorld, SimWorker>> Plants = new()
    {
        ["a queue that forgets what was sent"] = (services, world, worker) => services.AddSingleton<ServiceBusClient>(new SimClient(world, worker) { Forgets = true }),
        ["a retention of 23 hours"] = (services, world, _) => services.AddSingleton(new Retention(Options.Create(new CommentOptions { Retention = "23:00:00" }), world.Clock)),
        ["a run that does not count"] = (services, world, worker) => services.AddSingleton<CommentStore>(new SimStore(world, worker) { Counts = false }),
        ["a channel that hides its failures"] = (services, world, worker) => services.Insert(0, ServiceDescriptor.Singleton<IBotChannel>(new SimChannel(world, worker) { HidesFailures = true })),
    };

    private static List<string> Live(int seed, List<string>? trace = null, Action<IServiceCollection, SimWorld, SimWorker>? plant = null)
    {
        try
        {
            return SimLife.Run(seed, trace, plant);
        }
        catch (Exception e)
        {
            return [e.ToString()];
        }
    }

    private static Thread Start(ThreadStart work)
    {
        var thread = new Thread(work);
        thread.Start();
        return thread;
    }

    private static string Describe(int seed, List<string> found) => $"COMMENTS_TEST_SEED={seed}: {string.Join(' ', found.Take(3))}";

    private static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
