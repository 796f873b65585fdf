using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CommentFunctions.Bot;

namespace CommentFunctions.Channels.WhatsApp;

/// <summary>A call of Meta's as a whole.</summary>
internal sealed record WhatsAppCall(
    [property: JsonPropertyName("object")] JsonElement Object, [property: JsonPropertyName("entry")] JsonElement Entry);

/// <summary>
/// What a call holds for the bot. Every list may hold several items, and may be missing; each item is read by itself, for one that
/// cannot be read must not keep the others from being taken: Meta repeats a call that is refused for days, with all its messages.
/// </summary>
internal sealed class WhatsAppEvents
{
    private const int MaxWords = 200;

    private readonly List<string> unreadable = [];
    private readonly List<IncomingText> texts = [];
    private readonly List<IncomingFailure> failures = [];
    private readonly List<string> reports = [];

    private WhatsAppEvents()
    {
    }

    /// <summary>The texts that people sent to the number.</summary>
    public IReadOnlyList<IncomingText> Texts => texts;

    /// <summary>The bot's replies that did not arrive.</summary>
    public IReadOnlyList<IncomingFailure> Failures => failures;

    /// <summary>What else went wrong, in Meta's words.</summary>
    public IReadOnlyList<string> Reports => reports;

    /// <summary>What could not be read: each kind once, with how often it occurs.</summary>
    public IEnumerable<string> Unreadable => unreadable.CountBy(kind => kind).Select(kind => $"{kind.Key} ({kind.Value})");

    /// <summary>Reads a call; null where it is none of Meta's.</summary>
    /// <param name="call">The call.</param>
    /// <param name="phoneNumberId">The bot's number: other numbers of the account have replies of their own, or none.</param>
    public static WhatsAppEvents? Read(WhatsAppCall call, string? phoneNumberId)
    {
        if (call.Object.Text() is not { } about || call.Entry.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var events = new WhatsAppEvents();
        if (about == "whatsapp_business_account")
        {
            foreach (var value in events.ValuesOf(call.Entry).Where(v => v.Find("metadata").Find("phone_number_id").Text() == phoneNumberId))
            {
                events.Take(value);
            }
        }

        return events;
    }

    private IEnumerable<JsonElement> ValuesOf(JsonElement entries) =>
        from entry in Each(entries, "entry")
        from change in Each(entry.Find("changes"), "change")
        where change.Find("field").Text() == "messages"
        from value in One(change.Find("value"), "value of a change")
        select value;

    private void Take(JsonElement value)
    {
        foreach (var message in Each(value.Find("messages"), "message"))
        {
            TakeMessage(message);
        }

        foreach (var status in Each(value.Find("statuses"), "status"))
        {
            TakeStatus(status);
        }

        reports.AddRange(Each(value.Find("errors"), "error").Select(WordsOf));
    }

    private void TakeMessage(JsonElement message)
    {
        // Other types, such as images and reactions, are not for the bot.
        if (message.Find("type").Text() is not { } type)
        {
            unreadable.Add("message without type");
        }
        else if (type == "text")
        {
            TakeText(message);
        }
    }

    private void TakeText(JsonElement message)
    {
        var (id, text) = (Filled(message.Find("id")), message.Find("text").Find("body").Text());
        // A person with a username may show the bot no number, but an id that holds for this business alone.
        var sender = Filled(message.Find("from")) ?? Filled(message.Find("from_user_id"));
        var sentAt = UnixTimes.FromSeconds(SecondsOf(message.Find("timestamp")));
        var missing = id is null ? "id" : sender is null ? "sender" : sentAt is null ? "time" : text is null ? "text" : null;
        if (missing is not null)
        {
            unreadable.Add($"text message without {missing}");
            return;
        }

        var conversation = Filled(message.Find("group_id")) is { } group ? WhatsAppRecipient.OfGroup(group) : sender!;
        texts.Add(new(id!, conversation, sender!, text, sentAt));
    }

    private void TakeStatus(JsonElement status)
    {
        // Other statuses, such as sent and read, change nothing.
        if (status.Find("status").Text() != "failed")
        {
            return;
        }

        var error = Each(status.Find("errors"), "error of a status").FirstOrDefault();
        if (Filled(status.Find("id")) is not { } id)
        {
            unreadable.Add("failed status without id");
        }
        else if (WhatsAppTag.Read(status.Find("biz_opaque_callback_data").Text()) is not { InReplyTo: { } inReplyTo } tag)
        {
            reports.Add($"message {id}, which is no reply of this app, was not delivered: {WordsOf(error)}");
        }
        else
        {
            // Not to a group again: if one member did not get it, others did.
            var canBeSentAgain = !NamesParticipant(status) && WhatsAppErrorParser.CanBeCorrected(error);
            failures.Add(new(inReplyTo, $"whatsapp could not deliver it: {WordsOf(error)}.", canBeSentAgain ? AskedBy(tag, id) : null));
        }
    }

    private static bool NamesParticipant(JsonElement status) =>
        (Filled(status.Find("recipient_participant_id")) ?? Filled(status.Find("recipient_participant_user_id"))) is not null;

    private static IncomingText? AskedBy(WhatsAppTag tag, string failedId) => tag is { Conversation: { } conversation, Sender: { } sender, Text: { } text }
        ? new(failedId, conversation, sender, text, UnixTimes.FromSeconds(tag.SentAt))
        : null;

    private static string WordsOf(JsonElement error) =>
        OutgoingText.Cut((WhatsAppErrorParser.Describe(error) ?? "no reason is given").Trim().TrimEnd('.'), MaxWords);

    private IEnumerable<JsonElement> Each(JsonElement list, string kind)
    {
        if (list.ValueKind == JsonValueKind.Array)
        {
            return list.EnumerateArray().SelectMany(item => One(item, kind));
        }

        // A list, not the object that one of its items would be.
        return list.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? [] : Without(kind);
    }

    private JsonElement[] One(JsonElement item, string kind) => item.ValueKind switch
    {
        JsonValueKind.Object => [item],
        JsonValueKind.Undefined or JsonValueKind.Null => [],
        _ => Without(kind),
    };

    private JsonElement[] Without(string kind)
    {
        unreadable.Add(kind);
        return [];
    }

    private static string? Filled(JsonElement text) => text.Text() is { Length: > 0 } filled ? filled : null;

    // A text by Meta's documentation, and a number from some that pass calls on.
    private static long? SecondsOf(JsonElement time) =>
        long.TryParse(time.Text(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : time.Number();
}

/// <summary>
/// What goes to Meta with each reply and comes back with each report on its delivery: what it replies to, and what is needed to reply again.
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

    /// <summary>The tag; null for none, and for that of another app that sends by the number.</summary>
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
