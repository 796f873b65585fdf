using CommentFunctions.Health;
using CommentFunctions.Hosts;
using Functions.LocalRuntime.Queues;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Tests.Hosts;

public class LocalQueueDepthTests
{
    [Fact]
    public async Task The_depth_is_that_of_the_local_queue()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<ILocalQueues, Queues>();
        builder.AddLocalHost();
        await using var services = builder.Services.BuildServiceProvider();

        var depth = await services.GetRequiredService<IQueueDepth>().CountAsync("bot-replies", default);

        Assert.Equal(new("bot-replies".Length, 2, 3), depth);
    }

    private sealed class Queues : ILocalQueues
    {
        public Task<QueueCounts> CountAsync(string queue, CancellationToken cancellationToken = default) =>
            Task.FromResult(new QueueCounts(queue.Length, 2, 3));

        public Task CheckWritableAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task<DateTimeOffset?> OldestAsync(string queue, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }
}
