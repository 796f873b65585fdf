using System.Text.RegularExpressions;

namespace CommentFunctions.Channels.Signal;

/// <summary>The section <c>Channels:Signal</c> of the configuration.</summary>
public sealed partial class SignalOptions : PollableOptions
{
    /// <summary>The channel's name in messages.</summary>
    public const string ChannelName = "signal";

    /// <summary>The defaults.</summary>
    public SignalOptions() => MessagesPerSecond = "5";

    /// <summary>The bot's own number.</summary>
    public string? Number { get; set; }

    /// <summary>What signal-cli-rest-api says at each call of the webhook: what stands in an address as it is.</summary>
    public string? WebhookSecret { get; set; }

    internal override string Channel => ChannelName;

    internal override string Section => "Channels:Signal";

    internal override IReadOnlyList<RequiredSetting> Required =>
    [
        new(nameof(ApiAddress), ApiAddress, "the address of signal-cli-rest-api, such as http://localhost:8080"),
        new(nameof(Number), Number, "the bot's own number, such as +491701234567"),
        ToReceive(new(nameof(WebhookSecret), WebhookSecret, "a long random text of letters and digits, and put the same into RECEIVE_WEBHOOK_URL")),
    ];

    internal override IEnumerable<string?> Secrets => [WebhookSecret];

    // Signal-cli-rest-api asks for nothing; a proxy before it may.
    internal override string Credentials => Name(nameof(ApiAddress));

    private protected override IEnumerable<string> CheckOwn()
    {
        if (Number is { Length: > 0 } && !International().IsMatch(Number))
        {
            yield return Invalid(nameof(Number), Number, "+ and 5 to 15 digits");
        }

        // signal-cli-rest-api cannot read an address with another character, and writes it, the secret included, into its log.
        if (!string.IsNullOrWhiteSpace(WebhookSecret) && !Unreserved().IsMatch(WebhookSecret))
        {
            yield return $"{Name(nameof(WebhookSecret))} is no secret that fits into an address. "
                + "Allowed: letters A-Z and a-z, digits, '-', '.', '_' and '~'.";
        }

        foreach (var problem in base.CheckOwn())
        {
            yield return problem;
        }
    }

    [GeneratedRegex("^\\+[0-9]{5,15}\\z")]
    private static partial Regex International();

    [GeneratedRegex("^[A-Za-z0-9._~-]+\\z")]
    private static partial Regex Unreserved();
}
