using System.Diagnostics;
using Functions.LocalRuntime.Indexing;

namespace Functions.LocalRuntime.Invocation;

/// <summary>One invocation of a function.</summary>
/// <param name="function">The function.</param>
/// <param name="reason">Why it runs, for the log.</param>
/// <param name="triggerData">What the trigger brought: a TimerInfo, a ServiceBusReceivedMessage or an HttpContext.</param>
/// <param name="bindingData">Makes the trigger's metadata by name, which few functions ask for.</param>
/// <param name="traceParent">The trace that the trigger belongs to; null to go on with the current one.</param>
internal sealed class LocalFunctionContext(
    FunctionDescriptor function,
    string reason,
    object triggerData,
    Func<IReadOnlyDictionary<string, object?>>? bindingData = null,
    string? traceParent = null) : FunctionContext
{
    private TraceContext trace = null!;
    private CancellationToken cancellation;

    public FunctionDescriptor Function => function;

    public string Reason => reason;

    public object TriggerData => triggerData;

    public string? TraceParent => traceParent;

    /// <summary>What the function returned. The worker's own GetInvocationResult() needs a feature that only the worker can make.</summary>
    public object? Result { get; set; }

    /// <summary>What came of it where it threw nothing, for the log.</summary>
    public (string Words, LogLevel Level) Outcome { get; set; } = ("succeeded", LogLevel.Information);

    public Guid Id { get; } = Guid.NewGuid();

    public override string InvocationId => field ??= Id.ToString();

    public override string FunctionId => function.Id;

    public override TraceContext TraceContext => trace;

    public override BindingContext BindingContext => field ??= new TriggerBindingContext(bindingData?.Invoke() ?? new Dictionary<string, object?>());

    public override RetryContext RetryContext => new NoRetry();

    public override IServiceProvider InstanceServices { get; set; } = null!;

    public override FunctionDefinition FunctionDefinition => function;

    public override IDictionary<object, object> Items { get => field ??= new Dictionary<object, object>(); set; }

    public override IInvocationFeatures Features => field ??= new InvocationFeatures();

    public override CancellationToken CancellationToken => cancellation;

    /// <summary>The invocation begins, in a scope and a span of its own.</summary>
    public void Begin(IServiceProvider services, CancellationToken cancellationToken)
    {
        (InstanceServices, cancellation, trace) = (services, cancellationToken, new CurrentTrace(traceParent));
        if (triggerData is HttpContext http)
        {
            // One scope serves the request and the function.
            http.RequestServices = services;
        }
    }

    private sealed class TriggerBindingContext(IReadOnlyDictionary<string, object?> data) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData => data;
    }

    private sealed class CurrentTrace(string? trigger) : TraceContext
    {
        public override string TraceParent { get; } = Activity.Current?.Id ?? trigger ?? "";

        public override string TraceState { get; } = Activity.Current?.TraceStateString ?? "";
    }

    private sealed class NoRetry : RetryContext
    {
        public override int RetryCount => 0;

        public override int MaxRetryCount => 0;
    }

    private sealed class InvocationFeatures : Dictionary<Type, object>, IInvocationFeatures
    {
        public void Set<T>(T instance) => this[typeof(T)] = instance!;

        public T? Get<T>() => TryGetValue(typeof(T), out var feature) ? (T)feature : default;
    }
}

/// <summary>
/// The span of an invocation, by the source, the name and the attributes of Microsoft's worker; for a message it has also what the
/// Functions host's own span tells. Without a listener there is none, as there, and a trace ends at a queue.
/// </summary>
internal static class InvocationActivity
{
    private static readonly ActivitySource Source = new("Microsoft.Azure.Functions.Worker");

    public static Activity? Start(LocalFunctionContext context)
    {
        ActivityContext.TryParse(context.TraceParent, null, isRemote: true, out var parent);
        var kind = context.Function.Trigger is QueueTrigger ? ActivityKind.Consumer : ActivityKind.Internal;
        var activity = Source.StartActivity($"function {context.Function.Name}", kind, parent);
        if (activity is not { IsAllDataRequested: true })
        {
            return activity;
        }

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

        return activity;
    }

    /// <summary>Notes what went wrong by its type; an exception's message may quote data.</summary>
    public static void Fail(Activity? activity, Exception exception) =>
        activity?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", exception.GetType().FullName);
}
