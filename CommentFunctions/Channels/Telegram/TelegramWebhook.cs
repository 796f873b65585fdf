using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.Telegram;

/// <summary>
/// <c>POST /api/channels/telegram</c> takes an update of the bot. 200 once the queue keeps its text, or where it has none; 503 where
/// the queue does not take it; 401 without the secret.
/// </summary>
public sealed class TelegramWebhook(WebhookIntake intake, IOptions<TelegramOptions> options)
{
    private const string SecretHeader = "X-Telegram-Bot-Api-Secret-Token";
    private const string What = "an update of Telegram's Bot API";

    /// <summary>Runs for each request.</summary>
    [Function(nameof(TelegramWebhook))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "channels/telegram")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (WebhookIntake.Closed(options.Value) is { } closed)
        {
            return closed;
        }

        if (!Secrets.Match(request.Headers[SecretHeader], options.Value.WebhookSecret))
        {
            return WebhookIntake.Refused($"The header {SecretHeader} has to carry the webhook's secret.");
        }

        var update = WebhookIntake.Parse<TelegramUpdate>(await WebhookIntake.ReadAsync(request, cancellationToken), What);
        return await intake.AcceptAsync(TelegramOptions.ChannelName, TextsOf(update), cancellationToken);
    }

    private static IEnumerable<IncomingText> TextsOf(TelegramUpdate update)
    {
        var id = update.UpdateId ?? throw WebhookIntake.Malformed(What);
        if (update.Message is not { } message)
        {
            return [];
        }

        if (message is not { Chat.Id: { } chat, MessageId: { } messageId })
        {
            throw WebhookIntake.Malformed(What);
        }

        var invariant = CultureInfo.InvariantCulture;
        return
        [
            new(
                id.ToString(invariant),
                chat.ToString(invariant),
                (message.From?.Id ?? chat).ToString(invariant),
                message.Text,
                UnixTimes.FromSeconds(message.Date),
                messageId.ToString(invariant)),
        ];
    }
}
