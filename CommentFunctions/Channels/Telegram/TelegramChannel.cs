using System.Text.Json;
using System.Text.Json.Serialization;
using CommentFunctions.Bot;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.Telegram;

/// <summary>Talking to the bot in Telegram.</summary>
public sealed class TelegramChannel(
    [FromKeyedServices(TelegramOptions.ChannelName)] ChannelApi api, IOptions<TelegramOptions> options, TimeProvider clock) : IBotChannel
{
    // Telegram counts UTF-16 units.
    private const int MaxText = 4096;

    // Later than this after a message that only the bot sees, Telegram takes no reply to it.
    private static readonly TimeSpan EphemeralWindow = TimeSpan.FromSeconds(15);

    public string Name => TelegramOptions.ChannelName;

    /// <summary>Sends the reply to its chat, as plain text that quotes the message. Telegram does not know repeats.</summary>
    public Task SendAsync(BotReply reply, CancellationToken cancellationToken)
    {
        var to = TelegramAddress.Parse(reply.Message.Conversation)
            ?? throw new PermanentChannelException(PermanentChannelException.Refused, "The reply's conversation is not the id of a chat.");
        if (to.Receiver is not null && clock.GetUtcNow() - (reply.Message.SentAt ?? reply.Message.ReceivedAt) > EphemeralWindow)
        {
            throw new PermanentChannelException(
                PermanentChannelException.TooLate,
                "The message was for the bot's eyes only and is more than 15 seconds old; Telegram takes no reply to it after that.");
        }

        var message = TelegramAddress.NumberOf(reply.Message.QuoteId);
        return api.SendAsync(
            TelegramTokenHandler.Method("sendMessage"),
            BodyOf(reply, to, Quote(to, message)),
            new SendSlot(TelegramAddress.TextOf(to.Chat), options.Value.SpacingIn(to.Chat)),
            cancellationToken,
            failure => failure switch
            {
                // The message has another id there.
                TelegramChatMovedException moved => BodyOf(reply, to with { Chat = moved.Chat }, null),
                // A reply that quotes a message goes into its topic; another would go to everybody in the group.
                TelegramTopicNotFoundException when to.Topic is not null && message is not null =>
                    BodyOf(reply, to with { Topic = null }, new(message, null, AllowSendingWithoutReply: false)),
                _ => null,
            });
    }

    private static object BodyOf(BotReply reply, TelegramAddress to, ReplyParameters? quote)
    {
        var text = OutgoingText.Cut(reply.Text, MaxText);
        return new
        {
            chat_id = to.Chat,
            message_thread_id = to.Topic,
            direct_messages_topic_id = to.DirectTopic,
            ephemeral_message_parameters = to.Receiver is { } receiver ? new { receiver_user_id = receiver } : null,
            text,
            entities = EntitiesOf(reply.Quotations, text.Length),
            link_preview_options = new { is_disabled = true },
            reply_parameters = quote,
        };
    }

    // A message that was deleted meanwhile is answered too, unless the reply has to quote it.
    private static ReplyParameters? Quote(TelegramAddress to, long? message) =>
        message is null ? null : to.Receiver is null ? new(message, null, AllowSendingWithoutReply: true) : new(null, message, null);

    // As code, so that Telegram finds no names to notify, no commands to tap and no addresses to follow in what people wrote.
    private static List<object>? EntitiesOf(IReadOnlyList<Quotation>? quotations, int length)
    {
        List<object> entities =
        [
            .. (quotations ?? [])
                .Select(q => (q.Start, End: Math.Min(q.Start + q.Length, length)))
                .Where(q => q.End > q.Start)
                .Select(q => new { type = "code", offset = q.Start, length = q.End - q.Start }),
        ];
        return entities.Count > 0 ? entities : null;
    }

    private sealed record ReplyParameters(
        [property: JsonPropertyName("message_id")] long? MessageId,
        [property: JsonPropertyName("ephemeral_message_id")] long? EphemeralMessageId,
        [property: JsonPropertyName("allow_sending_without_reply")] bool? AllowSendingWithoutReply);
}

/// <summary>
/// Puts the bot's token into the URL of a call just before it leaves, and takes it out again afterwards: logs, traces and metrics of calls
/// have <c>/bot/sendMessage</c>.
/// </summary>
internal sealed class TelegramTokenHandler(TelegramOptions options) : DelegatingHandler
{
    private const string Prefix = "bot/";

    /// <summary>The path of a method, without the token.</summary>
    public static string Method(string name) => Prefix + name;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var shown = request.RequestUri!;
        // Not as a relative URI: what begins with bot123: would be one of the scheme bot123.
        request.RequestUri = new Uri($"{options.Api}bot{options.BotToken}/{shown.AbsoluteUri[(options.Api.AbsoluteUri.Length + Prefix.Length)..]}");
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            request.RequestUri = shown;
        }
    }
}

/// <summary>Reads what Telegram says of a failure: https://core.telegram.org/bots/api#making-requests.</summary>
internal sealed class TelegramErrorParser : IErrorParser
{
    public ServiceFailure Read(JsonElement body)
    {
        var (said, parameters) = (body.Find("description").Text(), body.Find("parameters"));
        return new(
            said,
            parameters.Find("retry_after").Number() is > 0 and <= 7 * 86_400 and var seconds ? TimeSpan.FromSeconds(seconds) : null,
            As: KindOf(said, parameters.Find("migrate_to_chat_id").Number(), body.Find("error_code").Number()));
    }

    private static Func<string, PermanentChannelException>? KindOf(string? said, long? movedTo, long? code) =>
        code == 409 ? what => new TelegramConflictException(what)
        : movedTo is { } chat ? what => new TelegramChatMovedException(chat, what)
        : said?.Contains("message thread not found", StringComparison.OrdinalIgnoreCase) == true ? what => new TelegramTopicNotFoundException(what)
        : null;
}

/// <summary>The group has become a supergroup, and has another id.</summary>
internal sealed class TelegramChatMovedException(long chat, string description) : PermanentChannelException(Refused, description)
{
    /// <summary>The id of the supergroup.</summary>
    public long Chat => chat;
}

/// <summary>Telegram does not find the topic: it is gone, or its first message is.</summary>
internal sealed class TelegramTopicNotFoundException(string description) : PermanentChannelException(Refused, description);

/// <summary>Telegram lets only one receive a bot's messages, and somebody else does: another process that polls, or a webhook.</summary>
internal sealed class TelegramConflictException(string description) : PermanentChannelException(Refused, description);
