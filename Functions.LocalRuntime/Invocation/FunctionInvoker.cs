using System.Collections.Concurrent;
using System.Reflection;
using Functions.LocalRuntime.Indexing;
using Functions.LocalRuntime.Settings;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace Functions.LocalRuntime.Invocation;

/// <summary>The middleware of the app, the outermost first.</summary>
internal sealed class FunctionMiddleware : List<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>>;

/// <summary>Runs functions: a scope, a context and the pipeline for each invocation, and one log line at its end.</summary>
internal sealed partial class FunctionInvoker(
    IServiceScopeFactory scopes, FunctionMiddleware middleware, HostJsonOptions host, ILoggerFactory loggers, TimeProvider clock) : IDisposable
{
    private readonly ConcurrentDictionary<string, (FunctionExecutionDelegate Run, ILogger Logger)> functions = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource stopped = new();
    private int running;

    /// <summary>Invocations that have begun and not ended.</summary>
    public int Running => Volatile.Read(ref running);

    /// <summary>Cancels the tokens of the functions that still run: the host waits no longer.</summary>
    public void Cancel() => stopped.Cancel();

    /// <summary>Runs a function; <paramref name="complete"/> uses its result while the invocation's services are still there.</summary>
    /// <exception cref="Exception">Whatever the function throws, after it was logged.</exception>
    public async Task InvokeAsync(LocalFunctionContext context, Func<object?, Task>? complete = null)
    {
        Interlocked.Increment(ref running);
        try
        {
            await RunAsync(context, complete);
        }
        finally
        {
            Interlocked.Decrement(ref running);
        }
    }

    public void Dispose() => stopped.Dispose();

    private async Task RunAsync(LocalFunctionContext context, Func<object?, Task>? complete)
    {
        var name = context.Function.Name;
        var (run, logger) = functions.GetOrAdd(name, (name, function) => (Around(function), loggers.CreateLogger($"Function.{name}")), context.Function);
        var start = clock.GetTimestamp();
        using var activity = InvocationActivity.Start(context);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stopped.Token);
        timeout.CancelAfter(host.FunctionTimeout);
        await using var scope = scopes.CreateAsyncScope();
        context.Begin(scope.ServiceProvider, timeout.Token);
        try
        {
            await run(context);
            await (complete?.Invoke(context.Result) ?? Task.CompletedTask);
            var ((outcome, level), took) = (context.Outcome, clock.GetElapsedTime(start));
            Log.Ended(logger, level, name, outcome, context.Reason, context.Id, took.TotalMilliseconds);
        }
        catch (OperationCanceledException e) when (stopped.IsCancellationRequested)
        {
            // As it was told, so the log needs no stack trace.
            InvocationActivity.Fail(activity, e);
            Log.Stopped(logger, name, context.Reason, context.Id, clock.GetElapsedTime(start).TotalMilliseconds);
            throw;
        }
        catch (Exception e)
        {
            InvocationActivity.Fail(activity, e);
            Log.Failed(logger, e, name, context.Reason, context.Id, clock.GetElapsedTime(start).TotalMilliseconds);
            throw;
        }
    }

    private FunctionExecutionDelegate Around(FunctionDescriptor function)
    {
        var method = new FunctionMethod(function);
        FunctionExecutionDelegate run = async context =>
        {
            var local = (LocalFunctionContext)context;
            local.Result = await method.InvokeAsync(local);
        };
        return Enumerable.Reverse(middleware).Aggregate(run, (inner, next) => next(inner));
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Message = "{Function} {Outcome} ({Reason}, id {InvocationId}) in {Milliseconds:0.0} ms")]
        public static partial void Ended(
            ILogger logger, LogLevel level, string function, string outcome, string reason, Guid invocationId, double milliseconds);

        [LoggerMessage(2, LogLevel.Error, "{Function} failed ({Reason}, id {InvocationId}) in {Milliseconds:0.0} ms")]
        public static partial void Failed(ILogger logger, Exception exception, string function, string reason, Guid invocationId, double milliseconds);

        [LoggerMessage(3, LogLevel.Information, "{Function} was stopped ({Reason}, id {InvocationId}) after {Milliseconds:0.0} ms")]
        public static partial void Stopped(ILogger logger, string function, string reason, Guid invocationId, double milliseconds);
    }
}

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
                arguments[i] = parameters[i](context, context.TriggerData);
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
