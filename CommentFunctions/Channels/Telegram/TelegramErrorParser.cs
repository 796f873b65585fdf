using System.Text.Json;
using CommentFunctions.Bot;

namespace CommentFunctions.Channels.Telegram;

/// <summary>Reads what Telegram says of a failure: https://core.telegram.org/bots/api#making-requests.</summary>
internal sealed class TelegramErrorParser : IErrorParser
{
    public ServiceFailure Read(JsonElement body)
    {
        var (said, parameters) = (body.Find("description").Text(), body.Find("parameters"));
        return new(
            said,
            parameters.Find("retry_after").Number() is > 0 and <= 7 * 86_400 and var seconds ? TimeSpan.FromSeconds(seconds) : null,
            As: KindOf(said, parameters.Find("migrate_to_chat_id").Number()));
    }

    private static Func<string, PermanentChannelException>? KindOf(string? said, long? movedTo) =>
        movedTo is { } chat ? what => new TelegramChatMovedException(chat, what)
        : said?.Contains("message thread not found", StringComparison.OrdinalIgnoreCase) == true ? what => new TelegramTopicNotFoundException(what)
        : null;
}

/// <summary>The group has become a supergroup, and has another id.</summary>
internal sealed class TelegramChatMovedException(long chat, string description) : PermanentChannelException(Refused, description)
{
    /// <summary>The id of the supergroup.</summary>
    public long Chat => chat;
}

/// <summary>Telegram does not find the topic: it is gone, or its first message is.</summary>
internal sealed class TelegramTopicNotFoundException(string description) : PermanentChannelException(Refused, description);
