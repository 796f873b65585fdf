using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.WhatsApp;

/// <summary>
/// <c>POST /api/channels/whatsapp</c> takes messages to the number. 200 once the queue keeps all of them; 503 where it does not; 401
/// without Meta's signature.
/// </summary>
public sealed class WhatsAppWebhook(WebhookIntake intake, IOptions<WhatsAppOptions> options)
{
    private const string SignatureHeader = "X-Hub-Signature-256";
    private const string Scheme = "sha256=";
    private const string What = "an event of the WhatsApp Cloud API";

    /// <summary>Runs for each request.</summary>
    [Function(nameof(WhatsAppWebhook))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "channels/whatsapp")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (WebhookIntake.Closed(options.Value) is { } closed)
        {
            return closed;
        }

        var body = await WebhookIntake.ReadAsync(request, cancellationToken);
        if (!IsSigned(request.Headers[SignatureHeader], body.Span))
        {
            return WebhookIntake.Refused($"The header {SignatureHeader} has to carry the signature of the body.");
        }

        return await intake.AcceptAsync(WhatsAppOptions.ChannelName, TextsOf(WebhookIntake.Parse<WhatsAppEvents>(body, What)), cancellationToken);
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

    private IEnumerable<IncomingText> TextsOf(WhatsAppEvents events)
    {
        if (events.Object is null || events.Entry is null)
        {
            throw WebhookIntake.Malformed(What);
        }

        // Other numbers of the account have replies of their own, or none.
        return events.Object != "whatsapp_business_account" ? [] : events.Entry
            .SelectMany(entry => entry?.Changes ?? [])
            .Where(change => change?.Field == "messages" && change.Value?.Metadata?.PhoneNumberId == options.Value.PhoneNumberId)
            .SelectMany(change => change?.Value?.Messages ?? [])
            .OfType<WhatsAppMessage>()
            .Where(message => message is { Type: "text", Text.Body: not null })
            .Select(TextOf);
    }

    private static IncomingText TextOf(WhatsAppMessage message) =>
        message is { Id.Length: > 0, From.Length: > 0 }
            && long.TryParse(message.Timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && UnixTimes.FromSeconds(seconds) is { } sentAt
            ? new(message.Id, message.From, message.From, message.Text!.Body, sentAt)
            : throw WebhookIntake.Malformed(What);
}
