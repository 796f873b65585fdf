using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.WhatsApp;

/// <summary>
/// <c>POST /api/channels/whatsapp</c> takes messages to the number, and what became of replies. 200 once the queue keeps all that can be read; 503 where it does not;
/// 401 without Meta's signature.
/// </summary>
public sealed partial class WhatsAppWebhook(WebhookIntake intake, IOptions<WhatsAppOptions> options, ILogger<WhatsAppWebhook> logger)
{
    private const string SignatureHeader = "X-Hub-Signature-256";
    private const string Scheme = "sha256=";
    private const string What = "an event of the WhatsApp Cloud API";

    [Function(nameof(WhatsAppWebhook))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "channels/whatsapp")] HttpRequest request, CancellationToken cancellationToken)
    {
        if (WebhookIntake.Closed(options.Value) is { } closed)
        {
            return closed;
        }

        var body = await WebhookIntake.ReadAsync(request, cancellationToken);
        if (!IsSigned(request.Headers[SignatureHeader], body.Span))
        {
            return WebhookIntake.Refused($"The header {SignatureHeader} has to carry the signature of the body.");
        }

        var events = WhatsAppEvents.Read(WebhookIntake.Parse<WhatsAppCall>(body, What), options.Value.PhoneNumberId) ?? throw WebhookIntake.Malformed(What);
        if (string.Join(", ", events.Unreadable) is { Length: > 0 } unreadable)
        {
            Log.LeftOut(logger, unreadable, events.Texts.Count);
        }

        foreach (var report in events.Reports)
        {
            Log.Reported(logger, report);
        }

        return await intake.AcceptAsync(WhatsAppOptions.ChannelName, events.Texts, events.Failures, cancellationToken);
    }

    private bool IsSigned(string? signature, ReadOnlySpan<byte> body)
    {
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        if (options.Value.AppSecret is not { Length: > 0 } secret
            || signature?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) != true
            || Convert.FromHexString(signature.AsSpan(Scheme.Length), given, out _, out var length) != System.Buffers.OperationStatus.Done
            || length != given.Length)
        {
            return false;
        }

        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body, expected);
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
