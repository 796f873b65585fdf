using System.Text.Json;
using CommentFunctions.Bot;
using Functions.LocalRuntime.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.Telegram;

/// <summary>
/// Asks Telegram for the bot's messages. Telegram keeps a message until a later poll's offset confirms it, which none does before the queue
/// has it; the queue knows repeats.
/// </summary>
public sealed partial class TelegramPolling(
    WebhookIntake intake,
    TelegramIdentity identity,
    ChannelFaults faults,
    IOptions<TelegramOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<TelegramPolling> logger,
    [FromKeyedServices(TelegramOptions.ChannelName)] ChannelApi? api = null,
    CommandRun? command = null) : ServicePolling(Telegram, options.Value, faults, lifetime, clock, logger, api, command)
{
    private const int MostUpdates = 100;

    private static readonly PolledService Telegram = new(
        "Telegram", "Channels:Telegram:BotToken and the way to Telegram", "Telegram keeps it for a day, and the app goes on asking for it.");

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    // Two that poll cut one another off in turn, and each gets through between its pauses.
    private static readonly TimeSpan ConflictIsOver = 2 * (LongestPause + Wait);

    private static readonly string[] Updates = ["message"];

    private bool isWithoutWebhook;
    private int limit = MostUpdates;
    private long? offset;

    protected override async Task<TimeSpan> PollAsync(ChannelApi calls, CancellationToken stopping)
    {
        if (!isWithoutWebhook)
        {
            await RequireNoWebhookAsync(calls, stopping);
            isWithoutWebhook = true;
        }

        var begun = Clock.GetTimestamp();
        var answer = await calls.PollAsync(
            HttpMethod.Post,
            TelegramTokenHandler.Method("getUpdates"),
            new { offset, limit, timeout = (int)Wait.TotalSeconds, allowed_updates = Updates },
            Wait,
            stopping);
        var updates = answer.Find("result") is { ValueKind: JsonValueKind.Array } list ? list : throw calls.NotWhatWasAskedFor();
        // Confirmed now. It is not said again: after a quiet week Telegram counts from another number, which may be a smaller one.
        offset = null;
        var isEmpty = updates.GetArrayLength() == 0;
        if (!isEmpty)
        {
            offset = await TakeAsync(calls, updates, stopping) + 1;
        }

        limit = Math.Min(2 * limit, MostUpdates);
        return isEmpty && Clock.GetElapsedTime(begun) < FirstPause ? FirstPause : TimeSpan.Zero;
    }

    protected override void OnFailure(Exception failure)
    {
        // One that is too large, or cannot be read, must not keep back what comes with it.
        limit = 1;
        // A webhook may have been registered meanwhile.
        isWithoutWebhook &= failure is not TelegramConflictException;
    }

    protected override bool TellOwn(Exception failure)
    {
        switch (failure)
        {
            case WebhookRegisteredException:
                Log.Webhook(logger);
                return true;
            case TelegramConflictException:
                Log.Conflict(logger, failure.Message);
                return true;
            default:
                return false;
        }
    }

    protected override TimeSpan DoubtAfter(Exception failure) => failure is TelegramConflictException ? ConflictIsOver : TimeSpan.Zero;

    private static async Task RequireNoWebhookAsync(ChannelApi service, CancellationToken cancellationToken)
    {
        var info = await service.PollAsync(HttpMethod.Post, TelegramTokenHandler.Method("getWebhookInfo"), new { }, TimeSpan.Zero, cancellationToken);
        if (info.Find("result").Find("url").Text() is not { } url)
        {
            throw service.NotWhatWasAskedFor();
        }

        if (url.Length > 0)
        {
            throw new WebhookRegisteredException();
        }
    }

    // Gives the last update's id, once the queue has what the updates hold.
    private async Task<long> TakeAsync(ChannelApi service, JsonElement updates, CancellationToken cancellationToken)
    {
        var last = updates.EnumerateArray().Max(update => update.Find("update_id").Number()) ?? throw service.NotWhatWasAskedFor();
        List<IncomingText> texts = [];
        foreach (var update in updates.EnumerateArray())
        {
            if (update.As<TelegramUpdate>() is { } parsed && await TelegramQuestions.ReadAsync(parsed, identity, cancellationToken) is { } call)
            {
                texts.AddRange(call.Texts);
            }
            else
            {
                // It would be in the way of all later ones for good.
                Log.Unreadable(logger, update.Find("update_id").Number());
            }
        }

        await intake.TakeAsync(TelegramOptions.ChannelName, IncomingCall.Of(texts), cancellationToken);
        return last;
    }

    private sealed class WebhookRegisteredException : Exception;

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Error, "No messages come in from Telegram: the bot has a webhook, and Telegram answers no polls of such a bot. To remove it, and keep what waits: dotnet run --project CommentFunctions -- run RemoveTelegramWebhook. Polling then begins by itself.")]
        public static partial void Webhook(ILogger logger);

        [LoggerMessage(3, LogLevel.Error, "Somebody else polls Telegram for this bot's messages, and only one can: {Why} End the other one, or give this app a bot of its own. The app goes on asking, less often.")]
        public static partial void Conflict(ILogger logger, string why);

        [LoggerMessage(5, LogLevel.Warning, "The update {Id} of Telegram cannot be read and is left out.")]
        public static partial void Unreadable(ILogger logger, long? id);
    }
}
