using System.Text.Json;

namespace CommentFunctions.Channels.Telegram;

/// <summary>Reads what Telegram says of a failure.</summary>
internal sealed class TelegramAnswers : IAnswerReader
{
    public ServiceFailure Read(JsonElement body) => new(
        body.Find("description").Text(),
        body.Find("parameters").Find("retry_after").Number() is > 0 and <= 7 * 86_400 and var seconds ? TimeSpan.FromSeconds(seconds) : null);
}
