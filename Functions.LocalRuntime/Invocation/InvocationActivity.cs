using System.Diagnostics;
using Functions.LocalRuntime.Indexing;

namespace Functions.LocalRuntime.Invocation;

/// <summary>
/// The span of an invocation, by the source, the name and the attributes of Microsoft's worker; for a message it has also what the
/// Functions host's own span tells. Without a listener there is none, as there, and a trace ends at a queue.
/// </summary>
internal static class InvocationActivity
{
    private static readonly ActivitySource Source = new("Microsoft.Azure.Functions.Worker");

    public static Activity? Start(LocalFunctionContext context)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        ActivityContext.TryParse(context.TraceParent, null, isRemote: true, out var parent);
        var kind = context.Function.Trigger is QueueTrigger ? ActivityKind.Consumer : ActivityKind.Internal;
        var activity = Source.StartActivity($"function {context.Function.Name}", kind, parent);
        if (activity is { IsAllDataRequested: true })
        {
            Describe(activity, context);
        }

        return activity;
    }

    /// <summary>Notes what went wrong by its type; an exception's message may quote data.</summary>
    public static void Fail(Activity? activity, Exception exception) =>
        activity?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", exception.GetType().FullName);

    private static void Describe(Activity activity, LocalFunctionContext context)
    {
        activity.SetTag("faas.name", context.Function.Name);
        activity.SetTag("faas.invocation_id", context.InvocationId);
        activity.SetTag("faas.trigger", context.Function.Trigger switch { HttpTrigger => "http", TimerTrigger => "timer", _ => "pubsub" });
        if (context is { Function.Trigger: QueueTrigger trigger, TriggerData: ServiceBusReceivedMessage message })
        {
            activity.SetTag("messaging.system", "servicebus");
            activity.SetTag("messaging.operation.type", "process");
            activity.SetTag("messaging.destination.name", trigger.Queue);
            activity.SetTag("messaging.message.id", message.MessageId);
            activity.SetTag("messaging.servicebus.message.delivery_count", message.DeliveryCount);
            activity.SetTag("messaging.servicebus.message.enqueued_time", message.EnqueuedTime.ToUnixTimeSeconds());
        }
    }
}
