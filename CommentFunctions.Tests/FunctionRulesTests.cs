using System.Reflection;
using CommentFunctions.Data;
using CommentFunctions.Tests.EndToEnd.Support;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Tests;

public class FunctionRulesTests
{
    private static readonly List<MethodInfo> Functions =
        [.. typeof(Comment).Assembly.GetTypes().SelectMany(t => t.GetMethods()).Where(m => m.GetCustomAttribute<FunctionAttribute>() is not null)];

    internal static IEnumerable<string> Names => Functions.Select(f => f.GetCustomAttribute<FunctionAttribute>()!.Name).Order(StringComparer.Ordinal);

    [Fact]
    public void The_app_has_its_functions() => Assert.Equal(
        ["AnswerBotMessage", "DeleteExpiredComments", "DeleteExpiredCommentsOnDemand", "DeliverBotReply", "DescribeSite", "DropDeadLetter", "EraseUser", "GetChatFile",
         "GetChatPage", "GetConversation", "GetDashboard", "GetDashboardFile", "GetExpiryRun", "GetHealth", "GetOpenApi", "GetTelegramWebhook", "GetUser", "ListComments", "ListDeadLetters", "ListExpiryRuns", "ListRecentComments", "PostBotMessage",
         "PostComment", "RemoveTelegramWebhook", "ReplayDeadLetter", "ReplayDeadLetters", "RunExpiry", "SetTelegramWebhook", "SignalWebhook", "TelegramWebhook", "VerifyWhatsAppWebhook",
         "WhatsAppWebhook"],
        Names);

    /// <summary>As the Functions host finds them, which runs each by its name, whatever its case. Those of one resource may share a class.</summary>
    [Fact]
    public void A_function_is_in_a_public_sealed_class_and_has_a_name_of_its_own()
    {
        Assert.All(Functions, f => Assert.True(f is { IsPublic: true, IsStatic: false, DeclaringType: { IsPublic: true, IsSealed: true, IsAbstract: false } }));
        Assert.Distinct(Names, StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public void No_timer_runs_on_startup() => Assert.All(Triggers<TimerTriggerAttribute>(), t => Assert.False(t.RunOnStartup));

    [Fact]
    public void No_route_is_one_that_the_host_refuses() => Assert.All(
        Triggers<HttpTriggerAttribute>(),
        t =>
        {
            Assert.False(t.Route!.StartsWith("admin", StringComparison.OrdinalIgnoreCase));
            Assert.False(t.Route.StartsWith("runtime", StringComparison.OrdinalIgnoreCase));
            Assert.False(t.Route.StartsWith('/'));
        });

    [Theory]
    [InlineData("comments", AuthorizationLevel.Function)]
    [InlineData("expiry-runs", AuthorizationLevel.Function)]
    [InlineData("expiry-runs/{id}", AuthorizationLevel.Function)]
    [InlineData("users/{userName}/comments", AuthorizationLevel.Anonymous)]
    [InlineData("bot/messages", AuthorizationLevel.Anonymous)]
    [InlineData("bot/conversations/{conversation}", AuthorizationLevel.Anonymous)]
    [InlineData("dead-letters/{queue}", AuthorizationLevel.Function)]
    [InlineData("dead-letters/{queue}/replay", AuthorizationLevel.Function)]
    [InlineData("dead-letters/{queue}/{sequenceNumber}/replay", AuthorizationLevel.Function)]
    [InlineData("dead-letters/{queue}/{sequenceNumber}", AuthorizationLevel.Function)]
    [InlineData("users/{userName}", AuthorizationLevel.Function)]
    [InlineData("site", AuthorizationLevel.Function)]
    [InlineData("dashboard", AuthorizationLevel.Anonymous)]
    [InlineData("dashboard/{file}", AuthorizationLevel.Anonymous)]
    [InlineData("chat", AuthorizationLevel.Anonymous)]
    [InlineData("chat/{file}", AuthorizationLevel.Anonymous)]
    [InlineData("health", AuthorizationLevel.Anonymous)]
    [InlineData("openapi.json", AuthorizationLevel.Anonymous)]
    [InlineData("channels/telegram", AuthorizationLevel.Anonymous)]
    [InlineData("channels/telegram/webhook", AuthorizationLevel.Function)]
    [InlineData("channels/whatsapp", AuthorizationLevel.Anonymous)]
    [InlineData("channels/signal", AuthorizationLevel.Anonymous)]
    public void What_changes_or_shows_the_operators_data_takes_a_key(string route, AuthorizationLevel level)
    {
        var triggers = Triggers<HttpTriggerAttribute>().Where(t => t.Route == route).ToList();

        Assert.NotEmpty(triggers);
        Assert.All(triggers, t => Assert.Equal(level, t.AuthLevel));
    }

    /// <summary>Microsoft's host writes the addresses of calls into its telemetry.</summary>
    [Fact]
    public void An_address_that_has_a_persons_name_is_named_with_what_the_host_tells()
    {
        var page = File.ReadAllText(Repository.File("docs/telemetry.md"));
        var routes = Triggers<HttpTriggerAttribute>().Select(t => t.Route!)
            .Where(route => route.Contains("{userName", StringComparison.Ordinal) || route.Contains("{conversation", StringComparison.Ordinal))
            .ToList();

        Assert.NotEmpty(routes);
        Assert.All(routes, route => Assert.Contains($"`/api/{route}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Queue_functions_name_the_setting_that_the_app_sends_by() => Assert.All(Triggers<ServiceBusTriggerAttribute>(), t => Assert.Equal("ServiceBus", t.Connection));

    private static List<T> Triggers<T>()
        where T : Attribute
    {
        List<T> triggers = [.. Functions.SelectMany(f => f.GetParameters()).Select(p => p.GetCustomAttribute<T>()).OfType<T>()];
        Assert.NotEmpty(triggers);
        return triggers;
    }
}
