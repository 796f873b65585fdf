using System.Text;
using System.Text.Json;
using CommentFunctions.Bot;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.Signal;

/// <summary>Talking to the bot in Signal, through signal-cli-rest-api.</summary>
public sealed partial class SignalChannel(
    [FromKeyedServices(SignalOptions.ChannelName)] ChannelApi api, IOptions<SignalOptions> options, ILogger<SignalChannel> logger) : IBotChannel
{
    // Signal's own limit is higher; from some length on signal-cli makes an attachment of a text, which the apps show as text.
    private const int MaxText = 4096;

    private const int MaxReasons = 200;

    public string Name => SignalOptions.ChannelName;

    /// <summary>A group as a recipient: the id in messages, which is Base64 already, is encoded once more.</summary>
    public static string RecipientOf(string groupId) => "group." + Convert.ToBase64String(Encoding.UTF8.GetBytes(groupId));

    /// <summary>Sends the reply to the person or the group. Signal does not know repeats.</summary>
    public async Task SendAsync(BotReply reply, CancellationToken cancellationToken)
    {
        var answer = await api.SendAsync(
            "v2/send",
            new
            {
                message = OutgoingText.Cut(reply.Text, MaxText),
                number = options.Value.Number,
                recipients = new[] { reply.Message.Conversation },
                text_mode = "normal",
                // Else the account receives its own message to a group that it is in, as one to answer.
                notify_self = false,
            },
            new SendSlot(reply.Message.Conversation),
            cancellationToken);
        List<string> missed = MissedIn(answer);
        if (missed.Count > 0)
        {
            // Not to be sent again: the others have it.
            Log.NotToAll(logger, reply.Id, missed.Count, OutgoingText.Cut(string.Join(", ", missed.Distinct()), MaxReasons));
        }
    }

    // An array with one item for each group and for all people together; before July 2026 one object, which said nothing of errors.
    private static List<string> MissedIn(JsonElement answer)
    {
        List<string> reasons = [];
        if (answer.ValueKind == JsonValueKind.Array)
        {
            foreach (var recipients in answer.EnumerateArray().Select(sent => sent.Find("errors").Find("recipients")).Where(r => r.ValueKind == JsonValueKind.Array))
            {
                reasons.AddRange(recipients.EnumerateArray().Select(recipient => recipient.Find("reason").Text() ?? "?"));
            }
        }

        return reasons;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Signal took reply {Id} to a group, but {Count} of its members do not get it: {Reasons}.")]
        public static partial void NotToAll(ILogger logger, string id, int count, string reasons);
    }
}
