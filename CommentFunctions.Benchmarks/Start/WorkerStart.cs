using System.Diagnostics;
using CommentFunctions.Benchmarks.Bot;
using CommentFunctions.Benchmarks.Measuring;
using CommentFunctions.Data;
using CommentFunctions.Tests.EndToEnd.Support;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Benchmarks.Start;

/// <summary>
/// What a cold start under the Functions host takes of its worker, until it is ready for functions: the app on a SQLite file, and in turn a
/// worker without functions, both published ReadyToRun. The host is the tests' stand-in.
/// </summary>
internal static class WorkerStart
{
    /// <summary>The command by which the benchmark starts itself as a worker without functions.</summary>
    public const string Command = "bare-worker";

    /// <summary>Runs that worker with the host's arguments, until the host ends it.</summary>
    public static Task ServeAsync(string[] arguments) => FunctionsApplication.CreateBuilder(arguments).ConfigureFunctionsWebApplication().Build().RunAsync();

    public static async Task RunAsync(int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("worker-start-");
        try
        {
            await FirstReply.PublishAsync(folder);
            string Published(Type type) => Path.Combine(folder.FullName, type.Assembly.GetName().Name + ".dll");
            var (app, bare) = (new List<Sample>(), new List<Sample>());
            // The first of each reads its files from the disk, and the app makes its tables.
            for (var round = 0; round <= rounds; round++)
            {
                var both = (App: await StartAsync(folder, Published(typeof(Comment))), Bare: await StartAsync(folder, Published(typeof(WorkerStart)), Command));
                if (round > 0)
                {
                    app.Add(both.App);
                    bare.Add(both.Bare);
                }
            }

            Print(rounds, app, bare);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Print(int rounds, List<Sample> app, List<Sample> bare)
    {
        Samples Of(List<Sample> samples, Func<Sample, double> figure) => new(samples.Select(figure));
        Samples Ratio(Func<Sample, double> figure) => Samples.Ratio([.. app.Select(figure)], [.. bare.Select(figure)]);
        var (seconds, processor) = (Ratio(sample => sample.Seconds), Ratio(sample => sample.Processor));
        Table.Print(
            $"A worker from process start until it is ready, median (range) of {rounds}",
            ["", "seconds", "ratio", "seconds of processor", "ratio"],
            ["the app", Of(app, s => s.Seconds).Format(), seconds.Format(), Of(app, s => s.Processor).Format(), processor.Format()],
            ["a worker without functions", Of(bare, s => s.Seconds).Format(), "1", Of(bare, s => s.Processor).Format(), "1"]);
        Result.Print("worker-start", StoreNames.Sqlite, ("ratioToBare", seconds), ("processorRatioToBare", processor));
    }

    private static async Task<Sample> StartAsync(DirectoryInfo folder, params string[] program)
    {
        await using var host = await FunctionsHostStandIn.StartAsync();
        var start = new ProcessStartInfo("dotnet", [.. program, .. host.Arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["FUNCTIONS_APPLICATION_DIRECTORY"] = folder.FullName,
                ["Comments__ConnectionString"] = $"Data Source={Path.Combine(folder.FullName, "comments.db")}",
                ["ServiceBus__fullyQualifiedNamespace"] = "bench.servicebus.windows.net",
            },
        };
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        await using var ending = Ending.Token.Register(process.Kill);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await host.ReceiveAsync(FunctionsHostStandIn.StartStream);
            host.Send(FunctionsHostStandIn.InitRequest, "4.1037.0");
            await host.ReceiveAsync(FunctionsHostStandIn.InitResponse);
            process.Refresh();
            return new(Stopwatch.GetElapsedTime(began).TotalSeconds, process.TotalProcessorTime.TotalSeconds);
        }
        catch (Exception) when (process.HasExited)
        {
            throw new InvalidOperationException($"{program[0]} ended with {process.ExitCode}: {await output}{await errors}");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    /// <summary>One start: seconds, and seconds of processor.</summary>
    private sealed record Sample(double Seconds, double Processor);
}
