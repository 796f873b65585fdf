using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Functions.LocalRuntime.Hosting;
using Functions.LocalRuntime.Queues;
using Functions.LocalRuntime.Settings;
using Functions.LocalRuntime.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.LocalRuntime.Support;

/// <summary>An app of sample functions on the local runtime, in this process, with a folder of its own.</summary>
internal sealed class LocalApp : IAsyncDisposable
{
    private readonly IHost host;
    private readonly TempFolder? folder;
    private bool stopped;

    private LocalApp(IHost host, TempFolder? folder, Probe probe)
    {
        this.host = host;
        this.folder = folder;
        Probe = probe;
    }

    public IServiceProvider Services => host.Services;

    public Probe Probe { get; }

    public HttpClient Http { get; private set; } = null!;

    public QueueStore Queues => Services.GetRequiredService<QueueStore>();

    /// <summary>Builds and starts an app; a start that fails throws what the command line would print.</summary>
    /// <param name="functions">Its classes of functions.</param>
    /// <param name="settings">The Values of local.settings.json.</param>
    /// <param name="hostJson">host.json.</param>
    /// <param name="folder">A folder that outlives the app, for a restart; else it has one of its own.</param>
    /// <param name="clock">Its clock.</param>
    /// <param name="port">Its port; any free one unless given.</param>
    /// <param name="configure">What its Program.cs would do.</param>
    /// <param name="urls">What it serves on in place of loopback.</param>
    public static async Task<LocalApp> StartAsync(
        IEnumerable<Type> functions,
        Dictionary<string, string>? settings = null,
        string hostJson = "{}",
        TempFolder? folder = null,
        TimeProvider? clock = null,
        int port = 0,
        Action<LocalFunctionsApplicationBuilder>? configure = null,
        string? urls = null)
    {
        var app = Build(Arguments.Parse(urls is null ? ["--port", $"{port}"] : ["--urls", urls]), functions, settings, hostJson, folder, clock, configure);
        try
        {
            await app.host.StartAsync();
            var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
            app.Http = new HttpClient { BaseAddress = new Uri(address.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal)), Timeout = Wait.Limit };
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>The builder of an app whose folder holds these files.</summary>
    public static LocalFunctionsApplicationBuilder Builder(
        Arguments arguments, string folder, IEnumerable<Type> functions, Dictionary<string, string>? settings = null, string hostJson = "{}")
    {
        File.WriteAllText(Path.Combine(folder, "host.json"), hostJson);
        File.WriteAllText(Path.Combine(folder, "local.settings.json"), JsonSerializer.Serialize(new { Values = settings ?? [] }));
        var builder = new LocalFunctionsApplicationBuilder(arguments, new ScriptRoot(folder), functions);
        builder.Logging.ClearProviders();
        return builder;
    }

    public Task SendAsync(string queue, params IEnumerable<string> bodies) =>
        Sender(queue).SendMessagesAsync(bodies.Select(body => new ServiceBusMessage(body)));

    public ServiceBusSender Sender(string queue) => Services.GetRequiredService<ServiceBusClient>().CreateSender(queue);

    /// <summary>Waits until a queue holds nothing, not even dead letters.</summary>
    public Task EmptyAsync(string queue) =>
        Wait.UntilAsync($"{queue} is empty", async () => await Queues.CountAsync(queue) == new QueueCounts(0, 0, 0));

    /// <summary>Why messages were dead-lettered, over all queues.</summary>
    public Task<List<string?>> DeadLetterReasonsAsync() => Services.GetRequiredService<RuntimeFile>().RunAsync(connection =>
        connection.Query("SELECT properties FROM messages WHERE state = 1", row => MessageProperties.Read(row.GetString(0))["DeadLetterReason"] as string));

    public async Task StopAsync()
    {
        stopped = true;
        await host.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Probe.Open();
        if (!stopped)
        {
            await StopAsync();
        }

        Http?.Dispose();
        await ((IAsyncDisposable)host).DisposeAsync();
        folder?.Dispose();
    }

    private static LocalApp Build(
        Arguments arguments,
        IEnumerable<Type> functions,
        Dictionary<string, string>? settings,
        string hostJson,
        TempFolder? folder,
        TimeProvider? clock,
        Action<LocalFunctionsApplicationBuilder>? configure)
    {
        var own = folder is null ? new TempFolder() : null;
        var builder = Builder(arguments, (folder ?? own!).Path, functions, settings, hostJson);
        var probe = new Probe();
        builder.Services.AddSingleton(probe);
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        configure?.Invoke(builder);
        return new(builder.Build(), own, probe);
    }
}
