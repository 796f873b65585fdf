using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace CommentFunctions.Tests.Channels.Support;

/// <summary>The Bot API, as https://core.telegram.org/bots/api describes it.</summary>
public sealed class TelegramStandIn : StandIn
{
    public const string Token = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11";
    public const string Secret = "telegram-secret_W2v1u123";

    /// <summary>The bot's own name.</summary>
    public const string BotName = "comments_bot";

    // More than 32 bits, as those of new users are.
    private const long Person = 5_000_000_011;

    private readonly Lock gate = new();
    private readonly SortedDictionary<long, string> updates = [];
    private JsonNode? webhook;
    private CancellationTokenSource? poll;

    /// <summary>How many updates wait for somebody who polls: those that no offset confirmed.</summary>
    public int Unconfirmed
    {
        get
        {
            lock (gate)
            {
                return updates.Count;
            }
        }
    }

    /// <summary>What it answers to polls before any update; null for nothing.</summary>
    public Func<(int Status, object Body)?> PollRefusal { get; set; } = () => null;

    /// <summary>How many polls were held to their end, for there was nothing to tell.</summary>
    public int EmptyPolls { get; private set; }

    /// <summary>The bodies of the polls, in order.</summary>
    public IReadOnlyList<string> Polls => [.. Calls.Where(call => call.Line.EndsWith("/getUpdates", StringComparison.Ordinal)).Select(call => call.Body)];

    /// <summary>What it answers to a message before any trouble, such as that its chat is another now; null for nothing.</summary>
    public Func<JsonNode, (int Status, object Body)?> Refusal { get; set; } = _ => null;

    /// <summary>The status with which it does not say who the bot is; 0 where it does.</summary>
    public int NameFailure { get; set; }

    /// <summary>The settings of an app that uses it.</summary>
    public Dictionary<string, string?> Settings => new()
    {
        ["Channels:Telegram:BotToken"] = Token,
        ["Channels:Telegram:WebhookSecret"] = Secret,
        ["Channels:Telegram:ApiAddress"] = Address,
    };

    /// <summary>A text that somebody sent, as an update: alone with the bot, or in a supergroup, whose id is negative.</summary>
    public static string Update(long id, string text, long chat = 1111111, int message = 1365, bool bot = false, long date = 1768478400) => new JsonObject
    {
        ["update_id"] = id,
        ["message"] = new JsonObject
        {
            ["message_id"] = message,
            ["from"] = new JsonObject { ["id"] = chat < 0 ? Person : chat, ["is_bot"] = bot, ["first_name"] = "Test", ["username"] = "test", ["language_code"] = "en" },
            ["chat"] = chat < 0
                ? new JsonObject { ["id"] = chat, ["title"] = "Tests", ["type"] = "supergroup" }
                : new JsonObject { ["id"] = chat, ["first_name"] = "Test", ["username"] = "test", ["type"] = "private" },
            ["date"] = date,
            ["text"] = text,
        },
    }.ToJsonString();

    /// <summary>The settings of an app that polls it, which needs no secret of a webhook.</summary>
    public Dictionary<string, string?> PollingSettings => new()
    {
        ["Channels:Telegram:BotToken"] = Token,
        ["Channels:Telegram:Receive"] = "Polling",
        ["Channels:Telegram:ApiAddress"] = Address,
    };

    /// <summary>Keeps updates for who polls.</summary>
    public void Keep(params IEnumerable<string> texts)
    {
        lock (gate)
        {
            foreach (var text in texts)
            {
                updates.Add((long)JsonNode.Parse(text, null, new() { MaxDepth = text.Length })!["update_id"]!, text);
            }
        }
    }

    /// <summary>The answer that a group has become a supergroup.</summary>
    public static (int Status, object Body) MovedTo(long chat) => (400, new
    {
        ok = false,
        error_code = 400,
        description = "Bad Request: group chat was upgraded to a supergroup chat",
        parameters = new { migrate_to_chat_id = chat },
    });

    /// <summary>A refusal with this description.</summary>
    public static (int Status, object Body) Refused(string description) => Error(400, "Bad Request: " + description);

    protected override (int Status, object Body)? Check(HttpRequest request, JsonNode? body)
    {
        if (!request.Path.StartsWithSegments($"/bot{Token}"))
        {
            return Error(404, "Not Found");
        }

        return MethodOf(request) switch
        {
            "getMe" => NameFailure == 0 ? null : Error(NameFailure, "Not Found"),
            "getWebhookInfo" or "deleteWebhook" => null,
            "getUpdates" => webhook is null
                ? PollRefusal()
                : Error(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"),
            "setWebhook" => (string?)body?["url"] is { } url && url.StartsWith("https://", StringComparison.Ordinal) && (string?)body["secret_token"] == Secret
                ? null
                : Error(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"),
            "sendMessage" => CheckMessage(body) ?? Refusal(body!),
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
            case "deleteWebhook":
                webhook = null;
                return (200, """{"ok":true,"result":true,"description":"Webhook was deleted"}""");
            case "getMe":
                return (200, $$$"""{"ok":true,"result":{"id":123456,"is_bot":true,"first_name":"Comments","username":"{{{BotName}}}","can_join_groups":true,"can_read_all_group_messages":false}}""");
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
                var (chat, isPrivate) = ((long)body!["chat_id"]!, (long)body["chat_id"]! > 0);
                return (200, new JsonObject
                {
                    ["ok"] = true,
                    ["result"] = new JsonObject
                    {
                        ["message_id"] = body["ephemeral_message_parameters"] is null ? 1366 : 0,
                        ["from"] = new JsonObject { ["id"] = 123456, ["is_bot"] = true, ["first_name"] = "Comments", ["username"] = BotName },
                        ["chat"] = isPrivate
                            ? new JsonObject { ["id"] = chat, ["first_name"] = "Test", ["type"] = "private" }
                            : new JsonObject { ["id"] = chat, ["title"] = "Tests", ["type"] = "supergroup" },
                        ["date"] = 1768478401,
                        ["text"] = (string)body["text"]!,
                    },
                }.ToJsonString());
        }
    }

    protected override async Task<(int Status, object Body)> AnswerAsync(HttpRequest request, JsonNode? body, CancellationToken ended)
    {
        if (MethodOf(request) != "getUpdates")
        {
            return Success(request, body);
        }

        using var mine = CancellationTokenSource.CreateLinkedTokenSource(ended);
        lock (gate)
        {
            // Only one polls a bot: a second one ends the first.
            poll?.Cancel();
            poll = mine;
        }

        try
        {
            return await PollAsync(body!, mine.Token);
        }
        catch (OperationCanceledException) when (!ended.IsCancellationRequested)
        {
            return Error(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running");
        }
        finally
        {
            lock (gate)
            {
                poll = poll == mine ? null : poll;
            }
        }
    }

    private async Task<(int Status, object Body)> PollAsync(JsonNode query, CancellationToken cancellationToken)
    {
        var end = DateTime.UtcNow.AddSeconds((int)query["timeout"]!);
        while (true)
        {
            List<string> next;
            lock (gate)
            {
                foreach (var id in updates.Keys.Where(id => id < (long?)query["offset"]).ToList())
                {
                    updates.Remove(id);
                }

                next = [.. updates.Values.Take((int)query["limit"]!)];
            }

            if (next.Count > 0 || DateTime.UtcNow >= end)
            {
                EmptyPolls += next.Count == 0 ? 1 : 0;
                return (200, $$"""{"ok":true,"result":[{{string.Join(',', next)}}]}""");
            }

            await Task.Delay(20, cancellationToken);
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
        // What only one sees is answered for that one alone, and only by a reply to it.
        _ when (body["reply_parameters"]?["ephemeral_message_id"] is null) != (body["ephemeral_message_parameters"] is null) =>
            Error(400, "Bad Request: reply to an ephemeral message must be ephemeral"),
        _ when body["reply_parameters"] is { } reply && (long?)(reply["message_id"] ?? reply["ephemeral_message_id"]) is not (> 0 and <= int.MaxValue) =>
            Error(400, "Bad Request: message to be replied not found"),
        _ => null,
    };

    private static (int Status, object Body) Error(int status, string description) => (status, new { ok = false, error_code = status, description });

    private static string MethodOf(HttpRequest request) => request.Path.Value!.Split('/')[^1];
}
