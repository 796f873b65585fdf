using System.Collections.Immutable;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Functions.LocalRuntime.Indexing;

/// <summary>A function of the app, for the runtime and, as the worker's definition, for middleware.</summary>
internal sealed class FunctionDescriptor(string name, MethodInfo method, Trigger trigger, bool disabled, IReadOnlyList<ParameterBinding> bindings)
    : FunctionDefinition
{
    public MethodInfo Method => method;

    public Trigger Trigger => trigger;

    public bool Disabled => disabled;

    /// <summary>What gives each parameter its value.</summary>
    public IReadOnlyList<ParameterBinding> Bindings => bindings;

    public override string Name => name;

    public override string Id { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16];

    public override string PathToAssembly { get; } = method.Module.FullyQualifiedName;

    public override string EntryPoint { get; } = $"{method.DeclaringType!.FullName}.{method.Name}";

    public override ImmutableArray<FunctionParameter> Parameters { get; } =
        [.. method.GetParameters().Select(parameter => new FunctionParameter(parameter.Name!, parameter.ParameterType))];

    public override IImmutableDictionary<string, BindingMetadata> InputBindings { get; } =
        ImmutableDictionary<string, BindingMetadata>.Empty.Add(trigger.Name, trigger);

    public override IImmutableDictionary<string, BindingMetadata> OutputBindings => ImmutableDictionary<string, BindingMetadata>.Empty;
}

/// <summary>What makes a function run: the binding of the parameter that takes its data.</summary>
/// <param name="parameter">That parameter.</param>
/// <param name="type">The binding's type in function metadata.</param>
/// <param name="source">Schedule, queue or route, for people.</param>
internal abstract class Trigger(ParameterInfo parameter, string type, string source) : BindingMetadata
{
    public ParameterInfo Parameter => parameter;

    public string Source => source;

    public override string Name => parameter.Name!;

    public override string Type => type;

    public override BindingDirection Direction => BindingDirection.In;
}

internal sealed class TimerTrigger(ParameterInfo parameter, TimerSchedule schedule, TimerTriggerAttribute attribute)
    : Trigger(parameter, "timerTrigger", schedule.ToString())
{
    public TimerSchedule Schedule => schedule;

    public bool UseMonitor => attribute.UseMonitor;

    public bool RunOnStartup => attribute.RunOnStartup;
}

internal sealed class QueueTrigger(ParameterInfo parameter, string queue, bool autoCompleteMessages) : Trigger(parameter, "serviceBusTrigger", queue)
{
    public string Queue => Source;

    public bool AutoCompleteMessages => autoCompleteMessages;
}

/// <param name="parameter">The function's parameter that takes the request.</param>
/// <param name="route">The whole route, prefix included, without a slash before it.</param>
/// <param name="methods">The methods in capitals; empty for all.</param>
/// <param name="level">The key that a caller needs.</param>
internal sealed class HttpTrigger(ParameterInfo parameter, string route, IReadOnlyList<string> methods, AuthorizationLevel level)
    : Trigger(parameter, "httpTrigger", $"{(methods.Count == 0 ? "ANY" : string.Join(",", methods))} /{route}")
{
    public string Route => route;

    public IReadOnlyList<string> Methods => methods;

    public AuthorizationLevel Level => level;
}

/// <summary>The functions whose trigger is switched off by a setting; they can still be run by hand.</summary>
public static class DisabledFunctions
{
    /// <summary>
    /// Whether <c>AzureWebJobs.{name}.Disabled</c> is <c>true</c> or <c>1</c>, or the same as an environment variable may be named,
    /// <c>AzureWebJobs_{name}_Disabled</c> or <c>AzureWebJobs__{name}__Disabled</c>.
    /// </summary>
    public static bool Contains(IConfiguration configuration, string name)
    {
        // Two underscores in an environment variable are a colon in configuration.
        string[] settings = [$"AzureWebJobs.{name}.Disabled", $"AzureWebJobs_{name}_Disabled", $"AzureWebJobs:{name}:Disabled"];
        return settings.Select(setting => configuration[setting]).Any(value => value == "1" || "true".Equals(value, StringComparison.OrdinalIgnoreCase));
    }
}
