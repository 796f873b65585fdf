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
        var missed = MissedIn(answer);
        if (missed.Count > 0)
        {
            // Not to be sent again: the others have it.
            Log.NotToAll(logger, reply.Id, missed.Count, OutgoingText.Cut(string.Join(", ", missed.Distinct()), MaxReasons));
        }
    }

    // An array with one item for each group and for all people together; before July 2026 one object, which said nothing of errors.
    private static List<string> MissedIn(JsonElement answer) =>
    [
        .. answer.Items()
            .SelectMany(sent => sent.Find("errors").Find("recipients").Items())
            .Select(recipient => recipient.Find("reason").Text() ?? "?"),
    ];

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Signal took reply {Id} to a group, but {Count} of its members do not get it: {Reasons}.")]
        public static partial void NotToAll(ILogger logger, string id, int count, string reasons);
    }
}

/// <summary>
/// Reads what signal-cli-rest-api says of a failure. It answers 400 to nearly all of them, also to those that pass, so the text decides:
/// what is not known to be final passes, or may pass.
/// </summary>
internal sealed class SignalErrorParser : IErrorParser
{
    /// <summary>How long nothing is sent from an account of which Signal wants a captcha, which only a person can solve.</summary>
    public static readonly TimeSpan CaptchaPause = TimeSpan.FromHours(2);

    /// <summary>
    /// How long nothing is sent to a conversation that had too many messages. Signal names a wait; signal-cli-rest-api does not pass it on.
    /// </summary>
    public static readonly TimeSpan LimitPause = TimeSpan.FromMinutes(15);

    private const int MostTokens = 3;

    // What the call itself has wrong, and what only the person, or the admin of the group, could change.
    private static readonly string[] Final =
    [
        "Couldn't process request - ",
        "Invalid identifier ",
        "Invalid group id",
        "Invalid Signal group size ",
        "Invalid recipient type",
        "Invalid phone number ",
        "Sending empty message is not allowed",
        "User is not a member in group: ",
        "User is not allowed to send message to group: ",
        "Unable to complete request due to untrusted recipient keys",
        "Failed to send message due to untrusted identities",
    ];

    // A group may be unknown until the account has its groups from another device.
    private static readonly string[] MaybeFinal = ["The user ", "Unregistered user", "Group not found: "];

    // A network that fails and a person who has no Signal any more.
    private const string Failed = "Failed to send message";

    public ServiceFailure Read(JsonElement body)
    {
        var text = SignalOutput.WordsIn(body.Find("error").Text() ?? "");
        if (TokensOf(body) is { Count: > 0 } tokens)
        {
            return new(
                $"a captcha is wanted, challenge_tokens {string.Join(", ", tokens)}: "
                + "solve https://signalcaptchas.org/challenge/generate.html and post both to /v1/accounts/{number}/rate-limit-challenge",
                CaptchaPause,
                IsBusy: true,
                IsForAll: true);
        }

        if (text.Contains("rate limit", StringComparison.OrdinalIgnoreCase) || text.Contains("RateLimitException", StringComparison.Ordinal))
        {
            return new(text, LimitPause, IsBusy: true);
        }

        return new(text, IsBusy: !BeginsWithOne(text, Final), MayBeFinal: text.TrimEnd('.') == Failed || BeginsWithOne(text, MaybeFinal));
    }

    // One for each recipient; empty for one that has to wait only.
    private static List<string> TokensOf(JsonElement body) =>
    [
        .. body.Find("challenge_tokens").Items().Select(token => token.Text()).OfType<string>().Where(token => token.Length > 0).Take(MostTokens),
    ];

    private static bool BeginsWithOne(string text, string[] beginnings) =>
        beginnings.Any(beginning => text.StartsWith(beginning, StringComparison.OrdinalIgnoreCase));
}
