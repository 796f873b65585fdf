using System.Globalization;

namespace CommentFunctions.Channels.Telegram;

/// <summary>Where a reply goes: a chat, or a part of one. As text it is a message's conversation: <c>-1001234567890</c>, <c>-1001234567890;topic=17</c>.</summary>
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
