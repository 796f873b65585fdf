using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using CommentFunctions.Benchmarks.Measuring;

namespace CommentFunctions.Benchmarks.Bot;

/// <summary>
/// How long it takes from the start of a process to its first reply: the app's services, published ReadyToRun as the app is, and a
/// Django process.
/// </summary>
internal sealed class FirstReply(DirectoryInfo published)
{
    /// <summary>The command by which the benchmark starts itself.</summary>
    public const string Command = "first-reply";

    private const string UserName = "user1";

    private string Program => Path.Combine(
        published.FullName, typeof(FirstReply).Assembly.GetName().Name + (OperatingSystem.IsWindows() ? ".exe" : ""));

    /// <summary>Starts the services, answers one message, and prints the reply.</summary>
    public static async Task PrintAsync(string connectionString, string userName)
    {
        var store = connectionString.Contains("Host=", StringComparison.OrdinalIgnoreCase) ? "Postgres" : "Sqlite";
        await using var app = await BenchApp.StartAsync(store, connectionString);
        Console.WriteLine((await app.AnswerAsync(userName)).Text);
    }

    /// <summary>Both in turn; prints the ratio.</summary>
    public async Task MeasureAsync(IBotDatabase database, DjangoBot django, int rounds)
    {
        var (app, site) = (new List<double>(), new List<double>());
        // The first of each reads its files from the disk.
        await RoundAsync([], []);
        for (var round = 0; round < rounds; round++)
        {
            await RoundAsync(app, site);
        }

        var ratio = Samples.Ratio(app, site);
        Table.Print(
            $"{database.Store}: first reply after process start, median (range) of {rounds}",
            ["", "seconds", "ratio to Django"],
            ["the app, ReadyToRun", new Samples(app).Format(), ratio.Format()],
            ["Django", new Samples(site).Format(), "1"]);
        Result.Print("first-reply", database.Store, ("seconds", new(app)), ("ratioToDjango", ratio));

        async Task RoundAsync(List<double> app, List<double> site)
        {
            var reply = await TimeAsync(app, () => CommandLine.RunAsync(Program, [Command, database.ConnectionString, UserName]));
            var sites = await TimeAsync(site, () => django.AnswerFirstAsync(UserName));
            if (reply != sites)
            {
                throw new InvalidOperationException($"The first replies differ: '{reply}' and '{sites}'.");
            }
        }
    }

    /// <summary>Publishes this program into the folder, as the app is published.</summary>
    public static Task PublishAsync(DirectoryInfo folder)
    {
        Console.WriteLine("Publishing ReadyToRun, for the first reply after process start …");
        var project = typeof(FirstReply).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Project").Value!;
        return CommandLine.RunAsync("dotnet", [
            "publish", project, "-c", "Release", "-m:1", "-nologo",
            // No server of the build is left at work.
            "-nodeReuse:false", "-p:UseSharedCompilation=false",
            "-p:FunctionsHost=local", "-p:PublishReadyToRun=true", "-r", RuntimeInformation.RuntimeIdentifier, "--self-contained", "false",
            "-o", folder.FullName],
            // What the build forgets there goes with the folder.
            variables: new Dictionary<string, string> { ["TMPDIR"] = folder.FullName });
    }

    private static async Task<string> TimeAsync(List<double> seconds, Func<Task<string>> run)
    {
        var start = Stopwatch.GetTimestamp();
        var reply = await run();
        seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        return reply;
    }
}
