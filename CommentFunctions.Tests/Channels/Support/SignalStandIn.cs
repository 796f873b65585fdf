using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace CommentFunctions.Tests.Channels.Support;

/// <summary>signal-cli-rest-api in json-rpc mode, as its code and that of signal-cli are; Payloads/Signal has what each of them says.</summary>
public sealed class SignalStandIn : StandIn
{
    public const string Number = "+431212131491291";
    public const string Secret = "signal-secret-5r7k";
    public const string Person = "b73a0708-1b5c-4c3a-9a52-f7f432d7bf6c";
    public const string Group = "mHN1kiXgMXpKz5Ah2l110NLQHzIrYaFuC3c3mzpSoaE=";

    /// <summary>The settings of an app that uses it.</summary>
    public Dictionary<string, string?> Settings => new()
    {
        ["Channels:Signal:ApiAddress"] = Address,
        ["Channels:Signal:Number"] = Number,
        ["Channels:Signal:WebhookSecret"] = Secret,
    };

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
            return (404, "404 page not found");
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

    protected override Delivered? MessageOf(HttpRequest request, JsonNode? body) => new((string)body!["recipients"]![0]!, (string)body["message"]!);

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
}
