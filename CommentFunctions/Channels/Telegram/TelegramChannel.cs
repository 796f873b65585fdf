using System.Text.Json.Serialization;
using CommentFunctions.Bot;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.Telegram;

/// <summary>Talking to the bot in Telegram.</summary>
public sealed class TelegramChannel(
    [FromKeyedServices(TelegramOptions.ChannelName)] ChannelApi api, IOptions<TelegramOptions> options, TimeProvider clock) : IBotChannel
{
    // Telegram counts UTF-16 units.
    private const int MaxText = 4096;

    // Later than this after a message that only the bot sees, Telegram takes no reply to it.
    private static readonly TimeSpan EphemeralWindow = TimeSpan.FromSeconds(15);

    public string Name => TelegramOptions.ChannelName;

    /// <summary>Sends the reply to its chat, as plain text that quotes the message. Telegram does not know repeats.</summary>
    public Task SendAsync(BotReply reply, CancellationToken cancellationToken)
    {
        var to = TelegramAddress.Parse(reply.Message.Conversation)
            ?? throw new PermanentChannelException(PermanentChannelException.Refused, "The reply's conversation is not the id of a chat.");
        if (to.Receiver is not null && clock.GetUtcNow() - (reply.Message.SentAt ?? reply.Message.ReceivedAt) > EphemeralWindow)
        {
            throw new PermanentChannelException(
                PermanentChannelException.TooLate, "The message was for the bot's eyes only and is more than 15 seconds old; Telegram takes no reply to it after that.");
        }

        var message = TelegramAddress.NumberOf(reply.Message.QuoteId);
        return api.SendAsync(
            TelegramToken.Method("sendMessage"),
            BodyOf(reply, to, Quote(to, message)),
            new SendSlot(TelegramAddress.TextOf(to.Chat), options.Value.SpacingIn(to.Chat)),
            cancellationToken,
            refusal => refusal switch
            {
                // The message has another id there.
                TelegramChatMovedException moved => BodyOf(reply, to with { Chat = moved.Chat }, null),
                // What quotes a message goes into its topic; without it, to everybody in the group.
                TelegramTopicNotFoundException when to.Topic is not null && message is not null =>
                    BodyOf(reply, to with { Topic = null }, new(message, null, AllowSendingWithoutReply: false)),
                _ => null,
            });
    }

    private static object BodyOf(BotReply reply, TelegramAddress to, ReplyParameters? quote)
    {
        var text = OutgoingText.Cut(reply.Text, MaxText);
        return new
        {
            chat_id = to.Chat,
            message_thread_id = to.Topic,
            direct_messages_topic_id = to.DirectTopic,
            ephemeral_message_parameters = to.Receiver is { } receiver ? new { receiver_user_id = receiver } : null,
            text,
            entities = EntitiesOf(reply.Quotations, text.Length),
            link_preview_options = new { is_disabled = true },
            reply_parameters = quote,
        };
    }

    // A message that was deleted meanwhile is answered all the same, save where a reply has to show that it is one.
    private static ReplyParameters? Quote(TelegramAddress to, long? message) =>
        message is null ? null : to.Receiver is null ? new(message, null, AllowSendingWithoutReply: true) : new(null, message, null);

    // In code Telegram looks for nothing: no name in it is notified, no command can be tapped, no address followed.
    private static List<object>? EntitiesOf(IReadOnlyList<Quotation>? quotations, int length)
    {
        List<object> entities =
        [
            .. (quotations ?? [])
                .Select(q => (q.Start, End: Math.Min(q.Start + q.Length, length)))
                .Where(q => q.End > q.Start)
                .Select(q => new { type = "code", offset = q.Start, length = q.End - q.Start }),
        ];
        return entities.Count > 0 ? entities : null;
    }

    private sealed record ReplyParameters(
        [property: JsonPropertyName("message_id")] long? MessageId,
        [property: JsonPropertyName("ephemeral_message_id")] long? EphemeralMessageId,
        [property: JsonPropertyName("allow_sending_without_reply")] bool? AllowSendingWithoutReply);
}
