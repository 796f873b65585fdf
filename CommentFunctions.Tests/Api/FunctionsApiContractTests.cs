using System.Reflection;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Tests.Api;

/// <summary>
/// What the app is written against is the same in both hosts. Built for azure these tests prove the table right; built for
/// local they hold the local runtime to it.
/// </summary>
public sealed class FunctionsApiContractTests
{
    // Every assembly, of either host, that declares some of the types.
    private static readonly HashSet<Assembly> Assemblies =
    [
        typeof(FunctionContext).Assembly,
        typeof(FunctionAttribute).Assembly,
        typeof(FunctionsApplication).Assembly,
        typeof(FunctionsApplicationBuilderAspNetCoreExtensions).Assembly,
        typeof(TimerTriggerAttribute).Assembly,
        typeof(TimerTriggerAttribute).BaseType!.Assembly,
        typeof(HttpTriggerAttribute).Assembly,
        typeof(ServiceBusTriggerAttribute).Assembly,
        typeof(ServiceBusClient).Assembly,
    ];

    public static TheoryData<string> Types => [.. Read().Select(type => type.FullName)];

    [Theory]
    [MemberData(nameof(Types))]
    public void A_type_and_its_members_are_declared_as_in_Microsofts_packages(string fullName)
    {
        var (_, line, members) = Read().Single(type => type.FullName == fullName);

        var type = Find(fullName);

        Assert.Equal(line, Signatures.Of(type));
        var declared = Signatures.OfMembers(type).ToHashSet();
        var missing = members.Where(member => !declared.Contains(member)).ToList();
        Assert.True(missing.Count == 0, $"{fullName} lacks\n  {string.Join("\n  ", missing)}\nIt has\n  {string.Join("\n  ", declared.Order())}");
    }

    [Fact]
    public void The_table_is_read_as_it_is_meant() => Assert.Equal((38, 151), (Read().Count, Read().Sum(type => type.Members.Count)));

    [Fact]
    public void Attributes_stand_where_they_may_stand()
    {
        Assert.Equal(AttributeTargets.Method, Targets(typeof(FunctionAttribute)));
        Assert.All(
            [typeof(TimerTriggerAttribute), typeof(ServiceBusTriggerAttribute), typeof(HttpTriggerAttribute)],
            trigger => Assert.Equal(AttributeTargets.Parameter, Targets(trigger)));
    }

    [Fact]
    public void A_timer_is_monitored_and_does_not_run_at_start_unless_it_says_so()
    {
        var trigger = new TimerTriggerAttribute("0 0 3 * * *");

        Assert.Equal(("0 0 3 * * *", true, false), (trigger.Schedule, trigger.UseMonitor, trigger.RunOnStartup));
    }

    [Fact]
    public void A_queue_trigger_holds_what_it_was_given()
    {
        var queue = new ServiceBusTriggerAttribute("orders") { Connection = "ServiceBus" };
        var topic = new ServiceBusTriggerAttribute("news", "mine");

        Assert.Equal(("orders", null, null, "ServiceBus"), (queue.QueueName, queue.TopicName, queue.SubscriptionName, queue.Connection));
        Assert.Equal((null, "news", "mine"), (topic.QueueName, topic.TopicName, topic.SubscriptionName));
        Assert.False(queue.IsBatched);
        Assert.False(queue.IsSessionsEnabled);
    }

    [Fact]
    public void An_http_trigger_has_the_level_and_methods_it_was_given()
    {
        var trigger = new HttpTriggerAttribute(AuthorizationLevel.Admin, "get", "post") { Route = "things" };

        Assert.Equal(AuthorizationLevel.Admin, trigger.AuthLevel);
        Assert.Equal(["get", "post"], trigger.Methods!);
        Assert.Equal("things", trigger.Route);
        Assert.Equal(AuthorizationLevel.Function, new HttpTriggerAttribute().AuthLevel);
        Assert.Equal(AuthorizationLevel.Anonymous, new HttpTriggerAttribute("get").AuthLevel);
    }

    [Fact]
    public void The_builder_is_a_host_builder_and_takes_middleware()
    {
        var interfaces = Signatures.InterfacesOf(typeof(FunctionsApplicationBuilder)).ToList();

        Assert.Contains(nameof(IHostApplicationBuilder), interfaces);
        Assert.Contains(nameof(IFunctionsWorkerApplicationBuilder), interfaces);
        Assert.Contains(nameof(IAsyncDisposable), Signatures.InterfacesOf(typeof(ServiceBusClient)));
        Assert.Contains(nameof(IAsyncDisposable), Signatures.InterfacesOf(typeof(ServiceBusSender)));
        Assert.Contains(nameof(IAsyncDisposable), Signatures.InterfacesOf(typeof(ServiceBusReceiver)));
    }

    [Fact]
    public void A_received_message_can_be_made_for_a_test()
    {
        var now = new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);
        var token = Guid.NewGuid();

        var message = ServiceBusModelFactory.ServiceBusReceivedMessage(
            body: BinaryData.FromString("text"),
            messageId: "web:1",
            timeToLive: TimeSpan.FromHours(1),
            correlationId: "conversation",
            subject: "subject",
            contentType: "application/json",
            properties: new Dictionary<string, object> { ["Diagnostic-Id"] = "00-1-2-01", ["DeadLetterReason"] = "Malformed", ["DeadLetterErrorDescription"] = "no text" },
            lockTokenGuid: token,
            deliveryCount: 3,
            lockedUntil: now.AddMinutes(1),
            sequenceNumber: 7,
            enqueuedTime: now);

        Assert.Equal(
            ("text", "web:1", "conversation", "subject", "application/json"),
            (message.Body.ToString(), message.MessageId, message.CorrelationId, message.Subject, message.ContentType));
        Assert.Equal(
            (token.ToString(), 3, 7L, now, now.AddMinutes(1), now.AddHours(1)),
            (message.LockToken, message.DeliveryCount, message.SequenceNumber, message.EnqueuedTime, message.LockedUntil, message.ExpiresAt));
        Assert.Equal("00-1-2-01", message.ApplicationProperties["Diagnostic-Id"]);
        Assert.Equal(("Malformed", "no text"), (message.DeadLetterReason, message.DeadLetterErrorDescription));
    }

    [Fact]
    public void A_message_to_send_has_no_id_and_no_schedule_until_it_is_given_one()
    {
        var message = new ServiceBusMessage("text");

        Assert.Equal(("text", default, TimeSpan.MaxValue), (message.Body.ToString(), message.ScheduledEnqueueTime, message.TimeToLive));
        Assert.Null(message.MessageId);
        Assert.Empty(message.ApplicationProperties);
    }

    private static Type Find(string fullName) => Assert.Single(
        Assemblies.Select(assembly => assembly.GetType(fullName)), type => type is { IsVisible: true })!;

    private static AttributeTargets Targets(Type attribute) => attribute.GetCustomAttribute<AttributeUsageAttribute>(inherit: true)!.ValidOn;

    private static List<(string FullName, string Line, List<string> Members)> Read()
    {
        var types = new List<(string FullName, string Line, List<string> Members)>();
        var inNamespace = "";
        foreach (var line in FunctionsApi.Declarations.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd()))
        {
            if (line.StartsWith("namespace ", StringComparison.Ordinal))
            {
                inNamespace = line[10..];
            }
            else if (line.StartsWith(' '))
            {
                types[^1].Members.Add(line.Trim());
            }
            else
            {
                types.Add(($"{inNamespace}.{line.Split(" : ")[0].Split(' ')[^1]}", line, []));
            }
        }

        return types;
    }
}
