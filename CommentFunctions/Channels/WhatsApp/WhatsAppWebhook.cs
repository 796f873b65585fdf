using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.WhatsApp;

/// <summary>
/// <c>POST /api/channels/whatsapp</c> takes messages to the number. 200 once the queue keeps all that can be read; 503 where it does not;
/// 401 without Meta's signature.
/// </summary>
public sealed partial class WhatsAppWebhook(WebhookIntake intake, IOptions<WhatsAppOptions> options, ILogger<WhatsAppWebhook> logger)
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

    // Meta repeats a call that is refused for days, with all its messages.
    private List<IncomingText> TextsOf(WhatsAppEvents events)
    {
        if (events.Object is null || events.Entry is null)
        {
            throw WebhookIntake.Malformed(What);
        }

        var reader = new Reader();
        // Other numbers of the account have replies of their own, or none.
        List<IncomingText> texts = events.Object != "whatsapp_business_account" ? [] :
        [
            .. reader.Read<WhatsAppEntry>(events.Entry)
                .SelectMany(entry => reader.Read<WhatsAppChange>(entry.Changes))
                .Where(change => change.Field == "messages")
                .SelectMany(change => reader.Read<WhatsAppValue>([change.Value]))
                .Where(value => value.Metadata?.PhoneNumberId == options.Value.PhoneNumberId)
                .SelectMany(value => reader.Read<WhatsAppMessage>(value.Messages))
                .Where(message => message is { Type: "text", Text.Body: not null })
                .Select(message => reader.Require(TextOf(message)))
                .OfType<IncomingText>(),
        ];
        if (reader.Unreadable > 0)
        {
            Log.LeftOut(logger, reader.Unreadable, texts.Count);
        }

        return texts;
    }

    private static IncomingText? TextOf(WhatsAppMessage message) =>
        message is { Id.Length: > 0, From.Length: > 0 }
            && long.TryParse(message.Timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && UnixTimes.FromSeconds(seconds) is { } sentAt
            ? new(message.Id, message.From, message.From, message.Text!.Body, sentAt)
            : null;

    // Reads items one by one, and counts those that are not what they should be.
    private sealed class Reader
    {
        public int Unreadable { get; private set; }

        public IEnumerable<T> Read<T>(IEnumerable<JsonElement>? items)
            where T : class => (items ?? []).Select(Read<T>).OfType<T>();

        public T? Require<T>(T? item)
            where T : class
        {
            Unreadable += item is null ? 1 : 0;
            return item;
        }

        private T? Read<T>(JsonElement item)
            where T : class
        {
            try
            {
                return item.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? null : item.Deserialize<T>();
            }
            catch (JsonException)
            {
                return Require<T>(null);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A call of WhatsApp had {Unreadable} items that could not be read, such as a message without id, sender or time; they are left out, and {Taken} texts are taken.")]
        public static partial void LeftOut(ILogger logger, int unreadable, int taken);
    }
}
