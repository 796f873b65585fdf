using System.Text.Json;
using CommentFunctions.Bot;
using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.Telegram;

/// <summary>
/// Tells Telegram where the bot's webhook is or that there is none, and asks what it knows of it. 404 where the channel is not configured, 409 to a webhook for an app that polls, 502 where Telegram
/// refuses, 503 where it does not answer or the channel is off.
/// </summary>
public sealed class TelegramRegistrationApi(
    IOptions<TelegramOptions> options, TelegramIdentity identity, [FromKeyedServices(TelegramOptions.ChannelName)] ChannelApi? api = null)
{
    private const string AddressRule =
        "https://, a host, port 443, 80, 88 or 8443 if any, and the path of the webhook, such as https://example.org/api/channels/telegram";

    private static readonly int[] Ports = [443, 80, 88, 8443];
    private static readonly string[] Updates = ["message"];

    /// <summary>
    /// <c>POST /api/channels/telegram/webhook?url=https://example.org/api/channels/telegram</c> has Telegram call that address, with the
    /// secret, and answers with what Telegram then says of it. <c>dropPending=true</c> forgets the messages that wait.
    /// </summary>
    [Function("SetTelegramWebhook")]
    public async Task<IResult> SetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "channels/telegram/webhook")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        QueryValues.AllowOnly(request, "url", "dropPending");
        Require.That(
            Uri.TryCreate(QueryValues.One(request, "url"), UriKind.Absolute, out var address) && IsAddress(address),
            $"url is not an address that Telegram calls. Allowed: {AddressRule}.");
        var dropPending = QueryValues.Flag(request, "dropPending");
        if (options.Value.IsPolling)
        {
            return ApiResults.Problem(
                StatusCodes.Status409Conflict,
                "Channels:Telegram:Receive is Polling, and Telegram answers no polls of a bot that has a webhook. Set it to Webhook, with a WebhookSecret, first.");
        }

        return await AnswerAsync(async service =>
        {
            var webhook = new
            {
                url = address.AbsoluteUri,
                secret_token = options.Value.WebhookSecret,
                allowed_updates = Updates,
                drop_pending_updates = dropPending,
            };
            await service.CallAsync(HttpMethod.Post, TelegramTokenHandler.Method("setWebhook"), webhook, cancellationToken);
            return await LookAsync(service, cancellationToken);
        });
    }

    /// <summary><c>GET /api/channels/telegram/webhook</c> answers with what Telegram says of the bot's webhook.</summary>
    [Function("GetTelegramWebhook")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "channels/telegram/webhook")] HttpRequest request,
        CancellationToken cancellationToken) =>
        AnswerAsync(service => LookAsync(service, cancellationToken));

    /// <summary>
    /// <c>DELETE /api/channels/telegram/webhook</c> has Telegram call no address any more, and answers with what it then says. Messages that
    /// wait stay for who polls, or for the next webhook.
    /// </summary>
    [Function("RemoveTelegramWebhook")]
    public Task<IResult> RemoveAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "channels/telegram/webhook")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        QueryValues.AllowOnly(request);
        return AnswerAsync(async service =>
        {
            await service.CallAsync(
                HttpMethod.Post, TelegramTokenHandler.Method("deleteWebhook"), new { drop_pending_updates = false }, cancellationToken);
            return await LookAsync(service, cancellationToken);
        });
    }

    private static bool IsAddress(Uri address) =>
        address is { Scheme: "https", UserInfo: "", Query: "", Fragment: "" } && Ports.Contains(address.Port) && address.AbsolutePath.Length > 1;

    private async Task<IResult> AnswerAsync(Func<ChannelApi, Task<TelegramWebhookView>> call)
    {
        if (WebhookIntake.Closed(options.Value) is { } closed)
        {
            return closed;
        }

        try
        {
            return ApiResults.Ok(await call(api ?? throw new InvalidOperationException("The channel is not configured.")));
        }
        catch (PermanentChannelException e)
        {
            return ApiResults.Problem(StatusCodes.Status502BadGateway, e.Message);
        }
        catch (TransientChannelException e)
        {
            return ApiResults.Problem(StatusCodes.Status503ServiceUnavailable, e.Message);
        }
    }

    private async Task<TelegramWebhookView> LookAsync(ChannelApi service, CancellationToken cancellationToken)
    {
        var answer = await service.CallAsync(HttpMethod.Get, TelegramTokenHandler.Method("getWebhookInfo"), null, cancellationToken);
        var info = answer.Find("result");
        var updates = info.Find("allowed_updates");
        return new(
            info.Find("url").Text() ?? "",
            info.Find("pending_update_count").Number() ?? 0,
            UnixTimes.FromSeconds(info.Find("last_error_date").Number()),
            info.Find("last_error_message").Text(),
            UnixTimes.FromSeconds(info.Find("last_synchronization_error_date").Number()),
            info.Find("ip_address").Text(),
            info.Find("max_connections").Number(),
            updates.ValueKind == JsonValueKind.Array ? [.. updates.EnumerateArray().Select(update => update.Text() ?? "")] : null,
            await identity.AskAsync(cancellationToken));
    }
}

/// <summary>What Telegram says of the bot's webhook.</summary>
/// <param name="Url">Where it is; empty where there is none.</param>
/// <param name="PendingUpdates">How many updates wait to be delivered.</param>
/// <param name="LastErrorAt">When a delivery failed last, in UTC.</param>
/// <param name="LastError">Why it did.</param>
/// <param name="LastSynchronizationErrorAt">When Telegram last failed to read its own updates, in UTC.</param>
/// <param name="IpAddress">The address that Telegram calls.</param>
/// <param name="MaxConnections">How many calls Telegram makes at once at the most.</param>
/// <param name="AllowedUpdates">The kinds of updates that it delivers; left out where it delivers all usual ones.</param>
/// <param name="BotName">The bot's own name, without the @.</param>
public sealed record TelegramWebhookView(
    string Url,
    long PendingUpdates,
    DateTimeOffset? LastErrorAt,
    string? LastError,
    DateTimeOffset? LastSynchronizationErrorAt,
    string? IpAddress,
    long? MaxConnections,
    IReadOnlyList<string>? AllowedUpdates,
    string BotName);
