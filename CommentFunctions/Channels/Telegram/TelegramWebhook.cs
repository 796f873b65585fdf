using CommentFunctions.Bot;
using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.Telegram;

/// <summary>
/// <c>POST /api/channels/telegram</c> takes an update of the bot. 200 once the queue keeps its text, or where it has none for the bot; 503
/// where the queue does not take it, or whom it is for cannot be told; 401 without the secret.
/// </summary>
public sealed partial class TelegramWebhook(
    WebhookIntake intake, TelegramIdentity identity, IOptions<TelegramOptions> options, ILogger<TelegramWebhook> logger)
{
    private const string SecretHeader = "X-Telegram-Bot-Api-Secret-Token";
    private const string What = "an update of Telegram's Bot API";

    [Function(nameof(TelegramWebhook))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "channels/telegram")] HttpRequest request, CancellationToken cancellationToken)
    {
        if (WebhookIntake.Closed(options.Value) is { } closed)
        {
            return closed;
        }

        if (!Secrets.Match(request.Headers[SecretHeader], options.Value.WebhookSecret))
        {
            return WebhookIntake.Refused($"The header {SecretHeader} has to carry the webhook's secret.");
        }

        var update = WebhookIntake.Parse<TelegramUpdate>(await WebhookIntake.ReadAsync(request, cancellationToken), What);
        try
        {
            return await intake.AcceptAsync(TelegramOptions.ChannelName, await TextsOfAsync(update, cancellationToken), cancellationToken);
        }
        catch (Exception e) when (e is TransientChannelException or PermanentChannelException)
        {
            // Telegram keeps the update, and with it the chat's later ones.
            Log.Nameless(logger, e.Message);
            return ApiResults.Problem(
                StatusCodes.Status503ServiceUnavailable, "Telegram did not say the bot's name, so nobody can tell whom the message is for. Call again in a moment.");
        }
    }

    private async Task<IEnumerable<IncomingText>> TextsOfAsync(TelegramUpdate update, CancellationToken cancellationToken)
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

        return
        [
            new(
                TelegramAddress.TextOf(id),
                TelegramAddress.Of(chat, message).ToString(),
                TelegramAddress.TextOf(message.SenderChat?.Id ?? message.From?.Id ?? chat),
                await TelegramQuestions.ReadAsync(message, () => identity.NameAsync(cancellationToken)),
                UnixTimes.FromSeconds(message.Date),
                TelegramAddress.TextOf(message.EphemeralMessageId ?? messageId)),
        ];
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "An update of Telegram is not taken, for the bot's own name is not known: {Why} Telegram was told to call again.")]
        public static partial void Nameless(ILogger logger, string why);
    }
}
