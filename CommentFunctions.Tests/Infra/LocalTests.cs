using CommentFunctions.Tests.EndToEnd.Support;

namespace CommentFunctions.Tests.Infra;

public class LocalTests
{
    private static readonly string Contributing = File.ReadAllText(Repository.File("CONTRIBUTING.md"));

    [Fact]
    public void The_emulator_has_the_queues_of_the_app() => Assert.Empty(LocalRules.Queues(Infrastructure.Real));

    [Theory]
    [InlineData("\"Name\": \"bot-replies\"", "\"Name\": \"replies\"")]
    [InlineData("\"Topics\": []", "\"Subscriptions\": []")]
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
    public void Every_emulator_has_a_version_and_a_check() => Assert.Empty(LocalRules.Services(Infrastructure.Real));

    [Theory]
    [InlineData("azurite:3.37.0\n    # The", "azurite:latest\n    # The")]
    [InlineData("server:2022-CU26-ubuntu-22.04", "server")]
    [InlineData("emulator:vnext-EN20260907", "emulator:vnext-preview")]
    [InlineData("test: curl", "tests: curl")]
    [InlineData("  servicebus-health:", "  health:")]
    public void An_emulator_without_them_is_seen(string text, string mistake) =>
        Assert.Single(LocalRules.Services(Infrastructure.Real.With("local/compose.yaml", text, mistake)));

    [Fact]
    public void Azurite_serves_the_hosts_storage_client() => Assert.Empty(LocalRules.Azurite(Infrastructure.Real, Contributing));

    [Fact]
    public void An_Azurite_that_refuses_it_is_seen()
    {
        const string Flag = " --skipApiVersionCheck";
        Assert.Single(LocalRules.Azurite(Infrastructure.Real.With("local/compose.yaml", Flag, ""), Contributing));
        Assert.Single(LocalRules.Azurite(Infrastructure.Real, Contributing.Replace(Flag, "", StringComparison.Ordinal)));
    }

    [Fact]
    public void Nothing_is_open_to_other_machines() => Assert.All(
        Infrastructure.Real.Files["local/compose.yaml"].Split('\n').Where(line => System.Text.RegularExpressions.Regex.IsMatch(line, @"- [\d.:]+:\d+$")),
        line => Assert.StartsWith("- 127.0.0.1:", line.Trim(), StringComparison.Ordinal));
}
