using System.Text.Json;
using System.Text.Json.Serialization;

namespace CommentFunctions.Channels.WhatsApp;

/// <summary>
/// What Meta sends to the webhook, as far as the bot uses it. Every list may hold several items, and may be missing; each item is read by
/// itself, for one that cannot be read must not keep the others from being taken.
/// </summary>
internal sealed record WhatsAppEvents(
    [property: JsonPropertyName("object")] string? Object,
    [property: JsonPropertyName("entry")] IReadOnlyList<JsonElement>? Entry);

/// <summary>What happened in one business account, each item a <see cref="WhatsAppChange"/>.</summary>
internal sealed record WhatsAppEntry([property: JsonPropertyName("changes")] IReadOnlyList<JsonElement>? Changes);

/// <summary>One thing that happened; that of <c>messages</c>, which are messages or receipts, is a <see cref="WhatsAppValue"/>.</summary>
internal sealed record WhatsAppChange(
    [property: JsonPropertyName("field")] string? Field, [property: JsonPropertyName("value")] JsonElement Value);

/// <summary>Messages to one number, each a <see cref="WhatsAppMessage"/>; receipts, which are beside them, are not read.</summary>
internal sealed record WhatsAppValue(
    [property: JsonPropertyName("metadata")] WhatsAppMetadata? Metadata,
    [property: JsonPropertyName("messages")] IReadOnlyList<JsonElement>? Messages);

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
