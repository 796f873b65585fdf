using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Bot;
using CommentFunctions.Data;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using CommentFunctions.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Channels;

/// <summary>
/// What every webhook does: knows whether the channel is on, checks the caller, reads the body, sends what it holds to the queues, and then
/// answers.
/// </summary>
public sealed partial class WebhookIntake(
    QueueSender sender,
    ConversationRateLimit rateLimit,
    RequestLimiter limiter,
    BotReplyMetrics metrics,
    TimeProvider clock,
    ILogger<WebhookIntake> logger)
{
    /// <summary>The most bytes of a webhook's body. WhatsApp's are the largest: "webhooks payloads can be up to 3MB".</summary>
    public const int MaxBytes = 3 * 1024 * 1024;

    // A longer text can neither name a user nor be quoted in full.
    private const int MaxText = 4096;

    // The queue takes ids of 128 characters, and a reply's has a few more than its message's.
    private const int MaxId = 96;

    // As deep as the bytes allow: what the app does not use must not make the rest unreadable.
    internal static readonly JsonSerializerOptions Reading = new(JsonSerializerDefaults.Web) { MaxDepth = MaxBytes };

    /// <summary>
    /// The answer of a channel that takes no calls: 404 where it is not configured, and 503 where its settings cannot work, so that the
    /// service calls again; null where it takes them.
    /// </summary>
    internal static IResult? Closed(ChannelOptions options)
    {
        if (!options.IsConfigured)
        {
            var settings = string.Join(", ", options.Required.Select(setting => $"{options.Section}:{setting.Name}"));
            return ApiResults.Problem(
                StatusCodes.Status404NotFound, $"The channel {options.Channel} is not configured. Its settings are {settings}.");
        }

        return options.Problems.Count == 0 ? null : ApiResults.Problem(
            StatusCodes.Status503ServiceUnavailable,
            $"The channel {options.Channel} is off, for something is wrong with its settings; the log of the app's start says what.");
    }

    /// <summary>
    /// Takes a call of a service: 200 once the queues keep what it holds; 404 or 503 where the channel is closed, 401 where the caller does
    /// not know the secret, 503 where a queue does not take it, so that the service calls again. Calls that do not show the secret count
    /// for the limit of their address, and are answered 429 beyond it; those that do have no limit.
    /// </summary>
    /// <param name="request">The call.</param>
    /// <param name="options">The channel's settings.</param>
    /// <param name="secret">How a caller shows that it knows the secret.</param>
    /// <param name="bodyName">What the body is, for messages to people.</param>
    /// <param name="read">Reads the body; null where it is not what the service sends. What the app does not use of it may be anything.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="BadHttpRequestException">The body is too large (413), or not what the service sends (400).</exception>
    internal async Task<IResult> ReceiveAsync<TBody>(
        HttpRequest request,
        ChannelOptions options,
        WebhookSecret secret,
        string bodyName,
        Func<TBody, Task<IncomingCall?>> read,
        CancellationToken cancellationToken)
        where TBody : class
    {
        if (Closed(options) is { } closed)
        {
            return Unproven(request, closed);
        }

        // Not for a caller without the secret, unless the body is part of it.
        var body = secret.SignsBody ? await ReadSignedAsync(request, cancellationToken) : ReadOnlyMemory<byte>.Empty;
        if (body is null)
        {
            return Unproven(request, ApiResults.TooManyRequests(TimeSpan.Zero));
        }

        if (!secret.IsKnownTo(request, body.Value))
        {
            return Unproven(request, ApiResults.Problem(StatusCodes.Status401Unauthorized, $"The call is not let in. {secret.Rule}"));
        }

        var proven = secret.SignsBody ? body.Value : await JsonBody.ReadBytesAsync(request, MaxBytes, cancellationToken);
        var call = await read(Parse<TBody>(proven, bodyName)) ?? throw Malformed(bodyName);
        return await AcceptAsync(options.Channel, call, cancellationToken);
    }

    /// <summary>
    /// Takes what a service told, and returns once the queues keep it; repeats are known there. Texts beyond the conversation's rate limit are
    /// counted and left out: if the service told them again, they would be as many.
    /// </summary>
    /// <exception cref="Exception">A queue does not take it, whatever the queue throws.</exception>
    internal async Task TakeAsync(string channel, IncomingCall call, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNowInMilliseconds();
        var texts = call.Texts
            .Where(t => !string.IsNullOrWhiteSpace(t.Text))
            .Select(t => (Id: IdFor(channel, t.NativeId), Message: new BotMessage(
                channel, t.Conversation, t.Sender, OutgoingText.Cut(t.Text!, MaxText), now, t.SentAt, t.QuoteId)))
            .DistinctBy(m => m.Id)
            .ToLookup(m => IsPermitted(m.Id, m.Message));
        await sender.SendAsync(QueueNames.Messages, texts[true].Select(m => QueueJson.Write(m.Id, m.Message)), cancellationToken);
        foreach (var failure in call.Failures)
        {
            var undelivered = new DeliveryFailure(BotReply.IdFor(failure.InReplyTo), failure.Why).Write(InPlaceOf(channel, failure, now));
            await sender.SendAsync(QueueNames.Replies, undelivered, cancellationToken);
        }

        // Not before: a call that is made again brings them again.
        foreach (var _ in texts[false])
        {
            metrics.Count(TelemetryNames.Braked, channel);
        }
    }

    /// <summary>The answer to a call that did not show the secret: this one, or 429 where its address makes too many of them.</summary>
    internal IResult Unproven(HttpRequest request, IResult answer) => limiter.Count(request.HttpContext) ?? answer;

    // Null for a large body from an address that has made too many calls without the secret. Others of such an address may still be the
    // service's own, and those are small.
    private async Task<ReadOnlyMemory<byte>?> ReadSignedAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength is null or > JsonBody.MaxBytes && limiter.IsExhausted(request.HttpContext))
        {
            return null;
        }

        return await JsonBody.ReadBytesAsync(request, MaxBytes, cancellationToken);
    }

    private static T Parse<T>(ReadOnlyMemory<byte> body, string name)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body.Span, Reading) ?? throw Malformed(name);
        }
        catch (JsonException e)
        {
            throw Malformed(name, e);
        }
    }

    private static BadHttpRequestException Malformed(string name, Exception? inner = null) => new($"The body is not {name} in JSON.", inner!);

    private async Task<IResult> AcceptAsync(string channel, IncomingCall call, CancellationToken cancellationToken)
    {
        try
        {
            await TakeAsync(channel, call, cancellationToken);
            return Results.Ok();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.NotSent(logger, e, channel);
            return ApiResults.Problem(
                StatusCodes.Status503ServiceUnavailable, "The queue did not take the messages. Call again in a moment; repeats are known.");
        }
    }

    private bool IsPermitted(string id, BotMessage message)
    {
        var result = rateLimit.Acquire(message.Channel, message.Conversation, id, message.SentAt ?? message.ReceivedAt);
        if (result == RateLimitResult.FirstRejected)
        {
            Log.Braked(logger, message.Channel, id, rateLimit.PermitsPerMinute(message.Channel));
        }

        return result == RateLimitResult.Permitted;
    }

    // Its text is made when it is sent, since what it would quote has long expired. It has the id of the failed reply, not that of the
    // reply that is recorded as delivered.
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
        [LoggerMessage(1, LogLevel.Error, "What {Channel} told could not be sent to the queue; the service was told to call again.")]
        public static partial void NotSent(ILogger logger, Exception exception, string channel);

        [LoggerMessage(2, LogLevel.Warning, "The brake of {Channel} holds: the conversation of message {Id} had more than {Most} messages within a minute, and from this one on those of that minute are not answered. A program may be answering the bot.")]
        public static partial void Braked(ILogger logger, string channel, string id, int most);
    }
}

/// <summary>How the caller of a webhook shows that it knows the channel's secret.</summary>
/// <param name="Rule">What a call has to carry, for the answer to one that does not.</param>
/// <param name="IsKnownTo">Whether a call carries it; the body is empty unless <paramref name="SignsBody"/>.</param>
/// <param name="SignsBody">Whether the caller signs the body, so that it is read first.</param>
internal sealed record WebhookSecret(string Rule, Func<HttpRequest, ReadOnlyMemory<byte>, bool> IsKnownTo, bool SignsBody = false)
{
    /// <summary>Whether a text is the expected one, in a time that tells nothing of either; false where nothing is expected or given.</summary>
    public static bool Match(string? given, string? expected)
    {
        Span<byte> left = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> right = stackalloc byte[SHA256.HashSizeInBytes];
        // Hashes have one length, so that not even the secret's length is told.
        SHA256.HashData(Encoding.UTF8.GetBytes(given ?? ""), left);
        SHA256.HashData(Encoding.UTF8.GetBytes(expected ?? ""), right);
        return CryptographicOperations.FixedTimeEquals(left, right) && !string.IsNullOrEmpty(expected);
    }
}

/// <summary>What a call of a service holds for the bot.</summary>
/// <param name="Texts">The texts that people sent.</param>
/// <param name="Failures">The replies that the service had taken and could not deliver.</param>
internal sealed record IncomingCall(IReadOnlyList<IncomingText> Texts, IReadOnlyList<IncomingFailure> Failures)
{
    /// <summary>A call that holds texts alone, or nothing.</summary>
    public static IncomingCall Of(params IReadOnlyList<IncomingText> texts) => new(texts, []);
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

/// <summary>A service's report that it could not deliver a reply that it had taken.</summary>
/// <param name="InReplyTo">The id of the message that it replied to.</param>
/// <param name="Why">What the service says, in a sentence without a text of the conversation and without a secret.</param>
/// <param name="Asked">
/// What to reply to again, under the id that the service gave the failed reply, once the cause is corrected; null where it cannot be.
/// </param>
internal sealed record IncomingFailure(string InReplyTo, string Why, IncomingText? Asked = null);
