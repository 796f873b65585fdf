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
        var trimmed = text.Trim();
        if (CommandName.In(trimmed) is not { } command)
        {
            return trimmed.Equals("help", StringComparison.OrdinalIgnoreCase)
                ? new(BotCommandKind.LastOrHelp, trimmed)
                : new(BotCommandKind.Last, trimmed);
        }

        if (command.Is(CommandName.Start))
        {
            return new(BotCommandKind.Start, "");
        }

        var rest = trimmed[command.Length..].Trim();
        return command.Is(CommandName.Last) && rest.Length > 0 ? new(BotCommandKind.Last, rest) : Help;
    }
}

/// <summary>
/// The first word of a text that is a command, as chats write it: <c>/last</c>, or <c>/last@bot</c> where it is for one bot of several.
/// </summary>
/// <param name="Name">The command, without the slash.</param>
/// <param name="Bot">The name of the bot that it is for; null where it names none.</param>
/// <param name="Length">How many UTF-16 units the word has.</param>
public readonly record struct CommandName(string Name, string? Bot, int Length)
{
    internal const string Start = "start";
    internal const string Last = "last";
    private const string Help = "help";

    /// <summary>Whether it is one of this bot's commands.</summary>
    public bool IsKnown => Is(Start) || Is(Last) || Is(Help);

    /// <summary>The command at a text's beginning; null for a text that is none.</summary>
    public static CommandName? In(string text)
    {
        if (!text.StartsWith('/'))
        {
            return null;
        }

        var end = text.AsSpan().IndexOfAny(" \t\r\n\u00A0");
        var word = end < 0 ? text : text[..end];
        return word[1..].Split('@', 2) is [var name, var bot] ? new(name, bot, word.Length) : new(word[1..], null, word.Length);
    }

    internal bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
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
