using CommentFunctions.Tests.LocalRuntime.Support;
using Functions.LocalRuntime.Indexing;
using Functions.LocalRuntime.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace CommentFunctions.Tests.LocalRuntime.Indexing;

public sealed class IndexingTests
{
    [Fact]
    public void Functions_are_found_and_described_in_the_order_of_their_names()
    {
        var functions = Index([typeof(Good)], ("Nightly", "0 0 3 * * *"), ("Orders", "orders-queue"));

        Assert.Equal(
            [("Act", "httpTrigger", "POST /api/things/{id:int}"), ("Default", "httpTrigger", "ANY /api/Default"), ("Nightly", "timerTrigger", "0 0 3 * * *"), ("Work", "serviceBusTrigger", "orders-queue")],
            functions.Select(function => (function.Name, function.Trigger.Type, function.Trigger.Source)));
        Assert.All(functions, function => Assert.False(function.Disabled));
        Assert.Equal($"{typeof(Good).FullName}.Act", functions[0].EntryPoint);
        Assert.Equal("httpTrigger", functions[0].InputBindings["request"].Type);
    }

    [Theory]
    [InlineData("", "things")]
    [InlineData("v1", "v1/things")]
    [InlineData("/v1/", "v1/things")]
    public void The_prefix_of_host_json_begins_every_route(string prefix, string route)
    {
        var function = Assert.Single(Index([typeof(Slashed)], $$"""{ "extensions": { "http": { "routePrefix": "{{prefix}}" } } }"""));

        Assert.Equal(route, ((HttpTrigger)function.Trigger).Route);
    }

    [Fact]
    public void A_setting_may_be_a_part_of_a_text_and_have_a_section()
    {
        var function = Assert.Single(Index([typeof(InSection)], ("Schedules:Hour", "3")));
        Assert.Equal("0 0 3 * * *", function.Trigger.Source);

        function = Assert.Single(Index([typeof(InEnvironmentSection)], ("Schedules:Hour", "4")));
        Assert.Equal("0 0 4 * * *", function.Trigger.Source);
    }

    [Theory]
    [InlineData("*/5 * * * *", "2026-03-10T12:05:00Z")]
    [InlineData("*/5 * * * * *", "2026-03-10T12:00:05Z")]
    [InlineData("0 0 3 * * *", "2026-03-11T03:00:00Z")]
    [InlineData("0 3 * * *", "2026-03-11T03:00:00Z")]
    [InlineData("  0  0 3  * * * ", "2026-03-11T03:00:00Z")]
    [InlineData("0 0 0 29 2 *", "2028-02-29T00:00:00Z")]
    [InlineData("0 30 9 * Jan Mon-Fri", "2027-01-01T09:30:00Z")]
    public void A_schedule_has_five_fields_or_six_with_seconds_first(string text, string next)
    {
        Assert.True(TimerSchedule.TryParse(text, out var schedule, out _));
        Assert.Equal(DateTimeOffset.Parse(next, null), schedule.Next(new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero)));
    }

    [Theory]
    [InlineData("", "is not a cron text")]
    [InlineData("daily", "is not a cron text")]
    [InlineData("0 3 * *", "is not a cron text")]
    [InlineData("0\t0\t3\t*\t*\t*", "is not a cron text")]
    [InlineData("0 0\t3 * * *", "is not a cron text: '0\t3' is not a valid [Hour] crontab field expression")]
    [InlineData("0 0 0 3 * * *", "is not a cron text")]
    [InlineData("0 0 25 * * *", "is not a cron text: 25 is higher than the maximum allowable value for the [Hour] field. Value must be between 0 and 23 (all inclusive)")]
    [InlineData("0 25 * * *", "is not a cron text: 25 is higher than the maximum allowable value for the [Hour] field. Value must be between 0 and 23 (all inclusive)")]
    [InlineData("0 0 3 0 * *", "is not a cron text: 0 is lower than the minimum allowable value for the [Day] field. Value must be between 1 and 31 (all inclusive)")]
    [InlineData("60 0 3 * * *", "is not a cron text: 60 is higher than the maximum allowable value for the [Second] field. Value must be between 0 and 59 (all inclusive)")]
    [InlineData("00:05:00", "is not a cron text")]
    [InlineData("0 0 0 30 2 *", "never comes due")]
    [InlineData("0 0 0 31 2,4 *", "never comes due")]
    public void Another_text_or_one_that_never_comes_due_is_no_schedule(string text, string problem)
    {
        Assert.False(TimerSchedule.TryParse(text, out _, out var told));
        Assert.Equal(problem, told);
    }

    [Theory]
    [InlineData("AzureWebJobs.Slashed.Disabled", "true", true)]
    [InlineData("AzureWebJobs.Slashed.Disabled", "True", true)]
    [InlineData("AzureWebJobs.Slashed.Disabled", "1", true)]
    [InlineData("AzureWebJobs_Slashed_Disabled", "true", true)]
    [InlineData("AzureWebJobs_Slashed_Disabled", "1", true)]
    [InlineData("AzureWebJobs:Slashed:Disabled", "true", true)]
    [InlineData("AzureWebJobs.Slashed.Disabled", "false", false)]
    [InlineData("AzureWebJobs.Slashed.Disabled", "0", false)]
    [InlineData("AzureWebJobs.Slashed.Disabled", "", false)]
    [InlineData("AzureWebJobs.Other.Disabled", "true", false)]
    public void A_setting_disables_one_function(string setting, string value, bool disabled) =>
        Assert.Equal(disabled, Assert.Single(Index([typeof(Slashed)], (setting, value))).Disabled);

    [Fact]
    public void Routes_that_differ_in_method_or_constraint_are_different_routes() =>
        Assert.Equal(4, Index([typeof(SimilarRoutes)]).Count);

    internal static IReadOnlyList<FunctionDescriptor> Index(IEnumerable<Type> types, params IEnumerable<(string, string)> settings) =>
        Index(types, "{}", settings);

    internal static IReadOnlyList<FunctionDescriptor> Index(IEnumerable<Type> types, string hostJson, params IEnumerable<(string Name, string Value)> settings)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("host.json"), hostJson);
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build();
        return new FunctionIndexer(configuration, HostJsonOptions.From(new ScriptRoot(folder.Path).HostJson)).Index(types);
    }

    private static class Good
    {
        [Function("Work")]
        public static void Work([ServiceBusTrigger("%Orders%", Connection = "ServiceBus")] string body, string messageId, FunctionContext context)
        {
        }

        [Function("Nightly")]
        public static Task Nightly([TimerTrigger("%Nightly%")] TimerInfo timer, CancellationToken cancellationToken) => Task.CompletedTask;

        [Function("Act")]
        public static IResult Act([HttpTrigger(AuthorizationLevel.Function, "post", Route = "things/{id:int}")] HttpRequest request, int id) => Results.Ok(id);

        [Function("Default")]
        public static IResult Default([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => Results.Ok();

        public static void NotAFunction()
        {
        }
    }

    private static class Slashed
    {
        [Function("Slashed")]
        public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, Route = "/things/")] HttpRequest request) => Results.Ok();
    }

    private static class InSection
    {
        [Function("InSection")]
        public static void Run([TimerTrigger("0 0 %Schedules:Hour% * * *")] TimerInfo timer)
        {
        }
    }

    private static class InEnvironmentSection
    {
        [Function("InEnvironmentSection")]
        public static void Run([TimerTrigger("0 0 %Schedules__Hour% * * *")] TimerInfo timer)
        {
        }
    }

    private static class SimilarRoutes
    {
        [Function("Get")]
        public static IResult Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "things/{id:int}")] HttpRequest request) => Results.Ok();

        [Function("Delete")]
        public static IResult Delete([HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "things/{id:int}")] HttpRequest request) => Results.Ok();

        [Function("GetByName")]
        public static IResult GetByName([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "things/{name:alpha}")] HttpRequest request) => Results.Ok();

        [Function("List")]
        public static IResult List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "things")] HttpRequest request) => Results.Ok();
    }
}
