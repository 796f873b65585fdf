using System.Net;
using System.Text;
using CommentFunctions.Tests.Channels.Support;

namespace CommentFunctions.Tests.EndToEnd.Support;

/// <summary>What a service does to a webhook of the app.</summary>
/// <param name="Path">The webhook.</param>
/// <param name="Body">The body.</param>
/// <param name="Header">The header that lets it in, and its value.</param>
/// <param name="Users">The users that its messages ask for; each message of a test asks for another one.</param>
/// <param name="Status">What the app has to answer.</param>
internal sealed record WebhookCall(string Path, string Body, (string Name, string Value) Header, string[] Users, HttpStatusCode Status)
{
    /// <summary>Whether its messages are to be answered.</summary>
    public bool IsGenuine => Status == HttpStatusCode.OK;

    /// <summary>Makes the call; false where the app did not answer.</summary>
    public async Task<bool> SendAsync(HttpClient http)
    {
        using var content = new StringContent(Body, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = content };
        request.Headers.Add(Header.Name, Header.Value);
        try
        {
            using var answer = await http.SendAsync(request);
            Assert.True(answer.StatusCode == Status, $"{(int)answer.StatusCode} instead of {(int)Status} to {Body}: {await answer.Content.ReadAsStringAsync()}");
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return false;
        }
    }
}

/// <summary>Makes calls of the webhooks, by the numbers of a seed.</summary>
internal sealed class WebhookCalls(int seed)
{
    private readonly Random random = new(seed);
    private int last;

    /// <summary>So many calls, of which a tenth are repeats of earlier ones, a twentieth have a wrong signature and a twentieth a malformed body.</summary>
    public List<WebhookCall> Mixed(int count)
    {
        var kinds = Enumerable.Range(0, count).Select(i => i % 20).ToArray();
        random.Shuffle(kinds);
        List<WebhookCall> calls = [];
        List<WebhookCall> genuine = [Genuine()];
        foreach (var kind in kinds)
        {
            calls.Add(kind switch
            {
                0 or 1 => genuine[random.Next(genuine.Count)],
                2 => WithBadSignature(Genuine()),
                3 => Malformed(),
                _ => Genuine(),
            });
            if (kind > 3)
            {
                genuine.Add(calls[^1]);
            }
        }

        // The one that was there to be repeated, should a repeat have come first.
        return [genuine[0], .. calls.Skip(1)];
    }

    private WebhookCall Genuine() => random.Next(3) switch
    {
        0 => Telegram(),
        1 => WhatsApp(),
        _ => Signal(),
    };

    private WebhookCall Telegram()
    {
        var id = ++last;
        var user = $"telegram{id}";
        var text = random.Next(2) == 0 ? user : $"/last@comments_bot {user}";
        var body = TelegramStandIn.Update(700_000_000L + id, text, 5_000_000_000L + id, id);
        return new("api/channels/telegram", body, ("X-Telegram-Bot-Api-Secret-Token", TelegramStandIn.Secret), [user], HttpStatusCode.OK);
    }

    private WebhookCall WhatsApp()
    {
        var users = Enumerable.Range(0, random.Next(8) == 0 ? 3 : 1).Select(_ => $"whatsapp{++last}").ToArray();
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return Signed(WhatsAppStandIn.Event(users.Select(user => WhatsAppStandIn.Text($"wamid.{user}", user, at: now))), users, HttpStatusCode.OK);
    }

    private WebhookCall Signal()
    {
        var id = ++last;
        var body = SignalStandIn.Received(1_768_478_400_000 + id, $"signal{id}", group: random.Next(4) == 0 ? SignalStandIn.Group : null);
        var password = Convert.ToBase64String(Encoding.UTF8.GetBytes($"bot:{SignalStandIn.Secret}"));
        return new("api/channels/signal", body, ("Authorization", $"Basic {password}"), [$"signal{id}"], HttpStatusCode.OK);
    }

    private static WebhookCall WithBadSignature(WebhookCall call) => call with
    {
        Header = (call.Header.Name, call.Header.Value[..^4] + "0aA="),
        Status = HttpStatusCode.Unauthorized,
    };

    private WebhookCall Malformed()
    {
        var call = Genuine();
        var body = call.Body[..random.Next(call.Body.Length)];
        return call.Path.EndsWith("whatsapp", StringComparison.Ordinal)
            ? Signed(body, call.Users, HttpStatusCode.BadRequest)
            : call with { Body = body, Status = HttpStatusCode.BadRequest };
    }

    private static WebhookCall Signed(string body, string[] users, HttpStatusCode status) =>
        new("api/channels/whatsapp", body, ("X-Hub-Signature-256", WhatsAppStandIn.Sign(body)), users, status);
}
