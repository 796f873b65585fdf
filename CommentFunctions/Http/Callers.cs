using System.Collections.Frozen;

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

    /// <summary>Who has the key to operate the app: runs of the expiry job, and dead letters.</summary>
    Operate,

    /// <summary>Who has the key to register webhooks at their services.</summary>
    Channels,
}

/// <summary>
/// Who may call what. It is declared here alone: the limits of calls, the keys on both hosts and the table of operations.md follow from it.
/// </summary>
public static class Callers
{
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

        ["SetTelegramWebhook"] = Caller.Channels,
        ["GetTelegramWebhook"] = Caller.Channels,
    }.ToFrozenDictionary();

    /// <summary>The rights: each is the name of a key that opens its functions and no others.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Rights { get; } = new[] { Caller.Post, Caller.Operate, Caller.Channels }.ToDictionary(
        NameOf,
        IReadOnlyList<string> (right) => [.. ByFunction.Where(function => function.Value == right).Select(function => function.Key).Order(StringComparer.Ordinal)]);

    /// <summary>The name of a right, in settings, scripts and the Functions host's lists of keys.</summary>
    public static string NameOf(Caller right) => right.ToString().ToLowerInvariant();
}
