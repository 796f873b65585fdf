using System.Collections;
using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;

namespace Functions.LocalRuntime.Invocation;

internal sealed class LocalFunctionContext(
    FunctionDefinition definition,
    object triggerData,
    IReadOnlyDictionary<string, object?> bindingData,
    IServiceProvider services,
    CancellationToken cancellationToken,
    string? traceParent = null) : FunctionContext
{
    /// <summary>What the trigger brought: a TimerInfo, a ServiceBusReceivedMessage or an HttpContext.</summary>
    public object TriggerData => triggerData;

    /// <summary>What the function returned. The worker's own GetInvocationResult() needs a feature that only the worker can make.</summary>
    public object? Result { get; set; }

    public override string InvocationId { get; } = Guid.NewGuid().ToString();

    public override string FunctionId => definition.Id;

    public override TraceContext TraceContext { get; } = new CurrentTrace(traceParent);

    public override BindingContext BindingContext { get; } = new TriggerBindingContext(bindingData);

    public override RetryContext RetryContext { get; } = new NoRetry();

    public override IServiceProvider InstanceServices { get; set; } = services;

    public override FunctionDefinition FunctionDefinition => definition;

    public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object>();

    public override IInvocationFeatures Features { get; } = new InvocationFeatures();

    public override CancellationToken CancellationToken => cancellationToken;

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

    private sealed class InvocationFeatures : IInvocationFeatures
    {
        private readonly Dictionary<Type, object> features = [];

        public void Set<T>(T instance) => features[typeof(T)] = instance!;

        public T? Get<T>() => features.TryGetValue(typeof(T), out var feature) ? (T)feature : default;

        public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => features.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
