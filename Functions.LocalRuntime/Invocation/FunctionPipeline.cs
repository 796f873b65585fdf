using Functions.LocalRuntime.Indexing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace Functions.LocalRuntime.Invocation;

/// <summary>The middleware of the app, the first added outermost, with the function inside.</summary>
internal sealed class FunctionPipeline
{
    private readonly List<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> middleware = [];

    public void Add(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> next) => middleware.Add(next);

    public FunctionExecutionDelegate Around(FunctionDescriptor function)
    {
        var method = new FunctionMethod(function);
        FunctionExecutionDelegate pipeline = async context =>
        {
            var local = (LocalFunctionContext)context;
            local.Result = await method.InvokeAsync(local);
        };
        for (var i = middleware.Count - 1; i >= 0; i--)
        {
            pipeline = middleware[i](pipeline);
        }

        return pipeline;
    }
}
