using CommentFunctions.Tests.Support;

namespace CommentFunctions.Tests.Channels.Support;

/// <summary>Tests that have an app with all channels configured, each with its service.</summary>
public abstract class ChannelsTests : IAsyncLifetime
{
    protected ChannelsApp Channels { get; private set; } = null!;

    protected TelegramStandIn Telegram => Channels.Telegram;

    protected TestApp App => Channels.App;

    public async Task InitializeAsync() => Channels = await ChannelsApp.StartAsync();

    public async Task DisposeAsync() => await Channels.DisposeAsync();
}
