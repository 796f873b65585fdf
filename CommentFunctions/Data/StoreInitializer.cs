using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Data;

/// <summary>
/// Makes the tables where that is asked for, and looks at them, before anything listens: a store that cannot be used ends the start
/// with a line that says what to do.
/// </summary>
public sealed class StoreInitializer(IServiceScopeFactory scopes, CommentStore store, IOptions<CommentOptions> options)
    : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        // SQLite's provider does its work before it returns a task, and a start that is interrupted is not to wait for it.
        await Task.Run(() => PrepareAsync(cancellationToken), cancellationToken).WaitAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<CommentDbContext>();
        await store.PrepareAsync(db, options.Value.CreateSchema, cancellationToken);
    }
}
