using CommentFunctions.Bot;
using CommentFunctions.Channels.Web;
using CommentFunctions.Comments;
using CommentFunctions.Data;
using CommentFunctions.Expiry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Benchmarks.Measuring;

/// <summary>The app's services on one store, without a host around them.</summary>
internal sealed class BenchApp : IAsyncDisposable
{
    private readonly IHost host;

    private BenchApp(string store, string connectionString, (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Comments:Store"] = store,
            ["Comments:ConnectionString"] = connectionString,
            ["Comments:CreateSchema"] = "true",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        builder.Services.AddSingleton<IHostLifetime, Lifetime>();
        builder.AddStores();
        builder.AddData();
        builder.AddComments();
        builder.AddExpiry();
        builder.AddBot();
        builder.AddWebChannel();
        host = builder.Build();
    }

    public static async Task<BenchApp> StartAsync(string store, string connectionString, params (string Name, string Value)[] settings)
    {
        var app = new BenchApp(store, connectionString, settings);
        await app.host.StartAsync(Ending.Token);
        return app;
    }

    /// <summary>Calls a service in a scope of its own, as the host does for each invocation.</summary>
    public async Task<TResult> WithAsync<T, TResult>(Func<T, Task<TResult>> call)
        where T : notnull
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await call(scope.ServiceProvider.GetRequiredService<T>());
    }

    /// <summary>Calls two services of one scope.</summary>
    public async Task<TResult> WithAsync<T1, T2, TResult>(Func<T1, T2, Task<TResult>> call)
        where T1 : notnull
        where T2 : notnull
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await call(scope.ServiceProvider.GetRequiredService<T1>(), scope.ServiceProvider.GetRequiredService<T2>());
    }

    /// <summary>One expiry run with the configured retention.</summary>
    public Task<ExpiryRun> ExpireAsync() =>
        WithAsync<ExpiryJob, ExpiryRun>(job => job.RunAsync(new("by hand"), Ending.Token));

    /// <summary>The bot's answer to a message with this text.</summary>
    public Task<BotReply> AnswerAsync(string text) =>
        WithAsync<CommentBot, BotReply>(bot => bot.AnswerAsync("bench:1", new("bench", "1", "1", text, DateTimeOffset.UtcNow), CancellationToken.None));

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }

    /// <summary>That of the benchmark: the usual one would end the host at a signal, and the benchmark would take that for a failure.</summary>
    private sealed class Lifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
