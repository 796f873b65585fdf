using Functions.LocalRuntime.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace CommentFunctions.Tests.LocalRuntime.Indexing;

/// <summary>What cannot be run is refused at the start, with a message that says what to do.</summary>
public sealed class RefusalTests
{
    private static readonly string[] Reserved = ["admin", "Admin/things", "administrators", "admin/x", "runtime/webhooks"];

    [Fact]
    public void Two_functions_of_one_name() => Refused(
        [typeof(OneName), typeof(SameName)],
        $"2 functions have the name 'Twice': {typeof(OneName).FullName}.Run, {typeof(SameName).FullName}.Walk; a name must be unique.");

    [Fact]
    public void A_name_that_the_Functions_host_refuses() => Refused(
        [typeof(BadNames)],
        Name("host", nameof(BadNames.Reserved)),
        Name("up/down", nameof(BadNames.Path)),
        Name("1st", nameof(BadNames.Digit)));

    [Fact]
    public void A_trigger_that_is_not_known() => Refused(
        [typeof(UnknownTrigger)],
        "Function 'Blob' has the trigger BlobTriggerAttribute, which the local runtime does not know; it knows TimerTrigger, ServiceBusTrigger and HttpTrigger.");

    [Fact]
    public void A_function_without_a_trigger_or_with_two() => Refused(
        [typeof(NotOneTrigger)],
        $"Function 'None' ({typeof(NotOneTrigger).FullName}.None) has 0 triggers; it must have one: a parameter with [TimerTrigger], [ServiceBusTrigger] or [HttpTrigger].",
        $"Function 'Two' ({typeof(NotOneTrigger).FullName}.Two) has 2 triggers; it must have one: a parameter with [TimerTrigger], [ServiceBusTrigger] or [HttpTrigger].");

    [Fact]
    public void A_text_that_is_no_schedule() => Refused(
        [typeof(BadCron)],
        "Function 'BadCron' has the schedule 'every day', which is not a cron text; a schedule has six fields, " +
        "second minute hour day month weekday, such as '0 0 3 * * *' for 03:00 UTC every day, or the last five of them.");

    [Fact]
    public void A_setting_that_is_no_schedule_is_named()
    {
        var message = Assert.Single(Refusals([typeof(FromSetting)], ("Nightly", "every night"), ("Orders", "orders")));

        Assert.StartsWith("Function 'FromSetting' has the schedule 'every night' (from %Nightly%), which is not a cron text;", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    public void A_setting_that_is_not_set(string? value)
    {
        (string, string)[] settings = value is null ? [] : [("Nightly", value), ("Orders", value)];

        Assert.Equal(
            [
                "Function 'FromSetting' needs the setting 'Nightly', which is not set: set it as an environment variable or in the Values of local.settings.json.",
                "Function 'QueueFromSetting' needs the setting 'Orders', which is not set: set it as an environment variable or in the Values of local.settings.json.",
            ],
            Refusals([typeof(FromSetting)], settings));
    }

    [Theory]
    [InlineData("api")]
    [InlineData("")]
    public void A_route_that_belongs_to_the_host_whatever_the_prefix(string prefix)
    {
        var messages = Refusals([typeof(ReservedRoutes)], $$"""{ "extensions": { "http": { "routePrefix": "{{prefix}}" } } }""");

        Assert.Equal(
            Reserved.Select(route =>
                $"Function '{route}' has the route '{route}': routes must not begin with 'admin' or 'runtime', which belong to the Functions host."),
            messages);
    }

    [Fact]
    public void A_text_that_is_no_route()
    {
        var message = Assert.Single(Refusals([typeof(BadRoute)]));

        Assert.StartsWith("Function 'BadRoute' has the route 'things/{id', which is not a route:", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_functions_of_one_route_and_method() => Refused(
        [typeof(SameRoute)],
        "The functions 'First' and 'Second' have the same route and method, POST /api/things/{}.");

    [Fact]
    public void A_parameter_to_which_nothing_can_be_bound() => Refused(
        [typeof(Unbindable)],
        "Function 'Actions': nothing can be bound to the parameter 'actions' of type ServiceBusMessageActions.",
        "Function 'Service': nothing can be bound to the parameter 'http' of type HttpClient.",
        "Function 'Timer': nothing can be bound to the parameter 'timer' of type String.");

    [Fact]
    public void Topics_sessions_and_batches()
    {
        var messages = Refusals([typeof(NotQueues)]);

        Assert.Equal(["Topic", "Sessions", "Batch"], messages.Select(message => message.Split('\'')[1]));
        Assert.All(messages, message => Assert.EndsWith("uses a topic, sessions or batches; the local runtime has queues only, one message at a time.", message, StringComparison.Ordinal));
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        var messages = Refusals([typeof(BadCron), typeof(UnknownTrigger), typeof(FromSetting), typeof(SameRoute), typeof(OneName), typeof(SameName)]);

        Assert.Equal(6, messages.Count);
    }

    private static void Refused(IEnumerable<Type> types, params IEnumerable<string> messages) => Assert.Equal(messages, Refusals(types));

    private static IReadOnlyList<string> Refusals(IEnumerable<Type> types, params IEnumerable<(string, string)> settings) =>
        Assert.Throws<StartupException>(() => IndexingTests.Index(types, settings)).Messages;

    private static IReadOnlyList<string> Refusals(IEnumerable<Type> types, string hostJson) =>
        Assert.Throws<StartupException>(() => IndexingTests.Index(types, hostJson)).Messages;

    private static string Name(string name, string method) =>
        $"Function '{name}' ({typeof(BadNames).FullName}.{method}) has a name that the Functions host refuses: " +
        "it must begin with a letter and have at most 128 letters, digits, '_' and '-'.";

    private static class BadNames
    {
        [Function("host")]
        public static void Reserved([TimerTrigger("0 0 3 * * *")] TimerInfo timer)
        {
        }

        [Function("up/down")]
        public static void Path([TimerTrigger("0 0 3 * * *")] TimerInfo timer)
        {
        }

        [Function("1st")]
        public static void Digit([TimerTrigger("0 0 3 * * *")] TimerInfo timer)
        {
        }
    }

    private static class OneName
    {
        [Function("Twice")]
        public static void Run([TimerTrigger("0 0 3 * * *")] TimerInfo timer)
        {
        }
    }

    private static class SameName
    {
        [Function("twice")]
        public static void Walk([TimerTrigger("0 0 4 * * *")] TimerInfo timer)
        {
        }
    }

    private sealed class BlobTriggerAttribute : TriggerBindingAttribute;

    private static class UnknownTrigger
    {
        [Function("Blob")]
        public static void Run([BlobTrigger] string blob)
        {
        }
    }

    private static class NotOneTrigger
    {
        [Function("None")]
        public static void None(string text)
        {
        }

        [Function("Two")]
        public static void Two([TimerTrigger("0 0 3 * * *")] TimerInfo timer, [ServiceBusTrigger("orders")] string body)
        {
        }
    }

    private static class BadCron
    {
        [Function("BadCron")]
        public static void Run([TimerTrigger("every day")] TimerInfo timer)
        {
        }
    }

    private static class FromSetting
    {
        [Function("FromSetting")]
        public static void Run([TimerTrigger("%Nightly%")] TimerInfo timer)
        {
        }

        [Function("QueueFromSetting")]
        public static void Work([ServiceBusTrigger("%Orders%")] string body)
        {
        }
    }

    private static class ReservedRoutes
    {
        [Function("admin")]
        public static IResult A([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => Results.Ok();

        [Function("Admin/things")]
        public static IResult B([HttpTrigger(AuthorizationLevel.Anonymous, Route = "Admin/things")] HttpRequest request) => Results.Ok();

        [Function("administrators")]
        public static IResult C([HttpTrigger(AuthorizationLevel.Anonymous, Route = "administrators")] HttpRequest request) => Results.Ok();

        [Function("admin/x")]
        public static IResult D([HttpTrigger(AuthorizationLevel.Anonymous, Route = "/admin/x")] HttpRequest request) => Results.Ok();

        [Function("runtime/webhooks")]
        public static IResult E([HttpTrigger(AuthorizationLevel.Anonymous, Route = "runtime/webhooks")] HttpRequest request) => Results.Ok();
    }

    private static class BadRoute
    {
        [Function("BadRoute")]
        public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, Route = "things/{id")] HttpRequest request) => Results.Ok();
    }

    private static class SameRoute
    {
        [Function("First")]
        public static IResult A([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = "things/{id}")] HttpRequest request) => Results.Ok();

        [Function("Second")]
        public static IResult B([HttpTrigger(AuthorizationLevel.Anonymous, "POST", Route = "Things/{name?}")] HttpRequest request) => Results.Ok();
    }

    private static class Unbindable
    {
        [Function("Actions")]
        public static void A([TimerTrigger("0 0 3 * * *")] TimerInfo timer, ServiceBusMessageActions actions)
        {
        }

        [Function("Service")]
        public static void B([ServiceBusTrigger("orders")] string body, HttpClient http)
        {
        }

        [Function("Timer")]
        public static void C([TimerTrigger("0 0 3 * * *")] string timer)
        {
        }
    }

    private static class NotQueues
    {
        [Function("Topic")]
        public static void A([ServiceBusTrigger("topic", "subscription")] string body)
        {
        }

        [Function("Sessions")]
        public static void B([ServiceBusTrigger("orders", IsSessionsEnabled = true)] string body)
        {
        }

        [Function("Batch")]
        public static void C([ServiceBusTrigger("orders", IsBatched = true)] string[] bodies)
        {
        }
    }
}
