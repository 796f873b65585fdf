using System.Reflection;
using Functions.LocalRuntime.Indexing;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.LocalRuntime.Invocation;

/// <summary>Calls a function's method on an instance made for the invocation.</summary>
internal sealed class FunctionMethod
{
    private readonly IReadOnlyList<ParameterBinding> parameters;
    private readonly MethodInvoker invoker;
    private readonly ObjectFactory? factory;
    private readonly MethodInfo? asTask;
    private readonly PropertyInfo? result;

    public FunctionMethod(FunctionDescriptor function)
    {
        parameters = function.Parameters;
        invoker = MethodInvoker.Create(function.Method);
        factory = function.Method.IsStatic ? null : ActivatorUtilities.CreateFactory(function.Method.DeclaringType!, []);
        var type = function.Method.ReturnType;
        if (Is(type, typeof(ValueTask<>)))
        {
            asTask = type.GetMethod(nameof(ValueTask<>.AsTask))!;
            type = asTask.ReturnType;
        }

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
            switch (asTask is null ? returned : asTask.Invoke(returned, null))
            {
                case Task task:
                    await task;
                    return result?.GetValue(task);
                case ValueTask task:
                    await task;
                    return null;
                default:
                    return returned;
            }
        }
        finally
        {
            switch (instance)
            {
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync();
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }
        }
    }

    private static bool Is(Type type, Type generic) => type.IsGenericType && type.GetGenericTypeDefinition() == generic;
}
