using CommentFunctions.Bot;
using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.Telegram;

/// <summary>
/// <c>POST /api/channels/telegram</c> takes an update of the bot. 200 once the queue keeps its text, or where it has none for the bot; 503
/// where the queue does not take it, or the bot's name, which tells whether it is for the bot, is not known; 401 without the secret.
/// </summary>
public sealed partial class TelegramWebhook(
    WebhookIntake intake, TelegramIdentity identity, IOptions<TelegramOptions> options, ILogger<TelegramWebhook> logger)
{
    private const string SecretHeader = "X-Telegram-Bot-Api-Secret-Token";

    private readonly WebhookSecret secret = new(
        $"The header {SecretHeader} has to carry the webhook's secret.",
        (request, _) => WebhookSecret.Match(request.Headers[SecretHeader], options.Value.WebhookSecret));

    [Function(nameof(TelegramWebhook))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "channels/telegram")] HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await intake.ReceiveAsync<TelegramUpdate>(
                request,
                options.Value,
                secret,
                "an update of Telegram's Bot API",
                update => TelegramQuestions.ReadAsync(update, identity, cancellationToken),
                cancellationToken);
        }
        catch (Exception e) when (e is TransientChannelException or PermanentChannelException)
        {
            // Telegram keeps the update, and with it the chat's later ones.
            Log.Nameless(logger, e.Message);
            return ApiResults.Problem(
                StatusCodes.Status503ServiceUnavailable,
                "Telegram did not say the bot's name, so nobody can tell whom the message is for. Call again in a moment.");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "An update of Telegram is not taken, for the bot's own name is not known: {Why} Telegram was told to call again.")]
        public static partial void Nameless(ILogger logger, string why);
    }
}

/// <summary>Reads what messages in Telegram's chats ask of the bot.</summary>
internal static class TelegramQuestions
{
    /// <summary>What an update holds for the bot; null where it is none that the app can read.</summary>
    /// <exception cref="PermanentChannelException">It matters what the bot's own name is, and Telegram refuses to say.</exception>
    /// <exception cref="TransientChannelException">It matters what the bot's own name is, and Telegram does not answer.</exception>
    public static async Task<IncomingCall?> ReadAsync(TelegramUpdate update, TelegramIdentity identity, CancellationToken cancellationToken) => update switch
    {
        { UpdateId: not null, Message: null } => IncomingCall.Of(),
        { UpdateId: { } id, Message: { Chat.Id: { } chat, MessageId: { } messageId } message } => IncomingCall.Of(new IncomingText(
            TelegramAddress.TextOf(id),
            TelegramAddress.Of(chat, message).ToString(),
            TelegramAddress.TextOf(message.SenderChat?.Id ?? message.From?.Id ?? chat),
            await ReadAsync(message, () => identity.NameAsync(cancellationToken)),
            UnixTimes.FromSeconds(message.Date),
            TelegramAddress.TextOf(message.EphemeralMessageId ?? messageId))),
        _ => null,
    };

    /// <summary>What a message asks of the bot; null where it asks the bot nothing.</summary>
    /// <param name="message">The message.</param>
    /// <param name="name">Says the bot's own name, where it matters.</param>
    public static async Task<string?> ReadAsync(TelegramMessage message, Func<Task<string>> name)
    {
        if (string.IsNullOrWhiteSpace(message.Text) || !IsOfAPerson(message))
        {
            return null;
        }

        var text = message.Text.Trim();
        if (MentionIn(text) is { } mention)
        {
            return Same(mention.Name, await name()) ? Without(text, mention.Length) : text;
        }

        if (message.Chat?.IsGroup != true || CommandName.In(text) is not { } command)
        {
            return text;
        }

        // In a group all bots see a command that names none of them.
        var isForUs = command.Bot is null ? command.IsKnown : Same(command.Bot, await name());
        return isForUs ? text : null;
    }

    // Two bots that answer one another never end. An anonymous administrator comes as a bot too, but on behalf of a chat.
    private static bool IsOfAPerson(TelegramMessage message) =>
        message.IsAutomaticForward != true
        && message.SuggestedPost is null
        && (message.SenderChat is null ? message.From?.IsBot != true : message.Chat?.IsDirectMessages != true);

    // The name at the beginning, and how long it is with what sets it apart.
    private static (string Name, int Length)? MentionIn(string text)
    {
        if (!text.StartsWith('@'))
        {
            return null;
        }

        var end = 1 + text.Skip(1).TakeWhile(c => char.IsAsciiLetterOrDigit(c) || c == '_').Count();
        var next = end < text.Length ? text[end] : ' ';
        return end > 1 && (next is ',' or ':' || char.IsWhiteSpace(next)) ? (text[1..end], end + (next is ',' or ':' ? 1 : 0)) : null;
    }

    private static string Without(string text, int length) => text[length..].Trim() is { Length: > 0 } rest ? rest : "/help";

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The bot's own name in Telegram, by which groups tell its commands from those of other bots. Asked for at need, and cached.</summary>
public sealed class TelegramIdentity(TimeProvider clock, [FromKeyedServices(TelegramOptions.ChannelName)] ChannelApi? api = null)
{
    // BotFather can give a bot another name.
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);

    private Known? known;

    /// <summary>The name, without the @; the last that is known where Telegram does not answer.</summary>
    /// <exception cref="PermanentChannelException">Telegram refuses to say.</exception>
    /// <exception cref="TransientChannelException">Telegram does not answer.</exception>
    public async Task<string> NameAsync(CancellationToken cancellationToken)
    {
        var before = known;
        if (before is not null && clock.GetUtcNow() - before.At < Fresh)
        {
            return before.Name;
        }

        try
        {
            return await AskAsync(cancellationToken);
        }
        catch (Exception e) when (before is not null && e is PermanentChannelException or TransientChannelException)
        {
            known = before! with { At = clock.GetUtcNow() };
            return before.Name;
        }
    }

    /// <summary>Asks Telegram for the name.</summary>
    /// <exception cref="PermanentChannelException">Telegram refuses to say.</exception>
    /// <exception cref="TransientChannelException">Telegram does not answer.</exception>
    public async Task<string> AskAsync(CancellationToken cancellationToken)
    {
        var calls = api ?? throw new InvalidOperationException("The channel is not configured.");
        var me = (await calls.CallAsync(HttpMethod.Get, TelegramTokenHandler.Method("getMe"), null, cancellationToken)).Find("result");
        var name = me.Find("username").Text() ?? throw new TransientChannelException("telegram did not say the bot's name.");
        known = new(name, clock.GetUtcNow());
        return name;
    }

    private sealed record Known(string Name, DateTimeOffset At);
}
