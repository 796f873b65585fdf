using CommentFunctions.Http;

namespace CommentFunctions;

/// <summary>
/// Who may call what. It is declared here alone: the limits of calls, the keys on both hosts and the table of operations.md follow from it.
/// </summary>
public static class Callers
{
    /// <summary>The HTTP functions by their names.</summary>
    public static IReadOnlyDictionary<string, Caller> ByFunction { get; } = new Dictionary<string, Caller>
    {
        ["GetHealth"] = Caller.Anyone,
        ["GetOpenApi"] = Caller.Anyone,
        ["GetDashboard"] = Caller.Anyone,
        ["GetDashboardFile"] = Caller.Anyone,

        ["GetChatPage"] = Caller.Web,
        ["GetChatFile"] = Caller.Web,
        ["PostBotMessage"] = Caller.Web,
        ["GetConversation"] = Caller.Web,
        ["ListComments"] = Caller.Web,

        ["TelegramWebhook"] = Caller.Service,
        ["WhatsAppWebhook"] = Caller.Service,
        ["VerifyWhatsAppWebhook"] = Caller.Service,
        ["SignalWebhook"] = Caller.Service,

        ["PostComment"] = Caller.Post,

        ["ListRecentComments"] = Caller.Operate,
        ["GetUser"] = Caller.Operate,
        ["DeleteExpiredCommentsOnDemand"] = Caller.Operate,
        ["ListExpiryRuns"] = Caller.Operate,
        ["GetExpiryRun"] = Caller.Operate,
        ["ListDeadLetters"] = Caller.Operate,
        ["ReplayDeadLetter"] = Caller.Operate,
        ["ReplayDeadLetters"] = Caller.Operate,
        ["DropDeadLetter"] = Caller.Operate,
        ["EraseUser"] = Caller.Operate,
        ["DescribeSite"] = Caller.Operate,

        ["SetTelegramWebhook"] = Caller.Channels,
        ["GetTelegramWebhook"] = Caller.Channels,
        ["RemoveTelegramWebhook"] = Caller.Channels,
    };

    /// <summary>The rights and their functions. A right's name is that of the key which opens them and no others, on both hosts.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Rights { get; } = new Dictionary<string, IReadOnlyList<string>>
    {
        ["post"] = OpenTo(Caller.Post),
        ["operate"] = OpenTo(Caller.Operate),
        ["channels"] = OpenTo(Caller.Channels),
    };

    private static string[] OpenTo(Caller caller) =>
        [.. ByFunction.Where(function => function.Value == caller).Select(function => function.Key).Order(StringComparer.Ordinal)];
}
