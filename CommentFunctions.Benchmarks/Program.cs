using System.Globalization;
using CommentFunctions.Benchmarks;
using CommentFunctions.Benchmarks.Bot;
using CommentFunctions.Benchmarks.Measuring;
using CommentFunctions.Benchmarks.Start;

if (args is [FirstReply.Command, var connectionString, var userName])
{
    // The bot benchmark starts this one itself.
    await FirstReply.PrintAsync(connectionString, userName);
    return 0;
}

if (args is [WorkerStart.Command, .. var hosts])
{
    // The start benchmark this one.
    await WorkerStart.ServeAsync(hosts);
    return 0;
}

// And the first of these.
var benchmark = args is [BotBenchmark.Command, var store, var times, var published]
    ? () => BotBenchmark.RunOnAsync(store, int.Parse(times, CultureInfo.InvariantCulture), new(published))
    : Catalog.Find(args);
if (benchmark is null)
{
    Console.Error.WriteLine(Catalog.Usage);
    return 1;
}

Ending.Watch();
try
{
    await benchmark();
    return 0;
}
catch (Exception) when (Ending.Token.IsCancellationRequested)
{
    Console.Error.WriteLine("Ended before the work was done.");
    return Ending.ExitCode;
}
