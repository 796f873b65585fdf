using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.Telegram;

/// <summary>Tells Telegram where the bot's webhook is, and asks what it knows of it.</summary>
public sealed class TelegramRegistration(
    IOptions<TelegramOptions> options, TelegramIdentity identity, [FromKeyedServices(TelegramOptions.ChannelName)] ChannelApi? api = null)
{
    private static readonly int[] Ports = [443, 80, 88, 8443];
    private static readonly string[] Updates = ["message"];

    private ChannelApi Api => api ?? throw new InvalidOperationException("The channel is not configured.");

    /// <summary>The rule for addresses of a webhook, for messages to people.</summary>
    public const string AddressRule = "https://, a host, port 443, 80, 88 or 8443 if any, and the path of the webhook, such as https://example.org/api/channels/telegram";

    /// <summary>Whether Telegram would call this address.</summary>
    public static bool IsAddress(Uri? address) =>
        address is { IsAbsoluteUri: true, Scheme: "https", UserInfo: "", Query: "", Fragment: "" } && Ports.Contains(address.Port) && address.AbsolutePath.Length > 1;

    /// <summary>Has Telegram call this address, with the secret, for each message to the bot.</summary>
    /// <param name="address">The webhook's address.</param>
    /// <param name="dropPending">Whether to forget the messages that wait for a webhook.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="PermanentChannelException">Telegram refuses it.</exception>
    /// <exception cref="TransientChannelException">Telegram does not answer.</exception>
    public async Task<TelegramWebhookView> RegisterAsync(Uri address, bool dropPending, CancellationToken cancellationToken)
    {
        await Api.CallAsync(
            HttpMethod.Post,
            TelegramToken.Method("setWebhook"),
            new
            {
                url = address.AbsoluteUri,
                secret_token = options.Value.WebhookSecret,
                allowed_updates = Updates,
                drop_pending_updates = dropPending,
            },
            cancellationToken);
        return await LookAsync(cancellationToken);
    }

    /// <summary>What Telegram knows of the webhook, and the bot's name.</summary>
    /// <exception cref="PermanentChannelException">Telegram refuses to say.</exception>
    /// <exception cref="TransientChannelException">Telegram does not answer.</exception>
    public async Task<TelegramWebhookView> LookAsync(CancellationToken cancellationToken)
    {
        var info = (await Api.CallAsync(HttpMethod.Get, TelegramToken.Method("getWebhookInfo"), null, cancellationToken)).Find("result");
        var updates = info.Find("allowed_updates");
        var name = await identity.AskAsync(cancellationToken);
        return new(
            info.Find("url").Text() ?? "",
            info.Find("pending_update_count").Number() ?? 0,
            UnixTimes.FromSeconds(info.Find("last_error_date").Number()),
            info.Find("last_error_message").Text(),
            UnixTimes.FromSeconds(info.Find("last_synchronization_error_date").Number()),
            info.Find("ip_address").Text(),
            info.Find("max_connections").Number(),
            updates.ValueKind == JsonValueKind.Array ? [.. updates.EnumerateArray().Select(update => update.Text() ?? "")] : null,
            name);
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
