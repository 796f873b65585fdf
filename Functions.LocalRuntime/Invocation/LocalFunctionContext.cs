using System.Collections;
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

    public Guid Id { get; } = Guid.NewGuid();

    public override string InvocationId => field ??= Id.ToString();

    public override string FunctionId => function.Id;

    public override TraceContext TraceContext => trace;

    public override BindingContext BindingContext => field ??= new TriggerBindingContext(bindingData?.Invoke() ?? new Dictionary<string, object?>());

    public override RetryContext RetryContext => NoRetry.Instance;

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
        public static readonly NoRetry Instance = new();

        public override int RetryCount => 0;

        public override int MaxRetryCount => 0;
    }

    private sealed class InvocationFeatures : IInvocationFeatures
    {
        private readonly Dictionary<Type, object> features = [];

        public void Set<T>(T instance) => features[typeof(T)] = instance!;

        public T? Get<T>() => features.TryGetValue(typeof(T), out var feature) ? (T)feature : default;

        public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => features.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
