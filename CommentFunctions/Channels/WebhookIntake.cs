using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Bot;
using CommentFunctions.Data;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Channels;

/// <summary>What every webhook does once it knows its caller: reads the body, sends to the queue, and then answers.</summary>
public sealed partial class WebhookIntake(
    QueueSender sender, ConversationRateLimit brake, BotReplyMetrics metrics, TimeProvider clock, ILogger<WebhookIntake> logger)
{
    /// <summary>The most bytes of a webhook's body: WhatsApp sends up to three million.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    // A longer text can neither name a user nor be quoted in full.
    private const int MaxText = 4096;

    // The queue takes ids of 128 characters, and a reply's has a few more than its message's.
    private const int MaxId = 96;

    // As deep as the bytes allow: what the app does not use must not make the rest unreadable.
    private static readonly JsonSerializerOptions Reading = new(JsonSerializerDefaults.Web) { MaxDepth = MaxBytes };

    /// <summary>
    /// The answer where nobody is let in: 404 where the channel is not configured, and 503 where its settings cannot work, so that the
    /// service calls again; null where callers are to be judged.
    /// </summary>
    internal static IResult? Closed(ChannelOptions options)
    {
        if (!options.IsConfigured)
        {
            return ApiResults.Problem(
                StatusCodes.Status404NotFound,
                $"The channel {options.Channel} is not configured. Its settings are {string.Join(", ", options.Required.Select(s => $"{options.Section}:{s.Name}"))}.");
        }

        return options.Problems.Count == 0 ? null : ApiResults.Problem(
            StatusCodes.Status503ServiceUnavailable,
            $"The channel {options.Channel} is off, for something is wrong with its settings; the log of the app's start says what.");
    }

    /// <summary>The answer to a caller that does not know the secret.</summary>
    internal static IResult Refused(string how) => ApiResults.Problem(StatusCodes.Status401Unauthorized, $"The call is not let in. {how}");

    /// <summary>The body's bytes.</summary>
    /// <exception cref="BadHttpRequestException">It is too large (413).</exception>
    internal static Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken) =>
        JsonBody.ReadBytesAsync(request, MaxBytes, cancellationToken);

    /// <summary>The body as a <typeparamref name="T"/>. What the app does not use of it may be anything.</summary>
    /// <exception cref="BadHttpRequestException">It is not JSON of this shape (400).</exception>
    internal static T Parse<T>(ReadOnlyMemory<byte> body, string what)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body.Span, Reading) ?? throw Malformed(what);
        }
        catch (JsonException e)
        {
            throw Malformed(what, e);
        }
    }

    /// <summary>The refusal of a body that is not what the service sends.</summary>
    internal static BadHttpRequestException Malformed(string what, Exception? inner = null) => new($"The body is not {what} in JSON.", inner!);

    /// <summary>
    /// Sends the texts to the queue: 200 once it keeps all of them, 503 where it does not, so that the service calls again. Texts of a
    /// conversation beyond what the brake lets through are counted and left out: called again, they would be as many.
    /// </summary>
    internal Task<IResult> AcceptAsync(string channel, IEnumerable<IncomingText> texts, CancellationToken cancellationToken) =>
        AcceptAsync(channel, texts, [], cancellationToken);

    /// <summary>The same with what the service says of replies that it had taken.</summary>
    internal async Task<IResult> AcceptAsync(
        string channel, IEnumerable<IncomingText> texts, IEnumerable<IncomingFailure> failures, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNowInMilliseconds();
        var judged = texts
            .Where(t => !string.IsNullOrWhiteSpace(t.Text))
            .Select(t => (Id: IdFor(channel, t.NativeId), Message: new BotMessage(
                channel, t.Conversation, t.Sender, OutgoingText.Cut(t.Text!, MaxText), now, t.SentAt, t.QuoteId)))
            .DistinctBy(m => m.Id)
            .ToLookup(m => IsAdmitted(m.Id, m.Message));
        List<(string Id, BotMessage Message)> messages = [.. judged[true]];
        List<ServiceBusMessage> undelivered = [.. failures.Select(f => new DeliveryFailure(BotReply.IdFor(f.InReplyTo), f.Why).Write(InPlaceOf(channel, f, now)))];
        try
        {
            await sender.SendAsync(QueueNames.Messages, messages.Select(m => QueueJson.Write(m.Id, m.Message)), cancellationToken);
            foreach (var failure in undelivered)
            {
                await sender.SendAsync(QueueNames.Replies, failure, cancellationToken);
            }

            // Not before: a call that is made again brings them again.
            foreach (var _ in judged[false])
            {
                metrics.CountBraked(channel);
            }

            return Results.Ok();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.NotSent(logger, e, messages.Count + undelivered.Count, channel);
            return ApiResults.Problem(StatusCodes.Status503ServiceUnavailable, "The queue did not take the messages. Call again in a moment; repeats are known.");
        }
    }

    private bool IsAdmitted(string id, BotMessage message)
    {
        var verdict = brake.Judge(message.Channel, message.Conversation, id, message.SentAt ?? message.ReceivedAt);
        if (verdict == BrakeVerdict.FirstRefused)
        {
            Log.Braked(logger, message.Channel, id, brake.MostOf(message.Channel));
        }

        return verdict == BrakeVerdict.Admitted;
    }

    // One that is made when it is sent, for what it quotes is long gone. It has the id of what failed, not of what is recorded as delivered.
    private static BotReply InPlaceOf(string channel, IncomingFailure failure, DateTimeOffset now) => failure.Asked is { } asked
        ? new(
            new(channel, asked.Conversation, asked.Sender, asked.Text ?? "", asked.SentAt ?? now, asked.SentAt, asked.QuoteId),
            IdFor(channel, asked.NativeId), "", "", DateTimeOffset.UnixEpoch)
        : new(new(channel, "", "", "", now), failure.InReplyTo, "", "");

    private static string IdFor(string channel, string nativeId) => nativeId.Length <= MaxId
        ? $"{channel}:{nativeId}"
        : $"{channel}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(nativeId)))}";

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Count} messages of {Channel} could not be sent to the queue; the service was told to call again.")]
        public static partial void NotSent(ILogger logger, Exception exception, int count, string channel);

        [LoggerMessage(2, LogLevel.Warning, "The brake of {Channel} holds: the conversation of message {Id} had more than {Most} messages within a minute, and from this one on those of that minute are not answered. A program may be answering the bot.")]
        public static partial void Braked(ILogger logger, string channel, string id, int most);
    }
}

/// <summary>A text that a person sent to the bot by a channel.</summary>
/// <param name="NativeId">What names it among the channel's messages; the same in each repeat.</param>
/// <param name="Conversation">Where a reply goes.</param>
/// <param name="Sender">Who sent it.</param>
/// <param name="Text">The text; one that is blank or missing is not for the bot.</param>
/// <param name="SentAt">When it was sent.</param>
/// <param name="QuoteId">By what a reply quotes it.</param>
internal sealed record IncomingText(
    string NativeId, string Conversation, string Sender, string? Text, DateTimeOffset? SentAt = null, string? QuoteId = null);

/// <summary>A service's word that it could not deliver a reply that it had taken.</summary>
/// <param name="InReplyTo">The id of the message that it replied to.</param>
/// <param name="Why">What the service says, in a sentence without a text of the conversation and without a secret.</param>
/// <param name="Asked">
/// What is to be replied to again, under the id that the service gave the failed reply, once somebody has mended the cause; null where nobody can.
/// </param>
internal sealed record IncomingFailure(string InReplyTo, string Why, IncomingText? Asked = null);
