using CommentFunctions.Benchmarks.Bot;
using CommentFunctions.Benchmarks.Expiry;

const string Usage = "Usage: dotnet run -c Release --project CommentFunctions.Benchmarks -- expiry|bot|queue [rounds]";

var rounds = args.Length > 1 && int.TryParse(args[1], out var number) && number > 0 ? number : 5;
if (args is [FirstReply.Command, var connectionString, var userName])
{
    // The bot benchmark starts this one itself.
    await FirstReply.PrintAsync(connectionString, userName);
    return 0;
}

switch (args is [var name, ..] ? name : "")
{
    case "expiry":
        await ExpiryBenchmark.RunAsync(rounds);
        return 0;
    case "bot":
        await BotBenchmark.RunAsync(rounds);
        return 0;
    default:
        Console.Error.WriteLine(Usage);
        return 1;
}
