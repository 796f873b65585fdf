using Azure.Messaging.ServiceBus;
using CommentFunctions.Tests.Support;
using Functions.LocalRuntime.Queues;
using Functions.LocalRuntime.Settings;
using Functions.LocalRuntime.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.LocalRuntime.Support;

/// <summary>A queue store on a real file, without an app around it.</summary>
internal sealed class QueueFile : IAsyncDisposable
{
    public const string Queue = "orders";

    public static readonly DateTimeOffset Start = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    private readonly TempFolder folder = new();

    public QueueFile(LocalRuntimeOptions? options = null)
    {
        Options = options ?? new();
        File = new(Path);
        Store = NewStore(File);
    }

    /// <summary>What the queue warns of.</summary>
    public LogLines Log { get; } = new(typeof(DeadLetterLog).FullName!);

    public string Path => folder.File("runtime.db");

    public SteppedTimeProvider Clock { get; } = new(Start);

    public LocalRuntimeOptions Options { get; }

    public RuntimeFile File { get; private set; }

    public QueueStore Store { get; private set; }

    public ServiceBusSender Sender(string queue = Queue) => new LocalServiceBusClient(Store).CreateSender(queue);

    public Task SendAsync(params IEnumerable<string> bodies) =>
        Sender().SendMessagesAsync(bodies.Select(body => new ServiceBusMessage(body)));

    public Task<List<ServiceBusReceivedMessage>> ReceiveAsync(int count = 100) => Store.ReceiveAsync(Queue, count);

    /// <summary>Receives the one message that there must be.</summary>
    public async Task<ServiceBusReceivedMessage> ReceiveOneAsync() => Assert.Single(await ReceiveAsync());

    public async Task<IEnumerable<string>> BodiesAsync() => (await ReceiveAsync()).Select(message => message.Body.ToString());

    public ServiceBusReceiver DeadLetterReceiver(string queue = Queue) =>
        new LocalServiceBusClient(Store).CreateReceiver(queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });

    /// <summary>Sends messages and gives up on whatever the queue delivers then.</summary>
    public async Task DeadLetterAsync(params IEnumerable<string> bodies)
    {
        await SendAsync(bodies);
        await DeadLetterWaitingAsync();
    }

    /// <summary>Gives up on whatever the queue delivers.</summary>
    public async Task DeadLetterWaitingAsync()
    {
        foreach (var message in await ReceiveAsync(int.MaxValue))
        {
            await Store.DeadLetterAsync(message, MessageProperties.WriteDeadLetter(message.ApplicationProperties, "Refused", "For a test."));
        }
    }

    /// <summary>The dead-lettered messages, as (body, reason, description).</summary>
    public Task<List<(string Body, string? Reason, string? Description)>> DeadLettersAsync() => File.RunAsync(connection => connection.Query(
        "SELECT body, properties FROM messages WHERE state = 1 ORDER BY sequence",
        row =>
        {
            var properties = MessageProperties.Read(row.GetString(1));
            return (
                System.Text.Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(0)),
                properties.GetValueOrDefault("DeadLetterReason") as string,
                properties.GetValueOrDefault("DeadLetterErrorDescription") as string);
        }));

    /// <summary>Does something to the file as another process would.</summary>
    public void ExecuteBeside(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Opens the file anew, as the next process does.</summary>
    public async Task ReopenAsync()
    {
        await CloseAsync();
        File = new(Path);
        Store = NewStore(File);
    }

    /// <summary>The queues of another process, as far as a file of its own makes it one.</summary>
    public QueueStore NewStore(RuntimeFile file) =>
        new(file, Options, Clock, new(new Logger<DeadLetterLog>(new LoggerFactory([Log])), new((queue, number) => $"See {queue}/{number}.")));

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        folder.Dispose();
    }

    private ValueTask CloseAsync() => File.DisposeAsync();
}
