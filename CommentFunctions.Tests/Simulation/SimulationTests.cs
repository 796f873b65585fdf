using System.Globalization;
using Xunit.Abstractions;

namespace CommentFunctions.Tests.Simulation;

/// <summary>
/// Many lives of the app, each by a seed. <c>COMMENTS_TEST_SEED</c> lives one of them alone and prints what happened in it;
/// <c>COMMENTS_TEST_SEEDS</c> is how many there are.
/// </summary>
public class SimulationTests(ITestOutputHelper output)
{
    private static readonly int Seeds = Number("COMMENTS_TEST_SEEDS") ?? 2_000;

    [Fact]
    public void In_every_life_nothing_is_lost_nothing_comes_twice_and_what_is_recorded_is_true()
    {
        if (Number("COMMENTS_TEST_SEED") is { } only)
        {
            List<string> trace = [];
            var found = Live(only, trace);
            trace.ForEach(output.WriteLine);
            Assert.True(found.Count == 0, Describe(only, found));
            return;
        }

        AppContext.SetSwitch("Microsoft.Extensions.DependencyInjection.DisableDynamicEngine", true);
        var wrong = new List<string>();
        Parallel.For(1, Seeds + 1, seed =>
        {
            if (Live(seed) is { Count: > 0 } found)
            {
                lock (wrong)
                {
                    wrong.Add(Describe(seed, found));
                }
            }
        });
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {Seeds} lives went wrong:\n{string.Join('\n', wrong.Take(10))}");
    }

    private static List<string> Live(int seed, List<string>? trace = null)
    {
        List<string> found = [];
        // A thread of its own, on which nothing else runs and to which nothing is sent back.
        var thread = new Thread(() =>
        {
            try
            {
                found.AddRange(SimLife.Run(seed, trace));
            }
            catch (Exception e)
            {
                found.Add(e.ToString());
            }
        });
        thread.Start();
        thread.Join();
        return found;
    }

    private static string Describe(int seed, List<string> found) => $"COMMENTS_TEST_SEED={seed}: {string.Join(' ', found.Take(3))}";

    private static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
