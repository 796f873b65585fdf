using Microsoft.Extensions.Configuration;

namespace Functions.LocalRuntime.Hosting;

/// <summary>
/// The configuration section <c>LocalRuntime</c>: where the runtime keeps its state, and what in Azure belongs to a queue, not to
/// the app.
/// </summary>
internal sealed class LocalRuntimeOptions
{
    /// <summary>The folder of the runtime's state, relative to the folder of host.json.</summary>
    public string Folder { get; set; } = ".local";

    /// <summary>How long a delivery holds a message unless it is renewed.</summary>
    public TimeSpan LockDuration { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often a message is delivered before it is dead-lettered.</summary>
    public int MaxDeliveryCount { get; set; } = 10;

    /// <summary>How long a MessageId is remembered.</summary>
    public TimeSpan DuplicateDetectionWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a message is kept for delivery; after that it is dead-lettered.</summary>
    public TimeSpan MessageTimeToLive { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long running functions may go on after the process was told to stop.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    public static LocalRuntimeOptions From(IConfiguration configuration, string scriptRoot)
    {
        var options = configuration.GetSection("LocalRuntime").Get<LocalRuntimeOptions>() ?? new();
        options.Folder = Path.GetFullPath(options.Folder, scriptRoot);
        return options;
    }
}
