namespace CommentFunctions.Tests.Infra;

public class LocalTests
{
    [Fact]
    public void The_emulator_has_the_queues_of_the_app() => Assert.Empty(LocalRules.Queues(Infrastructure.Real));

    [Theory]
    [InlineData("\"Name\": \"bot-replies\"", "\"Name\": \"replies\"")]
    [InlineData("\"Name\": \"bot-messages\",", "\"Name\": \"bot-messages\", \"Properties\": { \"RequiresDuplicateDetection\": false } }, { \"Name\": \"x\",")]
    public void Another_queue_is_seen(string text, string mistake) =>
        Assert.NotEmpty(LocalRules.Queues(Infrastructure.Real.With("local/servicebus.json", text, mistake)));

    [Fact]
    public void The_settings_are_those_that_Azure_has() => Assert.Empty(LocalRules.Settings(Infrastructure.Real));

    [Theory]
    [InlineData("\"Comments:Retention\"", "\"Comments:Retain\"")]
    [InlineData("\"ServiceBus\"", "\"Servicebus\"")]
    public void Another_setting_is_seen(string text, string mistake) =>
        Assert.NotEmpty(LocalRules.Settings(Infrastructure.Real.With("local/local.settings.json", text, mistake)));

    [Fact]
    public void Nothing_is_open_to_other_machines() => Assert.All(
        Infrastructure.Real.Files["local/compose.yaml"].Split('\n').Where(line => System.Text.RegularExpressions.Regex.IsMatch(line, @"- [\d.:]+:\d+$")),
        line => Assert.StartsWith("- 127.0.0.1:", line.Trim(), StringComparison.Ordinal));
}
