using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace CommentFunctions.Http;

/// <summary>Who may call an HTTP function.</summary>
public enum Caller
{
    /// <summary>Anyone.</summary>
    Anyone,

    /// <summary>Anyone while the web channel is on; otherwise the function answers as if it were not there.</summary>
    WebChannel,

    /// <summary>A service that shows that it knows its channel's secret.</summary>
    Service,

    /// <summary>Who has the key to post comments.</summary>
    Post,

    /// <summary>Who has the key to operate the app: runs of the expiry job, users who are erased, and dead letters.</summary>
    Operate,

    /// <summary>Who has the key to register webhooks at their services.</summary>
    Channels,
}

/// <summary>
/// Who may call what. It is declared here alone: the limits of calls, the keys on both hosts and the table of operations.md follow from it.
/// </summary>
public static class Callers
{
    /// <summary>Who runs a function by the host's admin endpoint.</summary>
    public const string Admin = "admin";

    // https://github.com/Azure/azure-functions-host: SecurityConstants.AuthLevelKeyNameClaimType.
    private const string KeyName = "http://schemas.microsoft.com/2017/07/functions/claims/keyid";

    /// <summary>The HTTP functions by their names.</summary>
    public static FrozenDictionary<string, Caller> ByFunction { get; } = new Dictionary<string, Caller>
    {
        ["GetHealth"] = Caller.Anyone,

        ["GetChatPage"] = Caller.WebChannel,
        ["GetChatFile"] = Caller.WebChannel,
        ["PostBotMessage"] = Caller.WebChannel,
        ["GetConversation"] = Caller.WebChannel,
        ["ListComments"] = Caller.WebChannel,

        ["TelegramWebhook"] = Caller.Service,
        ["WhatsAppWebhook"] = Caller.Service,
        ["VerifyWhatsAppWebhook"] = Caller.Service,
        ["SignalWebhook"] = Caller.Service,

        ["PostComment"] = Caller.Post,

        ["DeleteExpiredCommentsOnDemand"] = Caller.Operate,
        ["ListExpiryRuns"] = Caller.Operate,
        ["GetExpiryRun"] = Caller.Operate,
        ["ListDeadLetters"] = Caller.Operate,
        ["ReplayDeadLetter"] = Caller.Operate,
        ["ReplayDeadLetters"] = Caller.Operate,
        ["DropDeadLetter"] = Caller.Operate,
        ["EraseUser"] = Caller.Operate,

        ["SetTelegramWebhook"] = Caller.Channels,
        ["GetTelegramWebhook"] = Caller.Channels,
        ["RemoveTelegramWebhook"] = Caller.Channels,
    }.ToFrozenDictionary();

    /// <summary>The rights and their functions. A right's name is that of the key which opens them and no others, on both hosts.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Rights { get; } = new Dictionary<string, IReadOnlyList<string>>
    {
        ["post"] = OpenTo(Caller.Post),
        ["operate"] = OpenTo(Caller.Operate),
        ["channels"] = OpenTo(Caller.Channels),
    };

    /// <summary>
    /// Who makes this call, for the record of what it does: the name of the key where the host tells it, as the local one does, else the
    /// address. A call that came by the admin endpoint has none of both, and needed the master key.
    /// </summary>
    public static string NameOf(HttpContext http) =>
        http.User.FindFirst(KeyName) is { } key ? $"key {key.Value}"
        : http.Connection.RemoteIpAddress is { } address ? $"address {(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)}"
        : Admin;

    private static string[] OpenTo(Caller caller) =>
        [.. ByFunction.Where(function => function.Value == caller).Select(function => function.Key).Order(StringComparer.Ordinal)];
}
