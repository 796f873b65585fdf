using Azure.Messaging.ServiceBus;
using CommentFunctions.Comments;
using CommentFunctions.Data;
using CommentFunctions.Data.Postgres;
using CommentFunctions.Expiry;
using CommentFunctions.Queues;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.Support;

/// <summary>The app's services on a store, by default a SQLite file in a folder of its own, with a clock and queues that a test controls.</summary>
public sealed class TestApp : IAsyncDisposable
{
    private readonly IHost host;

    private TestApp(
        string folder,
        Dictionary<string, string?> settings,
        Func<CommentStore, CommentStore>? store,
        ILoggerProvider? log,
        IPostgresPasswords? passwords,
        Action<HostApplicationBuilder>? configure)
    {
        Folder = folder;
        var builder = Host.CreateEmptyApplicationBuilder(new() { ContentRootPath = folder });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddApp();
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.Services.AddSingleton<TimeProvider>(Clock);
        AllowManyStores(builder.Services);
        builder.Services.AddSingleton<IQueueStatus>(Queues);
        builder.Services.AddSingleton(Sent.Client);
        if (passwords is not null)
        {
            builder.Services.AddSingleton(passwords);
        }

        if (store is not null)
        {
            var name = settings.GetValueOrDefault("Comments:Store", StoreNames.Sqlite);
            builder.Services.AddSingleton(services => store(services.GetRequiredKeyedService<CommentStore>(name)));
        }

        configure?.Invoke(builder);
        host = builder.Build();
        Sent.Arrived = Deliver;
    }

    public FakeTimeProvider Clock { get; } = new();

    public FakeQueueStatus Queues { get; } = new();

    public SentMessages Sent { get; } = new();

    public string Folder { get; }

    public string DatabaseFile => Path.Combine(Folder, ".local", "comments.db");

    public IServiceProvider Services => host.Services;

    public Retention Retention => Services.GetRequiredService<Retention>();

    /// <summary>
    /// Starts an app; <paramref name="store"/> may wrap its store, <paramref name="folder"/> may be that of another app, and
    /// <paramref name="log"/> may take its log, <paramref name="passwords"/> may sign in to PostgreSQL, and <paramref name="configure"/>
    /// may change the rest.
    /// </summary>
    public static async Task<TestApp> StartAsync(
        Dictionary<string, string?>? settings = null,
        Func<CommentStore, CommentStore>? store = null,
        string? folder = null,
        ILoggerProvider? log = null,
        IPostgresPasswords? passwords = null,
        Action<HostApplicationBuilder>? configure = null,
        CancellationToken cancellationToken = default)
    {
        var app = new TestApp(folder ?? Directory.CreateTempSubdirectory("comments-").FullName, settings ?? [], store, log, passwords, configure);
        await app.host.StartAsync(cancellationToken);
        return app;
    }

    /// <summary>EF warns of one process with many Cosmos DB accounts, for each of which it keeps services; and each test has its own.</summary>
    public static void AllowManyStores(IServiceCollection services) => services.ConfigureDbContext<CommentDbContext>(
        options => options.ConfigureWarnings(warnings => warnings.Ignore(CoreEventId.ManyServiceProvidersCreatedWarning)));

    /// <summary>Calls a service in a scope of its own, as the host does for each invocation.</summary>
    public async Task<TResult> WithAsync<T, TResult>(Func<T, Task<TResult>> call)
        where T : class
    {
        await using var scope = Services.CreateAsyncScope();
        return await call(ActivatorUtilities.GetServiceOrCreateInstance<T>(scope.ServiceProvider));
    }

    /// <summary>Calls a service in a scope of its own, as the host does for each invocation.</summary>
    public Task WithAsync<T>(Func<T, Task> call)
        where T : class =>
        WithAsync<T, bool>(async service =>
        {
            await call(service);
            return true;
        });

    /// <summary>Writes a comment at the clock's time.</summary>
    public Task<Comment> PostAsync(string userName, string text) =>
        WithAsync<CommentWriter, Comment>(writer => writer.PostAsync(userName, text, CancellationToken.None));

    /// <summary>Runs the expiry job once.</summary>
    public Task<ExpiryRun> ExpireAsync(TimeSpan? olderThan = null, bool dryRun = false, CancellationToken cancellationToken = default) =>
        WithAsync<ExpiryJob, ExpiryRun>(job => job.RunAsync(new("by hand", olderThan, dryRun), cancellationToken));

    // Who asks for a run waits for it. What it throws is theirs to hear.
    private void Deliver(string queue, ServiceBusMessage message)
    {
        if (queue == QueueNames.ExpiryRuns)
        {
            _ = Task.Run(() => this.StartRunAsync(BotMessages.Received(message)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
        SqliteConnection.ClearAllPools();
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
