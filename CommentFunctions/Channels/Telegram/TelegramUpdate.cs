using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CommentFunctions.Channels.Telegram;

/// <summary>What Telegram sends to the webhook, as far as the bot uses it: https://core.telegram.org/bots/api#update.</summary>
internal sealed record TelegramUpdate(
    [property: JsonPropertyName("update_id")] long? UpdateId,
    [property: JsonPropertyName("message")] TelegramMessage? Message);

/// <summary>A message in a chat; without text where it is a picture, a member who joins, and the like.</summary>
/// <param name="MessageId">Its id in its chat, of 32 bits; 0 for one that has an <paramref name="EphemeralMessageId"/>.</param>
/// <param name="From">Who sent it; a stand-in that is a bot where <paramref name="SenderChat"/> sent it.</param>
/// <param name="SenderChat">The chat on whose behalf it was sent, such as the group itself by an administrator who is anonymous.</param>
/// <param name="Chat">Where it was sent.</param>
/// <param name="Date">When, in Unix seconds.</param>
/// <param name="Text">Its text.</param>
/// <param name="ThreadId">Where in the chat: a topic where <paramref name="IsTopicMessage"/> says so, else a message's thread.</param>
/// <param name="IsTopicMessage">Whether it was sent to a topic.</param>
/// <param name="IsAutomaticForward">Whether it is a channel's post, put into the channel's group by Telegram.</param>
/// <param name="DirectMessagesTopic">Whom the channel talks with, in a channel's direct messages.</param>
/// <param name="EphemeralMessageId">Its id where only its sender and the bot see it.</param>
/// <param name="SuggestedPost">There where it is a post suggested to a channel.</param>
internal sealed record TelegramMessage(
    [property: JsonPropertyName("message_id")] long? MessageId,
    [property: JsonPropertyName("from")] TelegramUser? From,
    [property: JsonPropertyName("sender_chat")] TelegramChat? SenderChat,
    [property: JsonPropertyName("chat")] TelegramChat? Chat,
    [property: JsonPropertyName("date")] long? Date,
    [property: JsonPropertyName("text")] string? Text,
    [property: JsonPropertyName("message_thread_id")] long? ThreadId,
    [property: JsonPropertyName("is_topic_message")] bool? IsTopicMessage,
    [property: JsonPropertyName("is_automatic_forward")] bool? IsAutomaticForward,
    [property: JsonPropertyName("direct_messages_topic")] TelegramTopic? DirectMessagesTopic,
    [property: JsonPropertyName("ephemeral_message_id")] long? EphemeralMessageId,
    [property: JsonPropertyName("suggested_post_info")] JsonElement? SuggestedPost);

/// <summary>A user or a bot.</summary>
internal sealed record TelegramUser(
    [property: JsonPropertyName("id")] long? Id, [property: JsonPropertyName("is_bot")] bool? IsBot);

/// <summary>A chat. Its type is private, group, supergroup or channel; a channel's direct messages are a supergroup.</summary>
internal sealed record TelegramChat(
    [property: JsonPropertyName("id")] long? Id,
    [property: JsonPropertyName("type")] string? Type,
    [property: JsonPropertyName("is_direct_messages")] bool? IsDirectMessages)
{
    /// <summary>Whether many people talk there, of whom few talk to the bot.</summary>
    [JsonIgnore]
    public bool IsGroup => Type is "group" or "supergroup" && IsDirectMessages != true;
}

/// <summary>A topic of a channel's direct messages.</summary>
internal sealed record TelegramTopic([property: JsonPropertyName("topic_id")] long? Id);

/// <summary>
/// Where a reply goes: a chat, or a part of one. As text it is a message's conversation: <c>-1001234567890</c>,
/// <c>-1001234567890;topic=17</c>.
/// </summary>
/// <param name="Chat">The chat.</param>
/// <param name="Topic">The topic of a forum.</param>
/// <param name="DirectTopic">The topic of a channel's direct messages.</param>
/// <param name="Receiver">The one user who is to see it.</param>
internal readonly record struct TelegramAddress(long Chat, long? Topic = null, long? DirectTopic = null, long? Receiver = null)
{
    private const string TopicName = "topic";
    private const string DirectTopicName = "direct";
    private const string ReceiverName = "user";

    /// <summary>Where a reply to a message goes.</summary>
    public static TelegramAddress Of(long chat, TelegramMessage message) => new(
        chat,
        message.IsTopicMessage == true ? message.ThreadId : null,
        message.DirectMessagesTopic?.Id,
        message.EphemeralMessageId is null ? null : message.From?.Id);

    /// <summary>The address that a text stands for; null where it is none.</summary>
    public static TelegramAddress? Parse(string text)
    {
        var parts = text.Split(';');
        if (NumberOf(parts[0]) is not { } chat)
        {
            return null;
        }

        var address = new TelegramAddress(chat);
        foreach (var part in parts.Skip(1))
        {
            if (part.Split('=') is not [var name, var value] || NumberOf(value) is not { } number)
            {
                return null;
            }

            switch (name)
            {
                case TopicName:
                    address = address with { Topic = number };
                    break;
                case DirectTopicName:
                    address = address with { DirectTopic = number };
                    break;
                case ReceiverName:
                    address = address with { Receiver = number };
                    break;
                default:
                    return null;
            }
        }

        return address;
    }

    /// <summary>The whole number that a text stands for; null where it is none.</summary>
    public static long? NumberOf(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    public override string ToString() =>
        TextOf(Chat) + Part(TopicName, Topic) + Part(DirectTopicName, DirectTopic) + Part(ReceiverName, Receiver);

    /// <summary>A number as the app writes it.</summary>
    public static string TextOf(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Part(string name, long? number) => number is null ? "" : $";{name}={TextOf(number.Value)}";
}
