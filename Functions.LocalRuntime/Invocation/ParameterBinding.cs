using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Functions.LocalRuntime.Indexing;

namespace Functions.LocalRuntime.Invocation;

/// <summary>Gives one parameter of a function its value.</summary>
internal delegate object? ParameterBinding(LocalFunctionContext context);

/// <summary>What the local runtime can bind: the trigger's data, the context, and the trigger's metadata by name.</summary>
internal static class ParameterBindings
{
    /// <summary>The binding of a parameter, or null where there is none.</summary>
    public static ParameterBinding? For(ParameterInfo parameter, Trigger trigger)
    {
        var type = parameter.ParameterType;
        return type switch
        {
            _ when parameter == trigger.Parameter => ForTrigger(type, trigger),
            _ when type == typeof(FunctionContext) => context => context,
            _ when type == typeof(CancellationToken) => context => context.CancellationToken,
            _ when type == typeof(HttpRequest) && trigger is HttpTrigger => context => ((HttpContext)context.TriggerData).Request,
            _ when type == typeof(ServiceBusMessageActions) && trigger is QueueTrigger => context => context.Features.Get<ServiceBusMessageActions>(),
            _ when TypeDescriptor.GetConverter(type).CanConvertFrom(typeof(string)) => context => ByName(context, parameter),
            _ => null,
        };
    }

    private static ParameterBinding? ForTrigger(Type type, Trigger trigger) => trigger switch
    {
        TimerTrigger when type == typeof(TimerInfo) => context => context.TriggerData,
        HttpTrigger when type == typeof(HttpRequest) => context => ((HttpContext)context.TriggerData).Request,
        QueueTrigger when type == typeof(ServiceBusReceivedMessage) => context => context.TriggerData,
        QueueTrigger when type == typeof(BinaryData) => context => Message(context).Body,
        QueueTrigger when type == typeof(byte[]) => context => Message(context).Body.ToArray(),
        QueueTrigger when type == typeof(string) => context => Message(context).Body.ToString(),
        QueueTrigger => context => Message(context).Body.ToObjectFromJson<JsonElement>(JsonSerializerOptions.Web).Deserialize(type, JsonSerializerOptions.Web),
        _ => null,
    };

    private static ServiceBusReceivedMessage Message(LocalFunctionContext context) => (ServiceBusReceivedMessage)context.TriggerData;

    private static object? ByName(LocalFunctionContext context, ParameterInfo parameter)
    {
        var value = context.BindingContext.BindingData.GetValueOrDefault(parameter.Name!);
        if (value is null || parameter.ParameterType.IsInstanceOfType(value))
        {
            return value ?? (parameter.HasDefaultValue ? parameter.DefaultValue : null);
        }

        return TypeDescriptor.GetConverter(parameter.ParameterType).ConvertFromString(
            null, CultureInfo.InvariantCulture, Convert.ToString(value, CultureInfo.InvariantCulture)!);
    }
}
