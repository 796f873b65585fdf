using System.Text.Json.Serialization;

namespace CommentFunctions.Channels.WhatsApp;

/// <summary>What Meta sends to the webhook, as far as the bot uses it. Every list may hold several items, and may be missing.</summary>
internal sealed record WhatsAppEvents(
    [property: JsonPropertyName("object")] string? Object,
    [property: JsonPropertyName("entry")] IReadOnlyList<WhatsAppEntry?>? Entry);

/// <summary>What happened in one business account.</summary>
internal sealed record WhatsAppEntry([property: JsonPropertyName("changes")] IReadOnlyList<WhatsAppChange?>? Changes);

/// <summary>One thing that happened; <c>messages</c> are messages or receipts.</summary>
internal sealed record WhatsAppChange(
    [property: JsonPropertyName("field")] string? Field, [property: JsonPropertyName("value")] WhatsAppValue? Value);

/// <summary>Messages to one number; receipts, which are beside them, are not read.</summary>
internal sealed record WhatsAppValue(
    [property: JsonPropertyName("metadata")] WhatsAppMetadata? Metadata,
    [property: JsonPropertyName("messages")] IReadOnlyList<WhatsAppMessage?>? Messages);

/// <summary>The number.</summary>
internal sealed record WhatsAppMetadata([property: JsonPropertyName("phone_number_id")] string? PhoneNumberId);

/// <summary>A message; with text where its type is <c>text</c>.</summary>
internal sealed record WhatsAppMessage(
    [property: JsonPropertyName("from")] string? From,
    [property: JsonPropertyName("id")] string? Id,
    [property: JsonPropertyName("timestamp")] string? Timestamp,
    [property: JsonPropertyName("type")] string? Type,
    [property: JsonPropertyName("text")] WhatsAppText? Text);

/// <summary>A message's text.</summary>
internal sealed record WhatsAppText([property: JsonPropertyName("body")] string? Body);
