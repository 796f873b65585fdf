using CommentFunctions.Health;
using CommentFunctions.Tests.Support;

namespace CommentFunctions.Tests.Health;

public class MistypedSettingsTests
{
    [Theory]
    [InlineData("CommentExpiryShedule", "CommentExpirySchedule")]
    [InlineData("COMMENTEXPIRYSCHEDUL", "CommentExpirySchedule")]
    [InlineData("Coments:Retention", "Comments:Retention")]
    [InlineData("COMMENTS_RETENTION", "Comments:Retention")]
    [InlineData("Chanels:Telegram:BotToken", "Channels:Telegram:BotToken")]
    [InlineData("AzureWebJobs.DeleteExpiredComment.Disabled", "AzureWebJobs.DeleteExpiredComments.Disabled")]
    [InlineData("AzureWebJobs_AnswerBotMessages_Disabled", "AzureWebJobs_AnswerBotMessage_Disabled")]
    [InlineData("AzureWebJobs:DeliverBotReplies:Disabled", "AzureWebJobs:DeliverBotReply:Disabled")]
    public async Task A_name_that_is_nearly_a_settings_is_warned_of_once(string name, string meant) => Assert.Equal(
        [$"{name} is set, and the app has no such setting: it does nothing. If {meant} is meant, correct the name."], await WarningsAsync(name));

    [Theory]
    [InlineData("CommentExpirySchedule", "0 0 4 * * *")]
    [InlineData("commentexpiryschedule", "0 0 4 * * *")]
    [InlineData("Comments:Retention", "12:00:00")]
    [InlineData("AzureWebJobs.DeleteExpiredComments.Disabled", "true")]
    [InlineData("azurewebjobs_deleteexpiredcomments_disabled", "true")]
    [InlineData("AzureWebJobsStorage", "x")]
    [InlineData("AzureWebJobsDashboard", "x")]
    [InlineData("AzureWebJobsSecretStorageType", "x")]
    [InlineData("AzureWebJobs:ServiceBus:Connection", "x")]
    [InlineData("ServiceBus", "x")]
    [InlineData("SERVICE_BUS", "x")]
    [InlineData("ServiceBus:fullyQualifiedNamespace", "x")]
    [InlineData("Schedule", "x")]
    [InlineData("COMMENTS", "x")]
    [InlineData("DATABASE", "x")]
    [InlineData("FUNCTIONS_WORKER_RUNTIME", "x")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "x")]
    public async Task Other_names_are_not(string name, string value) => Assert.Empty(await WarningsAsync(name, value));

    [Fact]
    public async Task Nor_is_any_variable_of_this_environment() => Assert.Empty(await WarningsAsync(
        [.. Environment.GetEnvironmentVariables().Keys.Cast<string>().Select(name => (name.Replace("__", ":", StringComparison.Ordinal), "x"))]));

    private static Task<IReadOnlyList<string>> WarningsAsync(string name, string value = "x") => WarningsAsync([(name, value)]);

    private static async Task<IReadOnlyList<string>> WarningsAsync((string Name, string Value)[] settings)
    {
        using var log = new LogLines(typeof(MistypedSettings).FullName!);
        await using var app = await TestApp.StartAsync(settings.ToDictionary(s => s.Name, s => (string?)s.Value), log: log);
        return log.Lines;
    }
}
