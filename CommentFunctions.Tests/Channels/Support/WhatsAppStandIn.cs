using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace CommentFunctions.Tests.Channels.Support;

/// <summary>The Cloud API, as Meta's documentation of the messages endpoint and of its webhooks describes it.</summary>
public sealed class WhatsAppStandIn : StandIn
{
    public const string Token = "EAAJB-access-token";
    public const string Secret = "whatsapp-app-secret";
    public const string VerifyToken = "whatsapp-verify-token";
    public const string PhoneNumberId = "106540352242922";

    /// <summary>The business-scoped user id of a person.</summary>
    public const string UserId = "US.20417863359001254417";

    /// <summary>A group's id.</summary>
    public const string Group = "Y2FwaV9ncm91cDoxNTU1MDEwMDAwMToxMjAzNjM0MDA1NTUwMTAwNDIZD";

    /// <summary>The settings of an app that uses it.</summary>
    public Dictionary<string, string?> Settings => new()
    {
        ["Channels:WhatsApp:AccessToken"] = Token,
        ["Channels:WhatsApp:AppSecret"] = Secret,
        ["Channels:WhatsApp:VerifyToken"] = VerifyToken,
        ["Channels:WhatsApp:PhoneNumberId"] = PhoneNumberId,
        ["Channels:WhatsApp:ApiAddress"] = Address,
        ["Channels:WhatsApp:ApiVersion"] = "v23.0",
    };

    /// <summary>A text message of a person who has a user id as well as a number.</summary>
    public static JsonObject Text(string id, string text, string from = "16505551234", long at = 1768478400) => new()
    {
        ["from"] = from,
        ["from_user_id"] = UserId,
        ["id"] = id,
        ["timestamp"] = at.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["type"] = "text",
        ["text"] = new JsonObject { ["body"] = text },
    };

    /// <summary>A text message of a person who has a username, and whose number Meta keeps to itself.</summary>
    public static JsonObject TextWithoutNumber(string id, string text)
    {
        var message = Text(id, text);
        message.Remove("from");
        return message;
    }

    /// <summary>Messages to the number, with a receipt beside them, as an event.</summary>
    public static string Event(IEnumerable<JsonObject> messages, string number = PhoneNumberId, string field = "messages") => new JsonObject
    {
        ["object"] = "whatsapp_business_account",
        ["entry"] = new JsonArray(
            new JsonObject { ["id"] = "102290129340398", ["changes"] = new JsonArray(Change("messages", number, "statuses", [Receipt()])) },
            new JsonObject { ["id"] = "102290129340398", ["changes"] = new JsonArray([.. messages.Chunk(2).Select(two => Change(field, number, "messages", two))]) }),
    }.ToJsonString();

    /// <summary>What Meta calls when a message that it took does not arrive, as an event.</summary>
    /// <param name="call">The body of the call that sent the message.</param>
    /// <param name="code">The code of the error.</param>
    /// <param name="id">The id that the answer gave the message.</param>
    /// <param name="title">What the error is called.</param>
    /// <param name="details">What is said of it.</param>
    /// <param name="participant">Who of a group did not get it; null where nobody did.</param>
    public static string Failed(string call, int code, string id = "wamid.F=", string title = "Not delivered", string details = "It did not arrive", string? participant = null)
    {
        var sent = JsonNode.Parse(call)!;
        var status = new JsonObject
        {
            ["id"] = id,
            ["status"] = "failed",
            ["timestamp"] = "1768478405",
            ["errors"] = new JsonArray(new JsonObject
            {
                ["code"] = code,
                ["title"] = title,
                ["message"] = title,
                ["error_data"] = new JsonObject { ["details"] = details },
                ["href"] = "https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes",
            }),
        };
        if ((string?)sent["to"] is { } to)
        {
            status["recipient_id"] = to;
        }
        else
        {
            status["recipient_user_id"] = (string?)sent["recipient"];
        }

        if ((string?)sent["recipient_type"] == "group")
        {
            status["recipient_type"] = "group";
            if (participant is not null)
            {
                status["recipient_participant_id"] = participant;
            }
        }

        if ((string?)sent["biz_opaque_callback_data"] is { } given)
        {
            status["biz_opaque_callback_data"] = given;
        }

        var change = Change("messages", PhoneNumberId, "statuses", [status]);
        // Beside a failure they are left out.
        ((JsonObject)change["value"]!).Remove("contacts");
        return new JsonObject
        {
            ["object"] = "whatsapp_business_account",
            ["entry"] = new JsonArray(new JsonObject { ["id"] = "102290129340398", ["changes"] = new JsonArray(change) }),
        }.ToJsonString();
    }

    /// <summary>The signature of a body.</summary>
    public static string Sign(string body, string secret = Secret) =>
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)));

    protected override (int Status, object Body)? Check(HttpRequest request, JsonNode? body)
    {
        if (request.Headers.Authorization != $"Bearer {Token}")
        {
            return Error(401, 190, "Invalid OAuth access token.");
        }

        var known = request.Path == $"/v23.0/{PhoneNumberId}/messages" && (string?)body?["messaging_product"] == "whatsapp"
            && (string?)body["type"] == "text" && (bool?)body["text"]?["preview_url"] == false
            && (string?)body["text"]?["body"] is { Length: > 0 and <= 4096 }
            && (string?)body["biz_opaque_callback_data"] is null or { Length: > 0 and <= 512 }
            && (string?)body["recipient_type"] switch
            {
                "individual" => Filled(body["to"]) || Filled(body["recipient"]),
                "group" => (string?)body["to"] == Group,
                _ => false,
            };
        return known ? null : Error(400, 100, "(#100) Invalid parameter", "The parameter recipient is required.");
    }

    // A user id in place of a number is taken for a number: the answer is a success, and nobody gets the message.
    protected override Delivered? MessageOf(HttpRequest request, JsonNode? body) =>
        (string?)body!["to"] is { } to
            ? to.Contains('.', StringComparison.Ordinal) ? null : new(to, (string)body["text"]!["body"]!)
            : new((string)body["recipient"]!, (string)body["text"]!["body"]!);

    // Whom it was sent to is named as the call did.
    protected override (int Status, object Body) Success(HttpRequest request, JsonNode? body) => (200, new
    {
        messaging_product = "whatsapp",
        contacts = new[]
        {
            (string?)body!["to"] is { } to ? (object)new { input = to, wa_id = to } : new { input = (string?)body["recipient"], user_id = (string?)body["recipient"] },
        },
        messages = new[] { new { id = $"wamid.{Guid.NewGuid():N}" } },
    });

    protected override (int Status, object Body) Failure(Trouble trouble) => trouble.Kind switch
    {
        TroubleKind.TooMany => Error(trouble.Status == 0 ? 429 : trouble.Status, 130429, "(#130429) Rate limit hit", "Too many messages sent from this phone number in a short period of time."),
        TroubleKind.Refuse => Error(trouble.Status == 0 ? 400 : trouble.Status, trouble.Code == 0 ? 131026 : trouble.Code, trouble.Text, trouble.Details),
        _ => Error(trouble.Status == 0 ? 500 : trouble.Status, 131000, "(#131000) Something went wrong", "Message failed to send due to an unknown error."),
    };

    private static JsonObject Change(string field, string number, string what, IEnumerable<JsonObject> items) => new()
    {
        ["field"] = field,
        ["value"] = new JsonObject
        {
            ["messaging_product"] = "whatsapp",
            ["metadata"] = new JsonObject { ["display_phone_number"] = "15550783881", ["phone_number_id"] = number },
            ["contacts"] = new JsonArray(
                new JsonObject { ["profile"] = new JsonObject { ["name"] = "Ines Brandt" }, ["wa_id"] = "16505551234", ["user_id"] = UserId }),
            [what] = new JsonArray([.. items]),
        },
    };

    private static JsonObject Receipt() => new()
    {
        ["id"] = "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBJDRjlBOUM0RUU5QzY0QUQ4QjAA",
        ["status"] = "read",
        ["timestamp"] = "1768478399",
        ["recipient_id"] = "16505551234",
        ["recipient_user_id"] = UserId,
    };

    private static bool Filled(JsonNode? node) => (string?)node is { Length: > 0 };

    private static (int Status, object Body) Error(int status, int code, string message, string? details = null) => (status, new
    {
        error = new
        {
            message,
            type = "OAuthException",
            code,
            error_data = new { messaging_product = "whatsapp", details },
            fbtrace_id = "Az8or2yhqkZfEZ-_4Qn_Bam",
        },
    });
}
