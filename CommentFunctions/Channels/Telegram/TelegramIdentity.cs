using CommentFunctions.Bot;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Channels.Telegram;

/// <summary>The bot's own name in Telegram, by which groups tell its commands from those of other bots. Asked for when it is needed, and kept.</summary>
public sealed class TelegramIdentity(TimeProvider clock, [FromKeyedServices(TelegramOptions.ChannelName)] ChannelApi? api = null)
{
    // BotFather can give a bot another name.
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);

    private Known? known;

    /// <summary>The name, without the @; the last that is known where Telegram does not answer.</summary>
    /// <exception cref="PermanentChannelException">Telegram refuses to say.</exception>
    /// <exception cref="TransientChannelException">Telegram does not answer.</exception>
    public async Task<string> NameAsync(CancellationToken cancellationToken)
    {
        var before = known;
        if (before is not null && clock.GetUtcNow() - before.At < Fresh)
        {
            return before.Name;
        }

        try
        {
            return await AskAsync(cancellationToken);
        }
        catch (Exception e) when (before is not null && e is PermanentChannelException or TransientChannelException)
        {
            known = before! with { At = clock.GetUtcNow() };
            return before.Name;
        }
    }

    /// <summary>Asks Telegram for the name.</summary>
    /// <exception cref="PermanentChannelException">Telegram refuses to say.</exception>
    /// <exception cref="TransientChannelException">Telegram does not answer.</exception>
    public async Task<string> AskAsync(CancellationToken cancellationToken)
    {
        var calls = api ?? throw new InvalidOperationException("The channel is not configured.");
        var me = (await calls.CallAsync(HttpMethod.Get, TelegramToken.Method("getMe"), null, cancellationToken)).Find("result");
        var name = me.Find("username").Text() ?? throw new TransientChannelException("telegram did not say the bot's name.");
        known = new(name, clock.GetUtcNow());
        return name;
    }

    private sealed record Known(string Name, DateTimeOffset At);
}
