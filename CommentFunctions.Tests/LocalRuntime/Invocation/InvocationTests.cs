using CommentFunctions.Tests.LocalRuntime.Support;
using Functions.LocalRuntime.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Tests.LocalRuntime.Invocation;

public sealed class InvocationTests
{
    [Fact]
    public async Task Each_invocation_has_a_scope_of_its_own_that_function_and_middleware_share()
    {
        await using var app = await LocalApp.StartAsync([typeof(Scoped)], configure: builder =>
        {
            builder.Services.AddScoped<ScopedService>();
            builder.UseMiddleware<ScopeMiddleware>();
        });

        await app.Http.GetAsync("api/Scoped");
        await app.Http.GetAsync("api/Scoped");

        var notes = app.Probe.Notes.Cast<(ScopedService Service, string Who)>().ToList();
        Assert.Equal(["middleware", "constructor", "context", "request", "middleware", "constructor", "context", "request"], notes.Select(note => note.Who));
        Assert.Single(notes.Take(4).Select(note => note.Service).Distinct());
        Assert.Single(notes.Skip(4).Select(note => note.Service).Distinct());
        Assert.NotSame(notes[0].Service, notes[4].Service);
        Assert.All(notes, note => Assert.True(note.Service.Disposed));
    }

    [Fact]
    public async Task Middleware_runs_around_the_function_in_the_order_it_was_added()
    {
        await using var app = await LocalApp.StartAsync([typeof(Plain)], configure: builder =>
        {
            builder.UseMiddleware<Outer>();
            builder.UseMiddleware<Inner>();
        });

        await app.Http.GetStringAsync("api/Plain");

        Assert.Equal(["outer begins", "inner begins", "Plain runs", "inner ends", "outer ends"], app.Probe.Notes);
    }

    [Fact]
    public void Middleware_that_comes_after_the_app_was_built_is_refused()
    {
        using var folder = new TempFolder();
        var builder = LocalApp.Builder(Arguments.Parse(["list"]), folder.Path, [typeof(Plain)]);
        using var app = builder.Build();

        Assert.Throws<InvalidOperationException>(() => builder.UseMiddleware<Outer>());
    }

    [Fact]
    public async Task Middleware_may_answer_for_a_function_that_failed()
    {
        await using var app = await LocalApp.StartAsync([typeof(Throwing)], configure: builder => builder.UseMiddleware<Catching>());

        var answer = await app.Http.GetAsync("api/Throwing");

        Assert.Equal((418, "no coffee"), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task The_context_tells_of_the_function_and_the_invocation()
    {
        await using var app = await LocalApp.StartAsync([typeof(Plain)]);

        await app.Http.GetAsync("api/Context");
        await app.Http.GetAsync("api/Context");

        var contexts = app.Probe.Notes.Cast<FunctionContext>().ToList();
        Assert.Equal(("Context", $"{typeof(Plain).FullName}.Context"), (contexts[0].FunctionDefinition.Name, contexts[0].FunctionDefinition.EntryPoint));
        Assert.Equal(contexts[0].FunctionId, contexts[1].FunctionId);
        Assert.NotEqual(contexts[0].InvocationId, contexts[1].InvocationId);
        Assert.Equal((0, 0), (contexts[0].RetryContext.RetryCount, contexts[0].RetryContext.MaxRetryCount));
    }

    [Fact]
    public async Task A_function_may_return_in_every_way_a_task_can()
    {
        await using var app = await LocalApp.StartAsync([typeof(Returning)]);

        foreach (var name in new[] { "Now", "InATask", "InAValueTask" })
        {
            Assert.Equal(name, await app.Http.GetStringAsync($"api/{name}"));
        }

        Assert.Equal("", await app.Http.GetStringAsync("api/Nothing"));
    }

    private sealed class ScopedService : IDisposable
    {
        public bool Disposed { get; private set; }

        public void Dispose() => Disposed = true;
    }

    private sealed class ScopeMiddleware(Probe probe) : IFunctionsWorkerMiddleware
    {
        public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            probe.Note((context.InstanceServices.GetRequiredService<ScopedService>(), "middleware"));
            return next(context);
        }
    }

    private sealed class Scoped(ScopedService service, Probe probe)
    {
        [Function("Scoped")]
        public void Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request, FunctionContext context)
        {
            probe.Note((service, "constructor"));
            probe.Note((context.InstanceServices.GetRequiredService<ScopedService>(), "context"));
            probe.Note((request.HttpContext.RequestServices.GetRequiredService<ScopedService>(), "request"));
        }
    }

    private sealed class Outer(Probe probe) : IFunctionsWorkerMiddleware
    {
        public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            probe.Note("outer begins");
            await next(context);
            probe.Note("outer ends");
        }
    }

    private sealed class Inner(Probe probe) : IFunctionsWorkerMiddleware
    {
        public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            probe.Note("inner begins");
            await next(context);
            probe.Note("inner ends");
        }
    }

    private sealed class Catching : IFunctionsWorkerMiddleware
    {
        public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            try
            {
                await next(context);
            }
            catch (InvalidOperationException e) when (context.GetHttpContext() is { } http)
            {
                await Results.Text(e.Message, statusCode: 418).ExecuteAsync(http);
            }
        }
    }

    private sealed class Plain(Probe probe)
    {
        [Function("Plain")]
        public string Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            probe.Note("Plain runs");
            return "plain";
        }

        [Function("Context")]
        public void Context([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request, FunctionContext context) => probe.Note(context);
    }

    private static class Throwing
    {
        // Throws before there is a task, which must not look different from a failed task.
        [Function("Throwing")]
        public static Task RunAsync([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => throw new InvalidOperationException("no coffee");
    }

    private static class Returning
    {
        [Function("Now")]
        public static IResult Now([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => Results.Text("Now");

        [Function("InATask")]
        public static async Task<IResult> InATask([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            await Task.Yield();
            return Results.Text("InATask");
        }

        [Function("InAValueTask")]
        public static async ValueTask<IResult> InAValueTask([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            await Task.Yield();
            return Results.Text("InAValueTask");
        }

        [Function("Nothing")]
        public static async ValueTask Nothing([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => await Task.Yield();
    }
}
