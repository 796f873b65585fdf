using System.Net.Http.Headers;
using System.Text;
using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.Signal;

/// <summary>
/// <c>POST /api/channels/signal</c> takes what signal-cli-rest-api received. 200 once the queue keeps its text, or where it has none;
/// 503 where the queue does not take it; 401 without the secret, which is the password of Basic authentication or <c>?secret=…</c>.
/// </summary>
public sealed class SignalWebhook(WebhookIntake intake, IOptions<SignalOptions> options, ILogger<SignalWebhook> logger)
{
    private readonly WebhookSecret secret = new(
        "RECEIVE_WEBHOOK_URL has to carry the webhook's secret.",
        (request, _) => WebhookSecret.Match(PasswordOf(request) ?? QueryValues.One(request, "secret"), options.Value.WebhookSecret));

    [Function(nameof(SignalWebhook))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "channels/signal")] HttpRequest request, CancellationToken cancellationToken) =>
        intake.ReceiveAsync<SignalNotification>(
            request,
            options.Value,
            secret,
            "a notification of signal-cli-rest-api",
            notification => Task.FromResult(Read(notification)),
            cancellationToken);

    // http://bot:secret@host/… arrives like this; unlike a query, no server on the way writes it into its log.
    private static string? PasswordOf(HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header)
            || !header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var credentials = new byte[header.Parameter?.Length ?? 0];
        return Convert.TryFromBase64String(header.Parameter ?? "", credentials, out var length)
            && Encoding.UTF8.GetString(credentials, 0, length).Split(':', 2) is [_, var password] ? password : null;
    }

    // One webhook may be told of anything.
    private IncomingCall? Read(SignalNotification notification) => notification switch
    {
        { Method: null } or { Params: null } => null,
        { Method: "receive", Params: { } received } => SignalQuestions.Read(received, options.Value, logger),
        _ => IncomingCall.Of(),
    };
}

/// <summary>Reads what an account received.</summary>
internal static partial class SignalQuestions
{
    private const int MaxType = 100;

    /// <summary>What it holds for the bot; null where it is nothing that the app can read.</summary>
    public static IncomingCall? Read(SignalParams received, SignalOptions options, ILogger logger)
    {
        if (received.Envelope is null && received.Exception is null)
        {
            return null;
        }

        // signal-cli-rest-api may serve several accounts, and tells one webhook of them all.
        if (received.Account is { } account && account != options.Number)
        {
            return IncomingCall.Of();
        }

        if (received.Exception is { } exception)
        {
            Log.NotRead(logger, OutgoingText.Cut(exception.Type ?? "?", MaxType));
        }

        // The account receives what it sends to itself, or to its groups where it is told to; answers to that would never end.
        return received.Envelope is { DataMessage: { Text: { } text } data } envelope && envelope.SourceNumber != options.Number
            ? TextOf(envelope, data, text) is { } incoming ? IncomingCall.Of(incoming) : null
            : IncomingCall.Of();
    }

    private static IncomingText? TextOf(SignalEnvelope envelope, SignalData data, string text)
    {
        // An old contact may have a number alone.
        if (envelope is not { Timestamp: { } timestamp } || (envelope.SourceUuid ?? envelope.SourceNumber) is not { Length: > 0 } source)
        {
            return null;
        }

        return new(
            $"{source}:{timestamp}",
            data.GroupInfo?.GroupId is { Length: > 0 } group ? SignalChannel.RecipientOf(group) : source,
            source,
            text,
            UnixTimes.FromMilliseconds(timestamp));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "signal-cli could not read what the bot's number received ({Type}); if it was a message, nobody answers it.")]
        public static partial void NotRead(ILogger logger, string type);
    }
}
