using CommentFunctions.Comments.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Comments;

/// <summary>Makes the tables before anything listens, so that the first request finds them.</summary>
public sealed class CommentSchema(IServiceScopeFactory scopes, CommentStore store, IOptions<CommentOptions> options)
    : IHostedLifecycleService
{
    /// <inheritdoc/>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (store.Name == StoreNames.Sqlite || options.Value.CreateSchema)
        {
            await using var scope = scopes.CreateAsyncScope();
            await store.CreateSchemaAsync(scope.ServiceProvider.GetRequiredService<CommentDbContext>(), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
