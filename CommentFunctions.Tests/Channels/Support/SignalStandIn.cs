using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace CommentFunctions.Tests.Channels.Support;

/// <summary>signal-cli-rest-api, as its code and that of signal-cli are; Payloads/Signal has what each of them says.</summary>
public sealed class SignalStandIn : StandIn
{
    public const string Number = "+431212131491291";
    public const string Secret = "signal-secret-5r7k";
    public const string Person = "b73a0708-1b5c-4c3a-9a52-f7f432d7bf6c";
    public const string Group = "mHN1kiXgMXpKz5Ah2l110NLQHzIrYaFuC3c3mzpSoaE=";

    private static readonly string[] ReceiveQuery =
        ["timeout", "max_messages", "ignore_attachments", "ignore_stories", "ignore_avatars", "ignore_stickers", "send_read_receipts"];

    private readonly SemaphoreSlim account = new(1);
    private readonly ConcurrentQueue<string> receives = new();
    private int running;

    /// <summary>How it was started: normal and native, which start signal-cli at each call, or json-rpc.</summary>
    public string Mode { get; set; } = "json-rpc";

    /// <summary>What waits for the account.</summary>
    public SignalMailbox Mailbox { get; } = new();

    /// <summary>The WebSockets, in json-rpc mode.</summary>
    public SignalSockets Sockets { get; } = new();

    /// <summary>The accounts that were registered or linked.</summary>
    public string[] Accounts { get; set; } = [Number];

    /// <summary>The query of each call that asks for what was received.</summary>
    public IReadOnlyList<string> Receives => [.. receives];

    /// <summary>What it answers to each question that comes up in polling, before all else; null for the usual.</summary>
    public Func<(int Status, object Body)?> PollRefusal { get; set; } = () => null;

    /// <summary>What becomes of what was received, as an answer; null for the usual one.</summary>
    public Func<IReadOnlyList<string>, (int Status, object Body)?> Output { get; set; } = _ => null;

    /// <summary>Holds back the answers with what was received.</summary>
    public Gate ReceiveGate { get; } = new();

    /// <summary>How many processes of signal-cli there are for the account.</summary>
    public int Running => Volatile.Read(ref running);

    /// <summary>How many processes of signal-cli there were for the account at once, of which all but one waited.</summary>
    public int MostAtOnce { get; private set; }

    /// <summary>How long it takes to do anything for the account.</summary>
    public TimeSpan Takes { get; set; }

    /// <summary>The settings of an app that polls it, which needs no secret of a webhook.</summary>
    public Dictionary<string, string?> PollingSettings => new()
    {
        ["Channels:Signal:ApiAddress"] = Address,
        ["Channels:Signal:Number"] = Number,
        ["Channels:Signal:Receive"] = "Polling",
    };

    /// <summary>The settings of an app that uses it.</summary>
    public Dictionary<string, string?> Settings => new()
    {
        ["Channels:Signal:ApiAddress"] = Address,
        ["Channels:Signal:Number"] = Number,
        ["Channels:Signal:WebhookSecret"] = Secret,
    };

    /// <summary>One of many people.</summary>
    public static string PersonOf(int id) => new Guid(id, 0, 0, new byte[8]).ToString();

    /// <summary>A text that somebody sent, as it is posted.</summary>
    public static string Received(long timestamp, string text, string person = Person, string? group = null, string account = Number)
    {
        var data = new JsonObject
        {
            ["timestamp"] = timestamp,
            ["message"] = text,
            ["expiresInSeconds"] = 0,
            ["isExpirationUpdate"] = false,
            ["viewOnce"] = false,
        };
        if (group is not null)
        {
            data["groupInfo"] = new JsonObject { ["groupId"] = group, ["groupName"] = "Readers", ["revision"] = 7, ["type"] = "DELIVER" };
        }

        return Envelope(timestamp, "dataMessage", data, person, account);
    }

    /// <summary>Anything that an account receives, as it is posted.</summary>
    public static string Envelope(long timestamp, string kind, JsonObject content, string person = Person, string account = Number) => new JsonObject
    {
        ["jsonrpc"] = "2.0",
        ["method"] = "receive",
        ["params"] = new JsonObject
        {
            ["envelope"] = new JsonObject
            {
                ["source"] = person,
                ["sourceNumber"] = null,
                ["sourceUuid"] = person,
                ["sourceName"] = "Test",
                ["sourceDevice"] = 1,
                ["timestamp"] = timestamp,
                ["serverReceivedTimestamp"] = timestamp + 312,
                ["serverDeliveredTimestamp"] = timestamp + 498,
                [kind] = content,
            },
            ["account"] = account,
        },
    }.ToJsonString();

    /// <summary>A trouble that is this answer.</summary>
    public static Trouble Answer(int status, string json) => new(TroubleKind.Refuse, Status: status, Text: json);

    protected override (int Status, object Body)? Check(HttpRequest request, JsonNode? body)
    {
        if (request.Path != "/v2/send")
        {
            return CheckPoll(request);
        }

        // The service itself sends to the own account too unless it is told not to.
        if ((string?)body?["text_mode"] != "normal" || (bool?)body["notify_self"] != false)
        {
            return Error("Couldn't process request - invalid request");
        }

        if (body["recipients"] is not JsonArray { Count: 1 } recipients)
        {
            return Error("Couldn't process request - please provide at least one recipient");
        }

        if ((string?)body["number"] != Number)
        {
            return Error("Specified account does not exist");
        }

        if ((string?)body["message"] is not { Length: > 0 })
        {
            return Error("Sending empty message is not allowed, either a message, attachment or sticker must be given.");
        }

        return IsRecipient((string)recipients[0]!) ? null : Error($"Invalid identifier {recipients[0]}");
    }

    protected override async Task<bool> TalkAsync(HttpContext http)
    {
        // Whatever the number is, even one that is not there.
        var opens = Mode == "json-rpc" && http.WebSockets.IsWebSocketRequest && IsReceive(http.Request) && PollRefusal() is null;
        if (opens)
        {
            await Sockets.TalkAsync(http, Stopping);
        }

        return opens;
    }

    protected override async Task<IDisposable?> BeginAsync(HttpRequest request)
    {
        // Each call starts a process, and signal-cli locks the account.
        if (Mode == "json-rpc" || (request.Path != "/v2/send" && !IsReceive(request)))
        {
            return null;
        }

        MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref running));
        await account.WaitAsync(Stopping);
        await Task.Delay(Takes, Stopping);
        return new Run(this);
    }

    protected override async Task<(int Status, object Body)> AnswerAsync(HttpRequest request, JsonNode? body, CancellationToken ended)
    {
        if (request.Path == "/v1/accounts")
        {
            return (200, Accounts);
        }

        if (!IsReceive(request))
        {
            return (200, new JsonObject { ["versions"] = new JsonArray("v1", "v2"), ["build"] = 2, ["mode"] = Mode, ["version"] = "0.99" }.ToJsonString());
        }

        receives.Enqueue(request.QueryString.Value!);
        // Also for a caller that is gone.
        var received = await Mailbox.ReceiveAsync(
            TimeSpan.FromSeconds(int.Parse(request.Query["timeout"]!, CultureInfo.InvariantCulture)),
            int.Parse(request.Query["max_messages"]!, CultureInfo.InvariantCulture),
            Stopping);
        await ReceiveGate.PassAsync(Stopping);
        return Output(received) ?? (200, $"[{string.Join(',', received)}]");
    }

    protected override Delivered? MessageOf(HttpRequest request, JsonNode? body) =>
        request.Path == "/v2/send" ? new((string)body!["recipients"]![0]!, (string)body["message"]!) : null;

    protected override (int Status, object Body) Success(HttpRequest request, JsonNode? body) => (201, new[] { new { timestamp = "1768478401000" } });

    protected override (int Status, object Body) Failure(Trouble trouble) => trouble.Kind switch
    {
        // An empty token is that of a limit that no captcha lifts; signal-cli's tokens are UUIDs.
        TroubleKind.TooMany => (429, new
        {
            error = "Failed to send message due to rate limiting. "
                + "Use the attached challenge tokens to lift the rate limit restrictions via the '/v1/accounts/{number}/rate-limit-challenge' endpoint.",
            challenge_tokens = new[] { Guid.TryParse(trouble.Text, out _) ? trouble.Text : "" },
            account = Number,
        }),
        TroubleKind.Refuse when trouble.Text[0] is '{' or '[' => (trouble.Status, trouble.Text),
        TroubleKind.Refuse => Error(trouble.Text),
        _ when trouble.Status > 0 => (trouble.Status, "<html>of something in between</html>"),
        _ => Error($"Failed to send message: {trouble.Text} (SocketException)"),
    };

    private (int Status, object Body)? CheckPoll(HttpRequest request) => request.Path.Value switch
    {
        _ when request.Method != "GET" => (404, "404 page not found"),
        "/v1/about" or "/v1/accounts" => PollRefusal(),
        _ when !IsReceive(request) => (404, "404 page not found"),
        _ when Mode == "json-rpc" => Error("websocket: the client is not using the websocket protocol: 'upgrade' token not found in 'Connection' header"),
        // The service would take no notice of a name that it does not know.
        _ when request.Query.Keys.Except(ReceiveQuery).Any() => Error("Couldn't process request"),
        var path when path != $"/v1/receive/{Number}" => Error($"User {path!.Split('/')[^1]} is not registered.\n"),
        _ => PollRefusal(),
    };

    private static bool IsReceive(HttpRequest request) => request.Path.StartsWithSegments("/v1/receive");

    private static (int Status, object Body) Error(string text) => (400, new { error = text });

    // A group's id is decoded twice: once by the REST API, once by signal-cli.
    private static bool IsRecipient(string recipient)
    {
        if (!recipient.StartsWith("group.", StringComparison.Ordinal))
        {
            return Guid.TryParse(recipient, out _) || (recipient[0] == '+' && recipient.Skip(1).All(char.IsAsciiDigit));
        }

        var once = new byte[recipient.Length];
        return Convert.TryFromBase64String(recipient["group.".Length..], once, out var length)
            && Convert.TryFromBase64String(Encoding.UTF8.GetString(once, 0, length), new byte[length], out var bytes) && bytes == 32;
    }

    private sealed class Run(SignalStandIn service) : IDisposable
    {
        public void Dispose()
        {
            Interlocked.Decrement(ref service.running);
            service.account.Release();
        }
    }
}
