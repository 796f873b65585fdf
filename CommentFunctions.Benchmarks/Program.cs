using System.Globalization;
using CommentFunctions.Benchmarks;
using CommentFunctions.Benchmarks.Bot;

if (args is [FirstReply.Command, var connectionString, var userName])
{
    // The bot benchmark starts this one itself.
    await FirstReply.PrintAsync(connectionString, userName);
    return 0;
}

if (args is [BotBenchmark.Command, var store, var times, var published])
{
    // And this one.
    await BotBenchmark.RunOnAsync(store, int.Parse(times, CultureInfo.InvariantCulture), new(published));
    return 0;
}

if (args is [var name, ..] && Catalog.All.TryGetValue(name, out var run))
{
    await run(args.Length > 1 && int.TryParse(args[1], out var rounds) && rounds > 0 ? rounds : 5);
    return 0;
}

Console.Error.WriteLine($"Usage: dotnet run -c Release --project CommentFunctions.Benchmarks -- {string.Join('|', Catalog.All.Keys)} [rounds]");
return 1;
