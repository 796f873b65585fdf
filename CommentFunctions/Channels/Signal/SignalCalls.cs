using System.Text;
using System.Text.Json;

namespace CommentFunctions.Channels.Signal;

/// <summary>
/// Gets what an account receives where each call starts signal-cli, in the modes normal and native. Between calls messages wait at Signal,
/// for weeks; a call takes them from there, and what is lost with its answer is lost.
/// </summary>
internal sealed class SignalCalls(ChannelApi api, string number) : ISignalSource
{
    // As few as a lost answer may cost, and enough to make up for the start of signal-cli.
    private const int MostMessages = 10;

    // Signal-cli does nothing else for the account meanwhile, such as to send, and takes on what comes in even if the app is gone.
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan QuietPause = TimeSpan.FromSeconds(2);

    // After that signal-cli-rest-api itself ends signal-cli, which is slow to start on a small machine.
    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(2);

    // Nothing that the bot reads, and each takes a download.
    private const string Without = "ignore_attachments=true&ignore_stories=true&ignore_avatars=true&ignore_stickers=true";

    private readonly string path =
        $"v1/receive/{Uri.EscapeDataString(number)}?timeout={Wait.TotalSeconds}&max_messages={MostMessages}&{Without}";

    public async Task<TimeSpan> ReceiveAsync(Action<JsonElement> take, CancellationToken stopping, CancellationToken ending)
    {
        var count = 0;
        var answer = await api.PollAsync(HttpMethod.Get, path, null, LongestRun, ending, new(Take, stopping));
        if (answer.ValueKind != JsonValueKind.Array && count == 0)
        {
            throw api.NotWhatWasAskedFor();
        }

        return count > 0 ? TimeSpan.Zero : QuietPause;

        void Take(ReadOnlyMemory<byte> body)
        {
            foreach (var received in SignalOutput.ReceivedIn(body))
            {
                count++;
                take(received);
            }
        }
    }

    public Task EndAsync(Action<JsonElement> take, CancellationToken ending) => Task.CompletedTask;

    public void Dispose()
    {
    }
}

/// <summary>
/// Reads what signal-cli wrote, as signal-cli-rest-api passes it on: each thing that it received is JSON in a line of its own. All lines
/// together are an array, unless it wrote others too; or they are the text of an error, where it failed after it had received some.
/// </summary>
internal static class SignalOutput
{
    /// <summary>What was received; whatever stands around it.</summary>
    public static IEnumerable<JsonElement> ReceivedIn(ReadOnlyMemory<byte> answer) =>
        ObjectsIn(answer).SelectMany(item => item.Find("error").Text() is { } output ? ObjectsIn(Encoding.UTF8.GetBytes(output)) : [item])
            .Where(item => item.Find("envelope").ValueKind != JsonValueKind.Undefined || item.Find("exception").ValueKind != JsonValueKind.Undefined);

    /// <summary>The text of an error without what was received, which is nobody's to read, and without signal-cli's remarks.</summary>
    public static string WordsIn(string error) => string.Join(
        ' ',
        error.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith('{') && !line.StartsWith("INFO", StringComparison.Ordinal) && !line.StartsWith("WARN", StringComparison.Ordinal)));

    private static List<JsonElement> ObjectsIn(ReadOnlyMemory<byte> text)
    {
        List<JsonElement> found = [];
        var rest = text.Span;
        for (var start = rest.IndexOf((byte)'{'); start >= 0; start = rest.IndexOf((byte)'{'))
        {
            rest = rest[start..];
            var reader = new Utf8JsonReader(rest);
            try
            {
                found.Add(JsonElement.ParseValue(ref reader));
                rest = rest[(int)reader.BytesConsumed..];
            }
            catch (JsonException)
            {
                rest = rest[1..];
            }
        }

        return found;
    }
}
