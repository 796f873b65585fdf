using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace CommentFunctions.Tests.Channels.Support;

/// <summary>signal-cli-rest-api in json-rpc mode, as its API's description and its examples show it.</summary>
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
        var data = new JsonObject { ["timestamp"] = timestamp, ["message"] = text, ["expiresInSeconds"] = 0, ["viewOnce"] = false };
        if (group is not null)
        {
            data["groupInfo"] = new JsonObject { ["groupId"] = group, ["type"] = "DELIVER" };
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
                [kind] = content,
            },
            ["account"] = account,
        },
    }.ToJsonString();

    protected override (int Status, object Body)? Check(HttpRequest request, JsonNode? body)
    {
        if (request.Path != "/v2/send" || (string?)body?["number"] != Number || (string?)body["text_mode"] != "normal" || (string?)body["message"] is not { Length: > 0 })
        {
            return (400, new { error = "Couldn't process request - invalid request" });
        }

        return body["recipients"] is JsonArray { Count: 1 } recipients && IsRecipient((string)recipients[0]!)
            ? null
            : (400, new { error = "Couldn't process request - please provide at least one recipient" });
    }

    protected override Delivered? MessageOf(HttpRequest request, JsonNode? body) => new((string)body!["recipients"]![0]!, (string)body["message"]!);

    protected override (int Status, object Body) Success(HttpRequest request, JsonNode? body) => (201, new { timestamp = "1768478401000" });

    protected override (int Status, object Body) Failure(Trouble trouble) => trouble.Kind switch
    {
        TroubleKind.TooMany => (429, new { error = "Rate limited", challenge_tokens = new[] { "token" }, account = Number }),
        TroubleKind.Refuse => (trouble.Status == 0 ? 400 : trouble.Status, new { error = trouble.Text }),
        _ => (trouble.Status == 0 ? 502 : trouble.Status, "Bad Gateway"),
    };

    // A group's id is decoded twice: once by the REST API, once by signal-cli.
    private static bool IsRecipient(string recipient)
    {
        if (!recipient.StartsWith("group.", StringComparison.Ordinal))
        {
            return Guid.TryParse(recipient, out _);
        }

        var once = new byte[recipient.Length];
        return Convert.TryFromBase64String(recipient["group.".Length..], once, out var length)
            && Convert.TryFromBase64String(Encoding.UTF8.GetString(once, 0, length), new byte[length], out var bytes) && bytes == 32;
    }
}
