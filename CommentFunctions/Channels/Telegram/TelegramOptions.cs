using System.Text.RegularExpressions;

namespace CommentFunctions.Channels.Telegram;

/// <summary>The section <c>Channels:Telegram</c> of the configuration.</summary>
public sealed partial class TelegramOptions : PollableOptions
{
    /// <summary>The channel's name in messages.</summary>
    public const string ChannelName = "telegram";

    /// <summary>The defaults, which are what Telegram allows.</summary>
    public TelegramOptions()
    {
        ApiAddress = "https://api.telegram.org";
        MessagesPerSecond = "30";
    }

    /// <summary>The bot's token, as BotFather gives it.</summary>
    public string? BotToken { get; set; }

    /// <summary>What Telegram says at each call of the webhook.</summary>
    public string? WebhookSecret { get; set; }

    /// <summary>The most messages that are sent in a second to one chat.</summary>
    public string MessagesPerSecondPerChat { get; set; } = "1";

    /// <summary>The most messages that are sent in a minute to one group.</summary>
    public string MessagesPerMinutePerGroup { get; set; } = "20";

    internal override string Channel => ChannelName;

    internal override string Section => "Channels:Telegram";

    internal override IReadOnlyList<RequiredSetting> Required =>
    [
        new(nameof(BotToken), BotToken, "the token that BotFather gave to the bot"),
        ToReceive(new(
            nameof(WebhookSecret), WebhookSecret, "a long random text of letters, digits, _ and -, which SetTelegramWebhook gives to Telegram")),
    ];

    internal override IEnumerable<string?> Secrets => [BotToken, WebhookSecret];

    internal override string Credentials => Name(nameof(BotToken));

    /// <summary>How far apart messages to a chat are; only of options that were validated. Groups have negative ids.</summary>
    internal TimeSpan SpacingIn(long chat) =>
        (chat < 0
            ? SpacingOf(MessagesPerMinutePerGroup, TimeSpan.FromMinutes(1))
            : SpacingOf(MessagesPerSecondPerChat, TimeSpan.FromSeconds(1))) ?? default;

    private protected override IEnumerable<string> CheckOwn()
    {
        // Neither value is told: each is a secret, mistyped or not.
        if (BotToken is { Length: > 0 } && !Token().IsMatch(BotToken))
        {
            yield return $"{Name(nameof(BotToken))} is no token. Allowed: letters, digits, : _ and -, such as 123456:ABC-DEF.";
        }

        if (WebhookSecret is { Length: > 0 } && !Secret().IsMatch(WebhookSecret))
        {
            yield return $"{Name(nameof(WebhookSecret))} is no secret that Telegram takes. Allowed: 1 to 256 letters A-Z a-z, digits, _ and -.";
        }

        foreach (var problem in base.CheckOwn()
            .Concat(CheckRate(nameof(MessagesPerSecondPerChat), MessagesPerSecondPerChat))
            .Concat(CheckRate(nameof(MessagesPerMinutePerGroup), MessagesPerMinutePerGroup)))
        {
            yield return problem;
        }
    }

    [GeneratedRegex("^[A-Za-z0-9:_-]+\\z")]
    private static partial Regex Token();

    [GeneratedRegex("^[A-Za-z0-9_-]{1,256}\\z")]
    private static partial Regex Secret();
}
