using System.Reflection;
using Functions.LocalRuntime.Invocation;
using Microsoft.Azure.Functions.Worker;

namespace Functions.LocalRuntime.Indexing;

/// <summary>A function of the app.</summary>
internal sealed record FunctionDescriptor(
    string Name,
    MethodInfo Method,
    Trigger Trigger,
    bool Disabled,
    FunctionDefinition Definition,
    IReadOnlyList<ParameterBinding> Parameters);

/// <summary>What makes a function run. <paramref name="Parameter"/> is the function's parameter that takes its data.</summary>
internal abstract record Trigger(ParameterInfo Parameter)
{
    /// <summary>The binding's type in function metadata.</summary>
    public abstract string Type { get; }

    /// <summary>Schedule, queue or route, for people.</summary>
    public abstract string Source { get; }
}

internal sealed record TimerTrigger(ParameterInfo Parameter, TimerSchedule Schedule, bool UseMonitor, bool RunOnStartup) : Trigger(Parameter)
{
    public override string Type => "timerTrigger";

    public override string Source => Schedule.ToString();
}

internal sealed record QueueTrigger(ParameterInfo Parameter, string Queue, bool AutoCompleteMessages) : Trigger(Parameter)
{
    public override string Type => "serviceBusTrigger";

    public override string Source => Queue;
}

/// <param name="Parameter">The function's parameter that takes the request.</param>
/// <param name="Route">The whole route, prefix included, without a slash before it.</param>
/// <param name="Methods">The methods in capitals; empty for all.</param>
/// <param name="Level">The key that a caller needs.</param>
internal sealed record HttpTrigger(ParameterInfo Parameter, string Route, IReadOnlyList<string> Methods, AuthorizationLevel Level) : Trigger(Parameter)
{
    public override string Type => "httpTrigger";

    public override string Source => $"{(Methods.Count == 0 ? "ANY" : string.Join(",", Methods))} /{Route}";
}
