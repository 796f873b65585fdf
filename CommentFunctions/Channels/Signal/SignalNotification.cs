namespace CommentFunctions.Channels.Signal;

/// <summary>What signal-cli-rest-api posts for each thing that an account receives, as far as the bot uses it.</summary>
internal sealed record SignalNotification(string? Method, SignalParams? Params);

/// <summary>What was received, and by which of the accounts; an exception, with or without an envelope, where signal-cli could not read it.</summary>
internal sealed record SignalParams(string? Account, SignalEnvelope? Envelope, SignalException? Exception);

/// <summary>Why signal-cli could not read something.</summary>
internal sealed record SignalException(string? Type);

/// <summary>One thing: a message where it has data; else a receipt, a sign that a person types, another device of the account, and the like.</summary>
internal sealed record SignalEnvelope(string? SourceUuid, string? SourceNumber, long? Timestamp, SignalData? DataMessage);

/// <summary>A message's data; without a message where it is a reaction, an attachment, a change of a group, and the like.</summary>
internal sealed record SignalData(string? Message, SignalGroup? GroupInfo, IReadOnlyList<SignalMention?>? Mentions)
{
    // Stands in a text for the name of the person mentioned.
    private const char Placeholder = '\uFFFC';

    /// <summary>The message without the mentions that it begins with, such as the bot's own.</summary>
    public string? Text
    {
        get
        {
            var start = 0;
            while (Message is not null && start < Message.Length && LengthOfMention(start) is > 0 and var length)
            {
                start += length;
            }

            return start == 0 ? Message : Message![start..].TrimStart();
        }
    }

    // White space before one belongs to it. Other clients than the apps may write any text for the mention.
    private int LengthOfMention(int start)
    {
        var at = start;
        while (at < Message!.Length && char.IsWhiteSpace(Message[at]))
        {
            at++;
        }

        var length = at < Message.Length && Message[at] == Placeholder
            ? 1
            : Mentions?.FirstOrDefault(mention => mention?.Start == at && mention.Length > 0 && mention.Length <= Message.Length - at)?.Length;
        return at - start + length ?? 0;
    }
}

/// <summary>Where a mention is in its message, in UTF-16 units.</summary>
internal sealed record SignalMention(int? Start, int? Length);

/// <summary>The group that a message was written in.</summary>
internal sealed record SignalGroup(string? GroupId);
