using System.Text.Json.Nodes;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.EndToEnd.Support;

namespace CommentFunctions.Tests.Channels;

/// <summary>
/// The kinds of updates that Telegram documents, one a file: sources.json says what each is, where it is documented, and what is sent in
/// reply. Each is answered 200, and one that has no reply there has none.
/// </summary>
public sealed class TelegramPayloadTests : ChannelsTests
{
    private static readonly string Folder = Repository.File("CommentFunctions.Tests/Channels/Payloads/Telegram");

    public static TheoryData<string> Files => [.. Table().Select(row => (string)row["file"]!)];

    [Fact]
    public void Each_file_is_in_the_table_with_its_source()
    {
        var files = Directory.GetFiles(Folder).Select(file => Path.GetFileName(file)!).Where(file => file != "sources.json");

        Assert.Equal(files.Order(StringComparer.Ordinal), Table().Select(row => (string)row["file"]!).Order(StringComparer.Ordinal));
        Assert.All(Table(), row => Assert.Matches("^https://core\\.telegram\\.org/(bots/(api|features)#|api/bots/)[a-z-]+$", (string)row["source"]!));
        Assert.All(Table(), row => Assert.NotEmpty((string)row["kind"]!));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task An_update_is_answered_as_its_kind_asks_for(string file)
    {
        var update = await File.ReadAllTextAsync(Path.Combine(Folder, file));
        App.Clock.Now = DateTimeOffset.FromUnixTimeSeconds(1768478400);

        Assert.Equal(200, (await Channels.TelegramAsync(update)).Status);
        await App.ReplyToAllAsync();

        var expected = Table().Single(row => (string?)row["file"] == file)["sent"]?.ToJsonString();
        Assert.Equal(
            expected is null ? [] : [expected],
            Telegram.Calls.Where(call => call.Line.EndsWith("/sendMessage", StringComparison.Ordinal)).Select(call => JsonNode.Parse(call.Body)!.ToJsonString()));
        Assert.Equal(expected is null ? 0 : 1, Telegram.Count);
    }

    private static IEnumerable<JsonNode> Table() =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "sources.json")))!.AsArray().Select(row => row!);
}
