using System.Text.Json.Serialization;

namespace CommentFunctions.Channels.Telegram;

/// <summary>What Telegram sends to the webhook, as far as the bot uses it.</summary>
internal sealed record TelegramUpdate(
    [property: JsonPropertyName("update_id")] long? UpdateId,
    [property: JsonPropertyName("message")] TelegramMessage? Message);

/// <summary>A message in a chat; without text where it is a picture, somebody who joins, and the like.</summary>
internal sealed record TelegramMessage(
    [property: JsonPropertyName("message_id")] long? MessageId,
    [property: JsonPropertyName("from")] TelegramParty? From,
    [property: JsonPropertyName("chat")] TelegramParty? Chat,
    [property: JsonPropertyName("date")] long? Date,
    [property: JsonPropertyName("text")] string? Text);

/// <summary>A user or a chat.</summary>
internal sealed record TelegramParty([property: JsonPropertyName("id")] long? Id);
