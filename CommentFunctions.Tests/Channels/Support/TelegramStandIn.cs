using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace CommentFunctions.Tests.Channels.Support;

/// <summary>The Bot API, as https://core.telegram.org/bots/api describes it.</summary>
public sealed class TelegramStandIn : StandIn
{
    public const string Token = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11";
    public const string Secret = "telegram-secret_W2v1u123";

    private JsonNode? webhook;

    /// <summary>The settings of an app that uses it.</summary>
    public Dictionary<string, string?> Settings => new()
    {
        ["Channels:Telegram:BotToken"] = Token,
        ["Channels:Telegram:WebhookSecret"] = Secret,
        ["Channels:Telegram:ApiAddress"] = Address,
    };

    /// <summary>A text that somebody sent, as an update.</summary>
    public static string Update(long id, string text, long chat = 1111111, long message = 1365) => new JsonObject
    {
        ["update_id"] = id,
        ["message"] = new JsonObject
        {
            ["message_id"] = message,
            ["from"] = new JsonObject { ["id"] = 1111111, ["is_bot"] = false, ["first_name"] = "Test", ["username"] = "test", ["language_code"] = "en" },
            ["chat"] = new JsonObject { ["id"] = chat, ["first_name"] = "Test", ["username"] = "test", ["type"] = "private" },
            ["date"] = 1768478400,
            ["text"] = text,
        },
    }.ToJsonString();

    protected override (int Status, object Body)? Check(HttpRequest request, JsonNode? body)
    {
        if (!request.Path.StartsWithSegments($"/bot{Token}"))
        {
            return Error(404, "Not Found");
        }

        return MethodOf(request) switch
        {
            "getWebhookInfo" => null,
            "setWebhook" => (string?)body?["url"] is { } url && url.StartsWith("https://", StringComparison.Ordinal) && (string?)body["secret_token"] == Secret
                ? null
                : Error(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"),
            "sendMessage" => CheckMessage(body),
            _ => Error(404, "Not Found"),
        };
    }

    protected override Delivered? MessageOf(HttpRequest request, JsonNode? body) => MethodOf(request) == "sendMessage"
        ? new(((long)body!["chat_id"]!).ToString(CultureInfo.InvariantCulture), (string)body["text"]!, (long?)body["reply_parameters"]?["message_id"])
        : null;

    protected override (int Status, object Body) Success(HttpRequest request, JsonNode? body)
    {
        switch (MethodOf(request))
        {
            case "setWebhook":
                webhook = body!.DeepClone();
                return (200, """{"ok":true,"result":true,"description":"Webhook was set"}""");
            case "getWebhookInfo":
                return (200, new JsonObject
                {
                    ["ok"] = true,
                    ["result"] = new JsonObject
                    {
                        ["url"] = (string?)webhook?["url"] ?? "",
                        ["has_custom_certificate"] = false,
                        ["pending_update_count"] = 3,
                        ["last_error_date"] = 1768478400,
                        ["last_error_message"] = "Wrong response from the webhook: 503 Service Unavailable",
                        ["max_connections"] = 40,
                        ["ip_address"] = "203.0.113.7",
                        ["allowed_updates"] = webhook?["allowed_updates"]?.DeepClone(),
                    },
                }.ToJsonString());
            default:
                return (200, """{"ok":true,"result":{"message_id":1366,"date":1768478401,"chat":{"id":1111111,"type":"private"},"text":"…"}}""");
        }
    }

    protected override (int Status, object Body) Failure(Trouble trouble) => trouble.Kind switch
    {
        TroubleKind.TooMany => (429, new
        {
            ok = false,
            error_code = 429,
            description = $"Too Many Requests: retry after {trouble.Wait}",
            parameters = trouble.Wait is null ? null : new { retry_after = trouble.Wait },
        }),
        TroubleKind.Refuse => Error(trouble.Status == 0 ? 400 : trouble.Status, trouble.Text),
        _ => (trouble.Status == 0 ? 500 : trouble.Status, "<html>nginx</html>"),
    };

    private static (int, object)? CheckMessage(JsonNode? body) => (string?)body?["text"] switch
    {
        null or "" => Error(400, "Bad Request: message text is empty"),
        { Length: > 4096 } => Error(400, "Bad Request: message is too long"),
        _ when body!["chat_id"] is null || body["parse_mode"] is not null => Error(400, "Bad Request: chat not found"),
        _ => null,
    };

    private static (int Status, object Body) Error(int status, string description) => (status, new { ok = false, error_code = status, description });

    private static string MethodOf(HttpRequest request) => request.Path.Value!.Split('/')[^1];
}
