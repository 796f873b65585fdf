using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.EndToEnd.Support;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>What an app does with callers who make many calls; loopback has addresses for as many callers as it takes.</summary>
public sealed class RequestLimitTests : IDisposable
{
    private readonly AppFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_flood_from_one_address_leaves_the_bot_answering_others()
    {
        await using var app = await AppProcess.ServeAsync(
            folder, ("RequestLimits__PerSecondPerAddress", "5"), ("RequestLimits__PerSecondPerConversation", "0"));
        using var others = From("127.0.0.2", app);
        using var flood = new CancellationTokenSource();
        var start = Stopwatch.GetTimestamp();
        var flooding = Enumerable.Range(0, 8).Select(i => FloodAsync(app, $"flood{i}", flood.Token)).ToList();

        for (var i = 0; i < 3; i++)
        {
            await AskAsync(others, $"conversation{i}");
        }

        await flood.CancelAsync();
        var answered = (await Task.WhenAll(flooding)).Sum();
        // What the bucket holds, and what came into it; the clocks of the two processes are one.
        Assert.InRange(answered, 1, (5 * 5) + (5 * (Stopwatch.GetElapsedTime(start).TotalSeconds + 1)));
        Assert.Single(app.Output.Split('\n'), line => line.Contains("Calls are answered 429: the address 127.0.0.1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_conversation_has_a_limit_that_nobody_else_can_use_up()
    {
        await using var app = await AppProcess.ServeAsync(
            folder, ("RequestLimits__PerSecondPerAddress", "0"), ("RequestLimits__PerSecondPerConversation", "1"));
        using var other = From("127.0.0.2", app);

        using var refused = await UntilRefusedAsync(() => app.Http.GetAsync("api/bot/conversations/shared"));

        await AssertRefusedAsync(refused);
        await AssertRefusedAsync(await UntilRefusedAsync(() => app.Http.PostAsJsonAsync("api/bot/messages", new { conversation = "shared", text = "ann" })));
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("api/bot/conversations/another")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("api/bot/conversations/shared")).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await other.PostAsJsonAsync("api/bot/messages", new { conversation = "shared", text = "ann" })).StatusCode);
    }

    [Fact]
    public async Task A_service_that_shows_its_secret_has_no_limit_and_who_does_not_has_one()
    {
        await using var telegram = await StandIn.StartAsync<TelegramStandIn>();
        await using var whatsApp = await StandIn.StartAsync<WhatsAppStandIn>();
        await using var app = await AppProcess.ServeAsync(
            folder,
            [("RequestLimits__PerSecondPerAddress", "1"), .. telegram.Settings.Concat(whatsApp.Settings).Select(s => (s.Key.Replace(":", "__", StringComparison.Ordinal), s.Value!))]);

        await AssertRefusedAsync(await UntilRefusedAsync(() => TelegramAsync(app, 1, "another-secret")));
        await AssertRefusedAsync(await UntilRefusedAsync(() => WhatsAppAsync(app, "{}", "another")));
        await AssertRefusedAsync(await UntilRefusedAsync(() => app.Http.GetAsync("api/channels/whatsapp?hub.verify_token=guessed")));
        await AssertRefusedAsync(await UntilRefusedAsync(() => app.Http.PostAsync("api/channels/signal", null)));

        for (var i = 0; i < 40; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await TelegramAsync(app, i, TelegramStandIn.Secret)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await WhatsAppAsync(app, WhatsAppStandIn.Event([WhatsAppStandIn.Text($"wamid.{i}", "ann")]), WhatsAppStandIn.Secret)).StatusCode);
        }
    }

    /// <summary>Who calls with a body of millions of bytes and a signature of nothing has the app read them, but not again and again.</summary>
    [Fact]
    public async Task A_large_body_is_not_read_from_where_too_many_came_without_the_secret()
    {
        await using var whatsApp = await StandIn.StartAsync<WhatsAppStandIn>();
        await using var app = await AppProcess.ServeAsync(
            folder, [("RequestLimits__PerSecondPerAddress", "1"), .. whatsApp.Settings.Select(s => (s.Key.Replace(":", "__", StringComparison.Ordinal), s.Value!))]);
        string? line = null;

        // A second lets one more in, which is rarely this one.
        for (var attempt = 0; line is null && attempt < 5; attempt++)
        {
            using var caller = new TcpClient();
            await caller.ConnectAsync(app.Http.BaseAddress!.Host, app.Http.BaseAddress.Port);
            using var reader = new StreamReader(caller.GetStream());
            await UntilRefusedAsync(() => WhatsAppAsync(app, "{}", "another"));
            await caller.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /api/channels/whatsapp HTTP/1.1\r\nHost: localhost\r\nX-Hub-Signature-256: {WhatsAppStandIn.Sign("x")}\r\nContent-Length: 3000000\r\n\r\n"));
            // Of the body nothing is sent: an app that waits for it does not answer.
            var answer = reader.ReadLineAsync();
            line = await Task.WhenAny(answer, Task.Delay(TimeSpan.FromSeconds(5))) == answer ? await answer : null;
        }

        Assert.Equal("HTTP/1.1 429 Too Many Requests", line);
    }

    private static HttpClient From(string address, AppProcess app)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancel) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return new(handler) { BaseAddress = app.Http.BaseAddress, Timeout = TimeSpan.FromSeconds(60) };
    }

    // How many calls were answered other than by 429.
    private static async Task<int> FloodAsync(AppProcess app, string conversation, CancellationToken cancellationToken)
    {
        var answered = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            using var answer = await app.Http.GetAsync($"api/bot/conversations/{conversation}", CancellationToken.None);
            answered += answer.StatusCode == HttpStatusCode.TooManyRequests ? 0 : 1;
            // Hundreds a second are many enough, and leave the processors to other tests.
            await Task.Delay(10, CancellationToken.None);
        }

        return answered;
    }

    private static async Task AskAsync(HttpClient http, string conversation)
    {
        (await http.PostAsJsonAsync("api/bot/messages", new { conversation, text = "ann" })).EnsureSuccessStatusCode();
        await AppClient.EventuallyAsync(
            async () => (await http.RepliesAsync(conversation)).Count == 1, () => $"a reply in {conversation}", pause: 500);
    }

    private static async Task<HttpResponseMessage> UntilRefusedAsync(Func<Task<HttpResponseMessage>> call)
    {
        for (var i = 0; i < 200; i++)
        {
            var answer = await call();
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                return answer;
            }

            answer.Dispose();
        }

        throw new InvalidOperationException("200 calls were answered, and none refused.");
    }

    private static async Task AssertRefusedAsync(HttpResponseMessage answer)
    {
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(("application/problem+json", 429), (answer.Content.Headers.ContentType?.MediaType, problem.GetProperty("status").GetInt32()));
        var seconds = answer.Headers.RetryAfter?.Delta?.TotalSeconds;
        Assert.InRange(seconds ?? 0, 1, 5);
        Assert.Equal($"More calls came from there than are answered. Try again after {seconds} s.", problem.GetProperty("detail").GetString());
        answer.Dispose();
    }

    private static Task<HttpResponseMessage> TelegramAsync(AppProcess app, int id, string secret) =>
        PostAsync(app, "telegram", TelegramStandIn.Update(id, "ann"), "X-Telegram-Bot-Api-Secret-Token", secret);

    private static Task<HttpResponseMessage> WhatsAppAsync(AppProcess app, string body, string secret) =>
        PostAsync(app, "whatsapp", body, "X-Hub-Signature-256", WhatsAppStandIn.Sign(body, secret));

    private static async Task<HttpResponseMessage> PostAsync(AppProcess app, string channel, string body, string header, string value)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"api/channels/{channel}") { Content = content };
        request.Headers.Add(header, value);
        return await app.Http.SendAsync(request);
    }
}
