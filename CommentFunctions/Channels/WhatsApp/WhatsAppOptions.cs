using System.Text.RegularExpressions;

namespace CommentFunctions.Channels.WhatsApp;

/// <summary>The section <c>Channels:WhatsApp</c> of the configuration.</summary>
public sealed partial class WhatsAppOptions : ChannelOptions
{
    /// <summary>The channel's name in messages.</summary>
    public const string ChannelName = "whatsapp";

    /// <summary>The defaults: Meta's address, and the throughput that a number has at first.</summary>
    public WhatsAppOptions()
    {
        ApiAddress = "https://graph.facebook.com";
        MessagesPerSecond = "80";
    }

    /// <summary>What lets the app send: a token of a system user.</summary>
    public string? AccessToken { get; set; }

    /// <summary>The Meta app's secret, with which the webhook's calls are signed.</summary>
    public string? AppSecret { get; set; }

    /// <summary>What Meta says when it verifies the webhook.</summary>
    public string? VerifyToken { get; set; }

    /// <summary>The id of the number that people write to, and that replies come from.</summary>
    public string? PhoneNumberId { get; set; }

    /// <summary>The version of the API.</summary>
    public string ApiVersion { get; set; } = "v24.0";

    internal override string Channel => ChannelName;

    internal override string Section => "Channels:WhatsApp";

    internal override IReadOnlyList<RequiredSetting> Required =>
    [
        new(nameof(AccessToken), AccessToken, "a token of a system user that may send by the number"),
        new(nameof(AppSecret), AppSecret, "the app secret in the Meta app's basic settings"),
        new(nameof(VerifyToken), VerifyToken, "a long random text, and enter the same where the webhook is configured in the Meta app"),
        new(nameof(PhoneNumberId), PhoneNumberId, "the id of the number, not the number itself"),
    ];

    internal override IEnumerable<string?> Secrets => [AccessToken, AppSecret, VerifyToken];

    internal override string Credentials => Name(nameof(AccessToken));

    private protected override IEnumerable<string> CheckOwn()
    {
        if (PhoneNumberId is { Length: > 0 } && !PhoneNumberId.All(char.IsAsciiDigit))
        {
            yield return Invalid(nameof(PhoneNumberId), PhoneNumberId, "digits");
        }

        if (!Version().IsMatch(ApiVersion))
        {
            yield return Invalid(nameof(ApiVersion), ApiVersion, "v and a number, such as v24.0");
        }

        if (AccessToken is { Length: > 0 } && AccessToken.Any(c => c is <= ' ' or > '~'))
        {
            yield return $"{Name(nameof(AccessToken))} is no token. Allowed: visible ASCII characters.";
        }
    }

    [GeneratedRegex("^v[0-9]{1,3}\\.[0-9]{1,2}\\z")]
    private static partial Regex Version();
}
