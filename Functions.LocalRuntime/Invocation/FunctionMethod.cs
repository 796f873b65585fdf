using System.Reflection;
using Functions.LocalRuntime.Indexing;

namespace Functions.LocalRuntime.Invocation;

/// <summary>Calls a function's method on an instance made for the invocation.</summary>
internal sealed class FunctionMethod
{
    private readonly IReadOnlyList<ParameterBinding> parameters;
    private readonly MethodInvoker invoker;
    private readonly ObjectFactory? factory;
    private readonly MethodInfo? toTask;
    private readonly PropertyInfo? result;

    public FunctionMethod(FunctionDescriptor function)
    {
        parameters = function.Bindings;
        invoker = MethodInvoker.Create(function.Method);
        factory = function.Method.IsStatic ? null : ActivatorUtilities.CreateFactory(function.Method.DeclaringType!, []);
        var type = function.Method.ReturnType;
        toTask = type == typeof(ValueTask) || Is(type, typeof(ValueTask<>)) ? type.GetMethod(nameof(ValueTask.AsTask)) : null;
        type = toTask?.ReturnType ?? type;
        result = Is(type, typeof(Task<>)) ? type.GetProperty(nameof(Task<>.Result)) : null;
    }

    /// <summary>What the method returned, null for none.</summary>
    public async Task<object?> InvokeAsync(LocalFunctionContext context)
    {
        var instance = factory?.Invoke(context.InstanceServices, []);
        try
        {
            var arguments = new object?[parameters.Count];
            for (var i = 0; i < arguments.Length; i++)
            {
                arguments[i] = parameters[i](context);
            }

            var returned = invoker.Invoke(instance, arguments.AsSpan());
            returned = toTask is null ? returned : toTask.Invoke(returned, null);
            if (returned is not Task task)
            {
                return returned;
            }

            await task;
            return result?.GetValue(task);
        }
        finally
        {
            await ((instance as IAsyncDisposable)?.DisposeAsync() ?? ValueTask.CompletedTask);
            if (instance is IDisposable disposable and not IAsyncDisposable)
            {
                disposable.Dispose();
            }
        }
    }

    private static bool Is(Type type, Type generic) => type.IsGenericType && type.GetGenericTypeDefinition() == generic;
}
