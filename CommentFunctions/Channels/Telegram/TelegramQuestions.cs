using CommentFunctions.Bot;

namespace CommentFunctions.Channels.Telegram;

/// <summary>Tells what of the messages in Telegram's chats is for the bot.</summary>
internal static class TelegramQuestions
{
    /// <summary>What a message asks of the bot; null where it is not for it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="name">Says the bot's own name, where it matters.</param>
    public static async Task<string?> ReadAsync(TelegramMessage message, Func<Task<string>> name)
    {
        if (string.IsNullOrWhiteSpace(message.Text) || !IsOfAPerson(message))
        {
            return null;
        }

        var text = message.Text.Trim();
        if (MentionIn(text) is { } mention)
        {
            return Same(mention.Name, await name()) ? Without(text, mention.Length) : text;
        }

        if (message.Chat?.IsGroup != true || CommandName.In(text) is not { } command)
        {
            return text;
        }

        // In a group each command that names no bot is seen by all.
        var isForUs = command.Bot is null ? command.IsKnown : Same(command.Bot, await name());
        return isForUs ? text : null;
    }

    // Two bots that answer one another never end. An anonymous administrator comes as a bot too, but on behalf of a chat.
    private static bool IsOfAPerson(TelegramMessage message) =>
        message.IsAutomaticForward != true
        && message.SuggestedPost is null
        && (message.SenderChat is null ? message.From?.IsBot != true : message.Chat?.IsDirectMessages != true);

    // The name at the beginning, and how long it is with what sets it apart.
    private static (string Name, int Length)? MentionIn(string text)
    {
        if (!text.StartsWith('@'))
        {
            return null;
        }

        var end = 1 + text.Skip(1).TakeWhile(c => char.IsAsciiLetterOrDigit(c) || c == '_').Count();
        var next = end < text.Length ? text[end] : ' ';
        return end > 1 && (next is ',' or ':' || char.IsWhiteSpace(next)) ? (text[1..end], end + (next is ',' or ':' ? 1 : 0)) : null;
    }

    private static string Without(string text, int length) => text[length..].Trim() is { Length: > 0 } rest ? rest : "/help";

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
}
