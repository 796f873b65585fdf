using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Functions.LocalRuntime.Indexing;

/// <summary>Gives one parameter of a function its value.</summary>
/// <param name="context">The invocation.</param>
/// <param name="data">What the trigger brought: a TimerInfo, a ServiceBusReceivedMessage or an HttpContext.</param>
internal delegate object? ParameterBinding(FunctionContext context, object data);

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
            _ when type == typeof(FunctionContext) => (context, _) => context,
            _ when type == typeof(CancellationToken) => (context, _) => context.CancellationToken,
            _ when type == typeof(HttpRequest) && trigger is HttpTrigger => (_, data) => ((HttpContext)data).Request,
            _ when type == typeof(ServiceBusMessageActions) && trigger is QueueTrigger => (context, _) => context.Features.Get<ServiceBusMessageActions>(),
            _ when TypeDescriptor.GetConverter(type).CanConvertFrom(typeof(string)) => (context, _) => ByName(context, parameter),
            _ => null,
        };
    }

    private static ParameterBinding? ForTrigger(Type type, Trigger trigger) => trigger switch
    {
        TimerTrigger when type == typeof(TimerInfo) => (_, data) => data,
        HttpTrigger when type == typeof(HttpRequest) => (_, data) => ((HttpContext)data).Request,
        QueueTrigger when type == typeof(ServiceBusReceivedMessage) => (_, data) => data,
        QueueTrigger when type == typeof(BinaryData) => (_, data) => Body(data),
        QueueTrigger when type == typeof(byte[]) => (_, data) => Body(data).ToArray(),
        QueueTrigger when type == typeof(string) => (_, data) => Body(data).ToString(),
        QueueTrigger => (_, data) => Body(data).ToObjectFromJson<JsonElement>(JsonSerializerOptions.Web).Deserialize(type, JsonSerializerOptions.Web),
        _ => null,
    };

    private static BinaryData Body(object data) => ((ServiceBusReceivedMessage)data).Body;

    private static object? ByName(FunctionContext context, ParameterInfo parameter)
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
