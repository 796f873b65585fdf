using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CommentFunctions.Bot;

namespace CommentFunctions.Channels.WhatsApp;

/// <summary>
/// What goes to Meta with each reply and comes back with each word on its delivery: what it replies to, and what is needed to reply again.
/// </summary>
/// <param name="InReplyTo">The id of the message that it replies to.</param>
/// <param name="Conversation">Where that message came from; null, as all that follows, where the whole is too long.</param>
/// <param name="Sender">Who sent it.</param>
/// <param name="Text">What was sent.</param>
/// <param name="SentAt">When, in seconds of Unix time.</param>
internal sealed record WhatsAppTag(
    [property: JsonPropertyName("id")] string? InReplyTo,
    [property: JsonPropertyName("to")] string? Conversation = null,
    [property: JsonPropertyName("from")] string? Sender = null,
    [property: JsonPropertyName("text")] string? Text = null,
    [property: JsonPropertyName("at")] long? SentAt = null)
{
    // In UTF-16 units, which are the most that Meta could count.
    private const int MaxLength = 512;

    private static readonly JsonSerializerOptions Json = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The tag of a reply, as text.</summary>
    public static string Of(BotReply reply)
    {
        var asked = reply.Message;
        var whole = new WhatsAppTag(reply.InReplyTo, asked.Conversation, asked.Sender, asked.Text, (asked.SentAt ?? asked.ReceivedAt).ToUnixTimeSeconds());
        return JsonSerializer.Serialize(whole, Json) is { Length: <= MaxLength } text
            ? text
            : JsonSerializer.Serialize(new WhatsAppTag(reply.InReplyTo), Json);
    }

    /// <summary>The tag; null for none, and for that of somebody else who sends by the number.</summary>
    public static WhatsAppTag? Read(string? text)
    {
        try
        {
            var tag = text is null ? null : JsonSerializer.Deserialize<WhatsAppTag>(text, Json);
            return tag?.InReplyTo?.StartsWith(WhatsAppOptions.ChannelName + ":", StringComparison.Ordinal) == true ? tag : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
