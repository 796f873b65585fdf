using CommentFunctions.Bot;
using CommentFunctions.Tests.Support;

namespace CommentFunctions.Tests.Bot;

public class BotCommandTests
{
    [Theory]
    [InlineData("ann", BotCommandKind.Last, "ann")]
    [InlineData("  ann\n", BotCommandKind.Last, "ann")]
    [InlineData("/last ann", BotCommandKind.Last, "ann")]
    [InlineData("/last@comments_bot ann", BotCommandKind.Last, "ann")]
    [InlineData("/LAST\n ann ", BotCommandKind.Last, "ann")]
    [InlineData("/last ann smith", BotCommandKind.Last, "ann smith")]
    [InlineData("ann@example.org", BotCommandKind.Last, "ann@example.org")]
    [InlineData("/last", BotCommandKind.Help, "")]
    [InlineData("/last@comments_bot", BotCommandKind.Help, "")]
    [InlineData("/help", BotCommandKind.Help, "")]
    [InlineData("/help@comments_bot", BotCommandKind.Help, "")]
    [InlineData("/lastann", BotCommandKind.Help, "")]
    [InlineData("/", BotCommandKind.Help, "")]
    [InlineData("/start", BotCommandKind.Start, "")]
    [InlineData("/start@comments_bot", BotCommandKind.Start, "")]
    [InlineData("/start deep-link", BotCommandKind.Start, "")]
    [InlineData("Help", BotCommandKind.LastOrHelp, "Help")]
    public void A_text_is_read_as(string text, BotCommandKind kind, string userName) => Assert.Equal(new BotCommand(kind, userName), BotCommand.Parse(text));

    [Theory]
    [InlineData("/last", "last", null, true)]
    [InlineData("/LAST@Comments_Bot ann", "LAST", "Comments_Bot", true)]
    [InlineData("/help\nme", "help", null, true)]
    [InlineData("/weather@other_bot", "weather", "other_bot", false)]
    [InlineData("/etc/passwd", "etc/passwd", null, false)]
    [InlineData("/", "", null, false)]
    public void A_command_says_whom_it_is_for(string text, string name, string? bot, bool known)
    {
        var command = CommandName.In(text)!.Value;

        Assert.Equal((name, bot, known), (command.Name, command.Bot, command.IsKnown));
        Assert.Null(CommandName.In("x" + text));
    }

    [Theory]
    [InlineData("/start", "Hello. Send me the name of a user")]
    [InlineData("/help", "Send me the name of a user")]
    [InlineData("help", "Send me the name of a user")]
    [InlineData("/last ann", "Last comment for ann was hers")]
    [InlineData("/last bob", "No comments found for user bob")]
    public async Task The_bot_answers(string text, string begin)
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("ann", "hers");

        Assert.StartsWith(begin, await app.AskAsync(text), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_called_help_can_be_asked_for()
    {
        await using var app = await TestApp.StartAsync();
        await app.PostAsync("help", "I am a user");

        Assert.Equal("Last comment for help was I am a user", await app.AskAsync("help"));
    }
}
