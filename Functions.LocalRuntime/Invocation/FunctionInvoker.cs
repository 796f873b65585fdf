using System.Collections.Concurrent;
using Functions.LocalRuntime.Hosting;
using Functions.LocalRuntime.Indexing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Functions.LocalRuntime.Invocation;

/// <summary>What makes one invocation run.</summary>
/// <param name="Reason">Why, for the log.</param>
/// <param name="Data">The trigger's data.</param>
/// <param name="BindingData">The trigger's metadata, by name.</param>
/// <param name="TraceParent">The trace that the trigger belongs to; null to go on with the current one.</param>
internal sealed record InvocationRequest(
    string Reason,
    object Data,
    IReadOnlyDictionary<string, object?> BindingData,
    string? TraceParent = null)
{
    public static readonly IReadOnlyDictionary<string, object?> NoData = new Dictionary<string, object?>();
}

/// <summary>Runs functions: a scope, a context and the pipeline for each invocation, and one log line at its end.</summary>
internal sealed partial class FunctionInvoker(
    IServiceScopeFactory scopes, FunctionPipeline pipeline, HostOptions host, ILoggerFactory loggers, TimeProvider clock) : IDisposable
{
    private readonly ConcurrentDictionary<string, (FunctionExecutionDelegate Run, ILogger Logger)> functions = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource stopped = new();
    private int running;

    /// <summary>Invocations that have begun and not ended.</summary>
    public int Running => Volatile.Read(ref running);

    /// <summary>Cancels the tokens of the functions that still run: the host waits no longer.</summary>
    public void Cancel() => stopped.Cancel();

    /// <summary>
    /// Runs a function. <paramref name="prepare"/> adds features before it, <paramref name="complete"/> uses the result while the
    /// invocation's services are still there.
    /// </summary>
    /// <exception cref="Exception">Whatever the function throws, after it was logged.</exception>
    public async Task InvokeAsync(
        FunctionDescriptor function,
        InvocationRequest request,
        Action<LocalFunctionContext>? prepare = null,
        Func<object?, Task>? complete = null)
    {
        Interlocked.Increment(ref running);
        try
        {
            await RunAsync(function, request, prepare, complete);
        }
        finally
        {
            Interlocked.Decrement(ref running);
        }
    }

    public void Dispose() => stopped.Dispose();

    private async Task RunAsync(
        FunctionDescriptor function, InvocationRequest request, Action<LocalFunctionContext>? prepare, Func<object?, Task>? complete)
    {
        var (run, logger) = functions.GetOrAdd(function.Name, (name, all) =>
            (pipeline.Around(all), loggers.CreateLogger($"Function.{name}")), function);
        var start = clock.GetTimestamp();
        using var activity = InvocationActivity.Start(function, request);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stopped.Token);
        timeout.CancelAfter(host.FunctionTimeout);
        await using var scope = scopes.CreateAsyncScope();
        var context = new LocalFunctionContext(function.Definition, request.Data, request.BindingData, scope.ServiceProvider, timeout.Token, request.TraceParent);
        activity?.SetTag("faas.invocation_id", context.InvocationId);
        prepare?.Invoke(context);
        try
        {
            await run(context);
            await (complete?.Invoke(context.Result) ?? Task.CompletedTask);
            Log.Succeeded(logger, function.Name, request.Reason, context.InvocationId, clock.GetElapsedTime(start).TotalMilliseconds);
        }
        catch (Exception e)
        {
            InvocationActivity.Fail(activity, e);
            Log.Failed(logger, e, function.Name, request.Reason, context.InvocationId, clock.GetElapsedTime(start).TotalMilliseconds);
            throw;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Function} succeeded ({Reason}, id {InvocationId}) in {Milliseconds:0.0} ms")]
        public static partial void Succeeded(ILogger logger, string function, string reason, string invocationId, double milliseconds);

        [LoggerMessage(2, LogLevel.Error, "{Function} failed ({Reason}, id {InvocationId}) in {Milliseconds:0.0} ms")]
        public static partial void Failed(ILogger logger, Exception exception, string function, string reason, string invocationId, double milliseconds);
    }
}
