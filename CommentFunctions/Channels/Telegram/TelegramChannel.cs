using System.Globalization;
using CommentFunctions.Bot;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.Telegram;

/// <summary>Talking to the bot in Telegram.</summary>
public sealed class TelegramChannel(
    [FromKeyedServices(TelegramOptions.ChannelName)] ChannelApi api, IOptions<TelegramOptions> options) : IBotChannel
{
    // Telegram counts UTF-16 units.
    private const int MaxText = 4096;

    /// <inheritdoc/>
    public string Name => TelegramOptions.ChannelName;

    /// <summary>Sends the reply to its chat, as plain text that quotes the message. Telegram does not know repeats.</summary>
    public Task SendAsync(BotReply reply, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reply);
        var chat = NumberOf(reply.Message.Conversation)
            ?? throw new ChannelRefusedException(ChannelRefusedException.Refused, "The reply's conversation is not the id of a chat.");
        // A message that was deleted meanwhile is answered all the same.
        var quote = NumberOf(reply.Message.QuoteId) is { } id ? new { message_id = id, allow_sending_without_reply = true } : null;
        return api.SendAsync(
            TelegramToken.Method("sendMessage"),
            new { chat_id = chat, text = ReplyText.Cut(reply.Text, MaxText), reply_parameters = quote },
            new Turn(reply.Message.Conversation, options.Value.SpacingIn(chat)),
            cancellationToken);
    }

    private static long? NumberOf(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
