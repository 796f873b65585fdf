using CommentFunctions.Benchmarks.Expiry;

const string Usage = "Usage: dotnet run -c Release --project CommentFunctions.Benchmarks -- expiry|bot|queue [rounds]";

var rounds = args.Length > 1 && int.TryParse(args[1], out var number) && number > 0 ? number : 5;
switch (args is [var name, ..] ? name : "")
{
    case "expiry":
        await ExpiryBenchmark.RunAsync(rounds);
        return 0;
    case "queue":
        await CommentFunctions.Benchmarks.Queue.QueueBenchmark.RunAsync(rounds);
        return 0;
    default:
        Console.Error.WriteLine(Usage);
        return 1;
}
