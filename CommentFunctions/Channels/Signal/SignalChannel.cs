using System.Text;
using System.Text.Json;
using CommentFunctions.Bot;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.Signal;

/// <summary>Talking to the bot in Signal, through signal-cli-rest-api.</summary>
public sealed class SignalChannel(
    [FromKeyedServices(SignalOptions.ChannelName)] ChannelApi api, IOptions<SignalOptions> options) : IBotChannel
{
    // Signal's own limit is higher; from some length on signal-cli makes an attachment of a text, which the apps show as text.
    private const int MaxText = 4096;

    /// <inheritdoc/>
    public string Name => SignalOptions.ChannelName;

    /// <summary>A group as a recipient: the id in messages, which is Base64 already, is encoded once more.</summary>
    public static string RecipientOf(string groupId) => "group." + Convert.ToBase64String(Encoding.UTF8.GetBytes(groupId));

    /// <summary>Sends the reply to the person or the group. Signal does not know repeats.</summary>
    public Task SendAsync(BotReply reply, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return api.SendAsync(
            "v2/send",
            new
            {
                message = ReplyText.Cut(reply.Text, MaxText),
                number = options.Value.Number,
                recipients = new[] { reply.Message.Conversation },
                text_mode = "normal",
            },
            new Turn(reply.Message.Conversation),
            cancellationToken);
    }
}

/// <summary>Reads what signal-cli-rest-api says of a failure.</summary>
internal sealed class SignalAnswers : IAnswerReader
{
    public ServiceFailure Read(JsonElement body) => new(body.Find("error").Text());
}
