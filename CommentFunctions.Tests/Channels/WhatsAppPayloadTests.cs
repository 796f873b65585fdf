using CommentFunctions.Bot;
using CommentFunctions.Channels.WhatsApp;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.Channels;

/// <summary>Each kind of call that Meta documents: one file, with what the app makes of it and its source in the table beside it.</summary>
public sealed class WhatsAppPayloadTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Channels", "Payloads", "WhatsApp");

    private static readonly IReadOnlyList<Payload> Table = [.. ReadTable()];

    public static TheoryData<string> Files => [.. Table.Select(payload => payload.File)];

    [Fact]
    public void Each_file_has_its_line_with_a_source_of_Metas_and_each_line_its_file()
    {
        Assert.Equal(Directory.GetFiles(Folder, "*.json").Select(Path.GetFileName).Order(), Table.Select(payload => payload.File).Order());
        Assert.All(Table, payload => Assert.StartsWith("https://developers.facebook.com/documentation/business-messaging/whatsapp/", payload.Source, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_call_is_taken_and_comes_to_what_the_table_says(string file)
    {
        var log = new LogLines(typeof(WhatsAppWebhook).FullName!, LogLevel.Trace);
        await using var app = await TestApp.StartAsync(new(Settings), log: log);
        var body = await File.ReadAllTextAsync(Path.Combine(Folder, file));

        var answer = await app.SendAsync<WhatsAppWebhook>(
            HttpCalls.Post("/api/channels/whatsapp", body).With("X-Hub-Signature-256", WhatsAppStandIn.Sign(body)), (f, r) => f.RunAsync(r, default));

        Assert.Equal(200, answer.Status);
        Assert.Equal(Table.Single(payload => payload.File == file).Outcome, OutcomeOf(app));
        Assert.DoesNotContain(log.Lines, line => line.Contains("could not be read", StringComparison.Ordinal));
    }

    private static IEnumerable<KeyValuePair<string, string?>> Settings =>
    [
        new("Channels:WhatsApp:AccessToken", WhatsAppStandIn.Token),
        new("Channels:WhatsApp:AppSecret", WhatsAppStandIn.Secret),
        new("Channels:WhatsApp:VerifyToken", WhatsAppStandIn.VerifyToken),
        new("Channels:WhatsApp:PhoneNumberId", WhatsAppStandIn.PhoneNumberId),
    ];

    private static string OutcomeOf(TestApp app)
    {
        var asked = app.Sent.To(QueueNames.Messages).Select(m => m.Body.ToObjectFromJson<BotMessage>(ApiJson.Reading)!).Select(m => $"{m.Text} to {m.Conversation}");
        var failed = app.Sent.To(QueueNames.Replies).Select(m => DeliveryFailure.Of(BotMessages.Received(m))!).Select(f => $"failure of {f.ReplyId}");
        return string.Join("; ", asked.Concat(failed).DefaultIfEmpty("nothing"));
    }

    // Lines of the form | `file` | `outcome` | source |.
    private static IEnumerable<Payload> ReadTable() =>
        from line in File.ReadLines(Path.Combine(Folder, "README.md"))
        where line.StartsWith("| `", StringComparison.Ordinal)
        select line.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) into cells
        select new Payload(cells[0].Trim('`'), cells[1].Trim('`'), cells[2]);

    private sealed record Payload(string File, string Outcome, string Source);
}
