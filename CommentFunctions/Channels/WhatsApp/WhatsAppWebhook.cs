using System.Security.Cryptography;
using System.Text;
using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.WhatsApp;

/// <summary>The webhook of WhatsApp: <c>/api/channels/whatsapp</c>.</summary>
public sealed partial class WhatsAppWebhook(WebhookIntake intake, IOptions<WhatsAppOptions> options, ILogger<WhatsAppWebhook> logger)
{
    private const string SignatureHeader = "X-Hub-Signature-256";
    private const string Scheme = "sha256=";

    private readonly WebhookSecret secret = new(
        $"The header {SignatureHeader} has to carry the signature of the body.",
        (request, body) => IsSigned(request.Headers[SignatureHeader], body.Span, options.Value.AppSecret),
        SignsBody: true);

    /// <summary>
    /// <c>POST</c> takes messages to the number, and what became of replies. 200 once the queue keeps all that can be read; 503 where it
    /// does not; 401 without Meta's signature.
    /// </summary>
    [Function(nameof(WhatsAppWebhook))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "channels/whatsapp")] HttpRequest request, CancellationToken cancellationToken) =>
        intake.ReceiveAsync<WhatsAppCall>(
            request,
            options.Value,
            secret,
            "an event of the WhatsApp Cloud API",
            call => Task.FromResult(Read(call)),
            cancellationToken);

    /// <summary>
    /// <c>GET ?hub.mode=subscribe&amp;hub.challenge=…&amp;hub.verify_token=…</c> shows Meta that the webhook is the app's: the challenge as
    /// plain text, or 403 where the token is another; 429 where an address tries too often.
    /// </summary>
    [Function("VerifyWhatsAppWebhook")]
    public IResult Verify([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "channels/whatsapp")] HttpRequest request)
    {
        if (WebhookIntake.Closed(options.Value) is { } closed)
        {
            return intake.Unproven(request, closed);
        }

        return WebhookSecret.Match(QueryValues.One(request, "hub.verify_token"), options.Value.VerifyToken)
            && QueryValues.One(request, "hub.mode") == "subscribe"
            && QueryValues.One(request, "hub.challenge") is { Length: > 0 } challenge
            ? Results.Text(challenge)
            : intake.Unproven(request, ApiResults.Problem(
                StatusCodes.Status403Forbidden,
                "Not verified. hub.mode has to be subscribe, hub.verify_token the webhook's token, and hub.challenge there."));
    }

    private IncomingCall? Read(WhatsAppCall call)
    {
        if (WhatsAppEvents.Read(call, options.Value.PhoneNumberId) is not { } events)
        {
            return null;
        }

        if (string.Join(", ", events.Unreadable) is { Length: > 0 } unreadable)
        {
            Log.LeftOut(logger, unreadable, events.Texts.Count);
        }

        foreach (var report in events.Reports)
        {
            Log.Reported(logger, report);
        }

        return new(events.Texts, events.Failures);
    }

    private static bool IsSigned(string? signature, ReadOnlySpan<byte> body, string? key)
    {
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        if (string.IsNullOrEmpty(key)
            || signature?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) != true
            || Convert.FromHexString(signature.AsSpan(Scheme.Length), given, out _, out var length) != System.Buffers.OperationStatus.Done
            || length != given.Length)
        {
            return false;
        }

        HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), body, expected);
        return CryptographicOperations.FixedTimeEquals(given, expected);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A call of WhatsApp had what could not be read: {Unreadable}. It is left out, and {Taken} texts are taken.")]
        public static partial void LeftOut(ILogger logger, string unreadable, int taken);

        [LoggerMessage(2, LogLevel.Warning, "WhatsApp reports a failure: {Report}.")]
        public static partial void Reported(ILogger logger, string report);
    }
}
