using CommentFunctions.Bot;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.Channels.Support;

/// <summary>The channels alone, on a clock that does not wait.</summary>
public sealed class ChannelApp : IDisposable
{
    // Unlike any wait, so that the clock knows it.
    private const string Limit = "00:00:07.1234567";

    private static readonly string[] Sections = ["Telegram", "WhatsApp", "Signal"];

    private readonly IHost host;

    private ChannelApp(IEnumerable<KeyValuePair<string, string?>> settings, ILoggerProvider? log = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(
            Sections.Select(channel => KeyValuePair.Create($"Channels:{channel}:Timeout", (string?)Limit)));
        foreach (var (setting, value) in settings)
        {
            builder.Configuration[setting] = value;
        }

        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.AddServiceChannels();
        host = builder.Build();
    }

    public static ChannelApp Start(params IEnumerable<KeyValuePair<string, string?>> settings) => new(settings);

    public static ChannelApp Start(ILoggerProvider log, params IEnumerable<KeyValuePair<string, string?>> settings) => new(settings, log);

    public SkippingClock Clock { get; } = new(TimeSpan.ParseExact(Limit, "c", null));

    public IReadOnlyList<IBotChannel> Channels => [.. host.Services.GetServices<IBotChannel>()];

    /// <summary>What the channel of this name calls its service with.</summary>
    public HttpClient CreateClient(string channel) => host.Services.GetRequiredService<IHttpClientFactory>().CreateClient(channel);

    /// <summary>Sends a reply by the one channel that is configured.</summary>
    public async Task SendAsync(string conversation, string text = "No comments found for user ann", DateTimeOffset? sentAt = null, string? quote = null)
    {
        var channel = Channels.Single();
        await SendAsync(new BotReply(
            new(channel.Name, conversation, "sender", "ann", Clock.GetUtcNow(), sentAt, quote), $"{channel.Name}:1", "ann", text));
    }

    /// <summary>Sends a reply by the one channel that is configured.</summary>
    public Task SendAsync(BotReply reply) => Channels.Single().SendAsync(reply, CancellationToken.None);

    public void Dispose() => host.Dispose();
}
