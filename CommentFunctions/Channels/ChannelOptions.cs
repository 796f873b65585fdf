using System.Globalization;
using CommentFunctions.Settings;

namespace CommentFunctions.Channels;

/// <summary>
/// What the settings of channels to a service have in common: the section <c>Channels:{Name}</c>. Numbers and durations are text, so
/// that what is wrong with one can be said by its name.
/// </summary>
public abstract class ChannelOptions
{
    /// <summary>The longest that one call of the service may take: several have to fit into the lock of a message.</summary>
    public static readonly TimeSpan LongestTimeout = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(100);

    private IReadOnlyList<string>? problems;

    /// <summary>The address of the service's API.</summary>
    public string? ApiAddress { get; set; }

    /// <summary>The most messages that are sent in a second by this process.</summary>
    public string MessagesPerSecond { get; set; } = "";

    /// <summary>The most messages of one conversation that are answered of those sent within a minute; the rest is not.</summary>
    public string RepliesPerMinutePerConversation { get; set; } = "15";

    /// <summary>How long one call of the service may take, as <c>hh:mm:ss</c>.</summary>
    public string Timeout { get; set; } = "00:00:10";

    /// <summary>The channel's name, as messages carry it.</summary>
    internal abstract string Channel { get; }

    /// <summary>The configuration section.</summary>
    internal abstract string Section { get; }

    /// <summary>The settings without which the channel cannot work.</summary>
    internal abstract IReadOnlyList<RequiredSetting> Required { get; }

    /// <summary>The values that no log and no answer may contain.</summary>
    internal abstract IEnumerable<string?> Secrets { get; }

    /// <summary>The full name of the setting that is wrong where the service does not know the app.</summary>
    internal abstract string Credentials { get; }

    /// <summary>Whether the app runs under Microsoft's Functions host.</summary>
    internal bool IsUnderFunctionsHost { get; set; }

    /// <summary>Whether any required setting has a text, be it a reference that was not resolved.</summary>
    internal bool IsConfigured => Required.Any(setting => !string.IsNullOrWhiteSpace(setting.Value));

    /// <summary>What is wrong with the settings of a channel that is asked for, each problem naming its setting; where anything is, it is off.</summary>
    internal IReadOnlyList<string> Problems => problems ??= [.. Check()];

    /// <summary>The API's address, with a slash at the end; only of options without problems.</summary>
    internal Uri Api => new(ApiAddress!.TrimEnd('/') + "/");

    /// <summary><see cref="Timeout"/>; only of options without problems.</summary>
    internal TimeSpan CallTimeout => Durations.TryParse(Timeout, out var timeout) ? timeout : throw NotValidated();

    /// <summary><see cref="RepliesPerMinutePerConversation"/>; only of options without problems.</summary>
    internal int MostReplies => MostRepliesOf(RepliesPerMinutePerConversation) ?? throw NotValidated();

    /// <summary>How far apart messages are; only of options without problems.</summary>
    internal TimeSpan Spacing => SpacingOf(MessagesPerSecond, TimeSpan.FromSeconds(1)) ?? throw NotValidated();

    /// <summary>What is wrong with the settings that only this channel has, where they are set.</summary>
    private protected virtual IEnumerable<string> CheckOwn() => [];

    /// <summary>The full name of one of the section's settings.</summary>
    private protected string Name(string setting) => $"{Section}:{setting}";

    /// <summary>The problem of a value that is not allowed.</summary>
    private protected string Invalid(string setting, string? value, string allowed) => $"{Name(setting)} is '{value}'. Allowed: {allowed}.";

    /// <summary>The time between messages of which there are so many in a period; null for text that is no number of them.</summary>
    private protected static TimeSpan? SpacingOf(string count, TimeSpan period) =>
        double.TryParse(count, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number is >= 0.01 and <= 10_000
            ? period / number
            : null;

    /// <summary>The problem of a rate that is no number.</summary>
    private protected IEnumerable<string> CheckRate(string setting, string value)
    {
        if (SpacingOf(value, TimeSpan.FromSeconds(1)) is null)
        {
            yield return Invalid(setting, value, "a number from 0.01 to 10000");
        }
    }

    private static int? MostRepliesOf(string count) =>
        int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 10_000 ? number : null;

    private static InvalidOperationException NotValidated() => new("The options have problems.");

    private IEnumerable<string> Check()
    {
        if (!IsConfigured)
        {
            return [];
        }

        var set = Name(Required.First(setting => !string.IsNullOrWhiteSpace(setting.Value)).Name);
        List<string> missing = [.. Required.Where(setting => !setting.IsSet).Select(setting => KeyVaultReference.IsUnresolved(setting.Value)
            ? KeyVaultReference.Explain(Name(setting.Name))
            : $"{Name(setting.Name)} is missing, while {set} is set. Set it to {setting.What}, or remove {Section} to do without the channel.")];
        // Of a reference that was not resolved there is no more to check.
        return Required.Any(setting => KeyVaultReference.IsUnresolved(setting.Value)) ? missing : missing.Concat(CheckCommon()).Concat(CheckOwn());
    }

    private IEnumerable<string> CheckCommon()
    {
        var missing = string.IsNullOrWhiteSpace(ApiAddress) && Required.Any(setting => setting.Name == nameof(ApiAddress));
        var isAddress = Uri.TryCreate(ApiAddress, UriKind.Absolute, out var address)
            && address is { Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" };
        if (!missing && !isAddress)
        {
            yield return $"{Name(nameof(ApiAddress))} is no address of an API. Allowed: http:// or https://, a host, and a path if need be.";
        }

        if (!Durations.TryParse(Timeout, out var timeout) || timeout < ShortestTimeout || timeout > LongestTimeout)
        {
            yield return Invalid(nameof(Timeout), Timeout, "hh:mm:ss, from 00:00:00.1 to 00:00:20");
        }

        if (MostRepliesOf(RepliesPerMinutePerConversation) is null)
        {
            yield return Invalid(nameof(RepliesPerMinutePerConversation), RepliesPerMinutePerConversation, "a whole number from 1 to 10000");
        }

        foreach (var problem in CheckRate(nameof(MessagesPerSecond), MessagesPerSecond))
        {
            yield return problem;
        }
    }
}

/// <summary>A setting without which a channel cannot work.</summary>
/// <param name="Name">Its name in the channel's section.</param>
/// <param name="Value">Its value.</param>
/// <param name="What">What to set it to, for messages to people.</param>
internal sealed record RequiredSetting(string Name, string? Value, string What)
{
    /// <summary>Whether it has a value that can be used.</summary>
    public bool IsSet => !string.IsNullOrWhiteSpace(Value) && !KeyVaultReference.IsUnresolved(Value);
}
