using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using CommentFunctions.Benchmarks.Bot;
using CommentFunctions.Benchmarks.Measuring;

namespace CommentFunctions.Benchmarks.Flood;

/// <summary>
/// Questions to the bot from one address, alone and while another address makes 1,000 calls a second to the same anonymous routes.
/// </summary>
internal static class FloodBenchmark
{
    private const int CallsPerSecond = 1_000;
    private const int Questions = 20;

    // As the page does; more often would be beyond the limit of a conversation.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    public static async Task RunAsync(int rounds)
    {
        await using var database = new SqliteBotDatabase();
        await database.FillAsync();
        await using var served = new ServedApp(database.ConnectionString, limited: true);
        await AskAsync(served.Address);
        List<Answers> alone = [], beside = [];
        for (var round = 0; round < rounds; round++)
        {
            alone.Add(await AskAsync(served.Address));
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ending.Token);
            var flood = FloodAsync(served.Address, stop.Token);
            await Task.Delay(TimeSpan.FromSeconds(2), Ending.Token);
            beside.Add(await AskAsync(served.Address));
            await stop.CancelAsync();
            var (calls, refused, seconds) = await flood;
            Console.WriteLine($"  round {round + 1}: {calls / seconds:N0} calls a second, {100.0 * refused / calls:0.0} % of them refused");
        }

        Table.Print(
            $"{Questions} questions from another address, all answered, median (range) of {rounds}",
            ["", "taken ms p50", "taken ms max", "reply seen ms p50"],
            Row("alone", alone),
            Row($"beside {CallsPerSecond:N0} calls a second", beside));

        static string[] Row(string what, List<Answers> rounds) =>
            [what, Format(rounds.Select(r => r.Taken.Median)), Format(rounds.Select(r => r.Taken.Max)), Format(rounds.Select(r => r.Seen.Median))];

        static string Format(IEnumerable<double> values) => new Samples(values).Format("0");
    }

    private static async Task<Answers> AskAsync(Uri app)
    {
        using var http = From("127.0.0.2", app);
        List<double> taken = [], seen = [];
        for (var i = 0; i < Questions; i++)
        {
            var conversation = Guid.NewGuid().ToString("N");
            var start = Stopwatch.GetTimestamp();
            using (var answer = await http.PostAsJsonAsync("api/bot/messages", new { conversation, text = BotData.Names[i] }))
            {
                answer.EnsureSuccessStatusCode();
            }

            taken.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            while ((await http.GetFromJsonAsync<JsonElement>($"api/bot/conversations/{conversation}")).GetProperty("messages").GetArrayLength() < 2)
            {
                await Task.Delay(Look, Ending.Token);
            }

            seen.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await Task.Delay(Look, Ending.Token);
        }

        return new(new(taken), new(seen));
    }

    // Calls that are due are made at once after a delay: the rate is that of the whole time.
    private static async Task<(int Calls, int Refused, double Seconds)> FloodAsync(Uri app, CancellationToken cancellationToken)
    {
        using var http = From("127.0.0.1", app);
        ConcurrentBag<HttpStatusCode> answers = [];
        var (start, made) = (Stopwatch.GetTimestamp(), 0);
        await Task.WhenAll(Enumerable.Range(0, 32).Select(async _ =>
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                var due = TimeSpan.FromSeconds((double)Interlocked.Increment(ref made) / CallsPerSecond) - Stopwatch.GetElapsedTime(start);
                if (due > TimeSpan.Zero)
                {
                    await Task.Delay(due, CancellationToken.None);
                }

                using var answer = await http.GetAsync("api/bot/conversations/flood", HttpCompletionOption.ResponseHeadersRead, CancellationToken.None);
                answers.Add(answer.StatusCode);
            }
        }));
        return (answers.Count, answers.Count(status => status == HttpStatusCode.TooManyRequests), Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static HttpClient From(string address, Uri app) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
            await socket.ConnectAsync(IPAddress.Loopback, app.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    { BaseAddress = app };

    private sealed record Answers(Samples Taken, Samples Seen);
}
