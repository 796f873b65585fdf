using System.Text.Json;
using CommentFunctions.Bot;
using Functions.LocalRuntime.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.Telegram;

/// <summary>
/// Asks Telegram for the bot's messages, where <c>Channels:Telegram:Receive</c> is <c>Polling</c>, for as long as the app serves. Telegram
/// keeps a message until a later poll's offset confirms it, which none does before the queue has it; the queue knows repeats.
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
    CommandRun? command = null) : BackgroundService
{
    private const int MostUpdates = 100;

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    // Two that poll cut one another off in turn, and each gets through between its pauses.
    private static readonly TimeSpan ConflictIsOver = 2 * (LongestPause + Wait);

    private static readonly string[] Updates = ["message"];

    private Exception? trouble;
    private long troubledAt;
    private int failures;
    private bool isWithoutWebhook;
    private int limit = MostUpdates;
    private long? offset;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A command runs beside a process that serves, which is the one that polls.
        if (api is null || command is not null || !options.Value.IsPolling)
        {
            return;
        }

        // At the word to stop, before running functions are waited for: what would come in now, the next process asks for.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        try
        {
            // A start that fails takes no poll away from a process that serves.
            var started = new TaskCompletionSource();
            await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task.WaitAsync(stopping.Token);
            Log.Begun(logger);
            while (true)
            {
                await PollOrPauseAsync(api, stopping.Token);
            }
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
        }
    }

    private async Task PollOrPauseAsync(ChannelApi service, CancellationToken cancellationToken)
    {
        TimeSpan pause;
        try
        {
            pause = await PollAsync(service, cancellationToken) ? TimeSpan.Zero : FirstPause;
            Succeed();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Also what nobody thought of: it would end the app.
            pause = Fail(e);
        }

        await Task.Delay(pause, clock, cancellationToken);
    }

    // Whether to ask again at once.
    private async Task<bool> PollAsync(ChannelApi service, CancellationToken cancellationToken)
    {
        if (!isWithoutWebhook)
        {
            await RequireNoWebhookAsync(service, cancellationToken);
            isWithoutWebhook = true;
        }

        var begun = clock.GetTimestamp();
        var answer = await service.PollAsync(
            TelegramTokenHandler.Method("getUpdates"),
            new { offset, limit, timeout = (int)Wait.TotalSeconds, allowed_updates = Updates },
            Wait,
            cancellationToken);
        var updates = answer.Find("result") is { ValueKind: JsonValueKind.Array } list ? list : throw NoUpdates();
        // Confirmed now. It is not said again: after a quiet week Telegram counts from another number, which may be a smaller one.
        offset = null;
        if (updates.GetArrayLength() == 0)
        {
            return clock.GetElapsedTime(begun) >= FirstPause;
        }

        offset = await TakeAsync(updates, cancellationToken) + 1;
        return true;
    }

    private static async Task RequireNoWebhookAsync(ChannelApi service, CancellationToken cancellationToken)
    {
        var info = await service.PollAsync(TelegramTokenHandler.Method("getWebhookInfo"), new { }, TimeSpan.Zero, cancellationToken);
        if (info.Find("result").Find("url").Text() is not { } url)
        {
            throw NoUpdates();
        }

        if (url.Length > 0)
        {
            throw new WebhookRegisteredException();
        }
    }

    // Gives the last update's id, once the queue has what the updates hold.
    private async Task<long> TakeAsync(JsonElement updates, CancellationToken cancellationToken)
    {
        var last = updates.EnumerateArray().Max(update => update.Find("update_id").Number()) ?? throw NoUpdates();
        List<IncomingText> texts = [];
        foreach (var update in updates.EnumerateArray())
        {
            if (Parse(update) is { } parsed && await TelegramQuestions.ReadAsync(parsed, identity, cancellationToken) is { } call)
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

    private static TelegramUpdate? Parse(JsonElement update)
    {
        try
        {
            return update.Deserialize<TelegramUpdate>(WebhookIntake.Reading);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Succeed()
    {
        limit = Math.Min(2 * limit, MostUpdates);
        if (trouble is null || (trouble is TelegramConflictException && clock.GetElapsedTime(troubledAt) < ConflictIsOver))
        {
            return;
        }

        (trouble, failures) = (null, 0);
        faults.SetSilent(TelegramOptions.ChannelName, false);
        Log.Again(logger);
    }

    // How long to wait before the next poll.
    private TimeSpan Fail(Exception e)
    {
        // One that is too large, or cannot be read, must not keep back what comes with it.
        limit = 1;
        // A webhook may have been registered meanwhile.
        isWithoutWebhook &= e is not TelegramConflictException;
        // Once for each kind of trouble.
        if (trouble?.GetType() != e.GetType())
        {
            Tell(e);
            faults.SetSilent(TelegramOptions.ChannelName, true);
        }

        (trouble, troubledAt) = (e, clock.GetTimestamp());
        var pause = FirstPause * Math.Pow(2, Math.Min(failures++, 10));
        return (e as TransientChannelException)?.RetryAfter ?? (pause < LongestPause ? pause : LongestPause);
    }

    private void Tell(Exception e)
    {
        switch (e)
        {
            case WebhookRegisteredException:
                Log.Webhook(logger);
                break;
            case TelegramConflictException:
                Log.Conflict(logger, e.Message);
                break;
            case PermanentChannelException or TransientChannelException:
                Log.Silent(logger, e.Message);
                break;
            default:
                Log.NotKept(logger, e);
                break;
        }
    }

    private static TransientChannelException NoUpdates() => new("telegram answered 200 with something else than what was asked for.");

    private sealed class WebhookRegisteredException : Exception;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "No messages come in from Telegram: {Why} The app goes on asking. If it stays so, check Channels:Telegram:BotToken and the way to Telegram.")]
        public static partial void Silent(ILogger logger, string why);

        [LoggerMessage(2, LogLevel.Error, "No messages come in from Telegram: the bot has a webhook, and Telegram answers no polls of such a bot. To remove it, and keep what waits: dotnet run --project CommentFunctions -- run RemoveTelegramWebhook. Polling then begins by itself.")]
        public static partial void Webhook(ILogger logger);

        [LoggerMessage(3, LogLevel.Error, "Somebody else polls Telegram for this bot's messages, and only one can: {Why} End the other one, or give this app a bot of its own. The app goes on asking, less often.")]
        public static partial void Conflict(ILogger logger, string why);

        [LoggerMessage(4, LogLevel.Error, "The queue does not take what comes in from Telegram. Telegram keeps it for a day, and the app goes on asking for it.")]
        public static partial void NotKept(ILogger logger, Exception exception);

        [LoggerMessage(5, LogLevel.Warning, "The update {Id} of Telegram cannot be read and is left out.")]
        public static partial void Unreadable(ILogger logger, long? id);

        [LoggerMessage(6, LogLevel.Information, "The app asks Telegram for the bot's messages.")]
        public static partial void Begun(ILogger logger);

        [LoggerMessage(7, LogLevel.Information, "Messages come in from Telegram again.")]
        public static partial void Again(ILogger logger);
    }
}
