namespace CommentFunctions.Bot;

/// <summary>What a message asks of the bot, whatever channel it came by.</summary>
/// <param name="Kind">What is asked for.</param>
/// <param name="UserName">The user whose latest comment is asked for, as it was written; empty where none is.</param>
public readonly record struct BotCommand(BotCommandKind Kind, string UserName)
{
    private static readonly BotCommand Help = new(BotCommandKind.Help, "");

    /// <summary>
    /// Reads <c>/start</c>, <c>/help</c> and <c>/last user</c>, each also as chats write it, with the bot's name: <c>/last@bot user</c>.
    /// Another command, or one without its user, asks for help; a text that is no command names a user.
    /// </summary>
    public static BotCommand Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.Trim();
        if (!trimmed.StartsWith('/'))
        {
            return trimmed.Equals("help", StringComparison.OrdinalIgnoreCase)
                ? new(BotCommandKind.LastOrHelp, trimmed)
                : new(BotCommandKind.Last, trimmed);
        }

        var end = trimmed.AsSpan().IndexOfAny(" \t\r\n\u00A0");
        var (word, rest) = end < 0 ? (trimmed, "") : (trimmed[..end], trimmed[end..].Trim());
        var name = word[1..].Split('@', 2)[0];
        if (name.Equals("start", StringComparison.OrdinalIgnoreCase))
        {
            return new(BotCommandKind.Start, "");
        }

        return name.Equals("last", StringComparison.OrdinalIgnoreCase) && rest.Length > 0 ? new(BotCommandKind.Last, rest) : Help;
    }
}

/// <summary>The kinds of questions to the bot.</summary>
public enum BotCommandKind
{
    /// <summary>A user's latest comment.</summary>
    Last,

    /// <summary>The latest comment of a user called "help" where there is one, and help where there is none.</summary>
    LastOrHelp,

    /// <summary>A greeting that says what the bot does.</summary>
    Start,

    /// <summary>How to ask.</summary>
    Help,
}
