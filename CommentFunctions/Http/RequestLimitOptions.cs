using System.Globalization;
using CommentFunctions.Settings;

namespace CommentFunctions.Http;

/// <summary>
/// The section <c>RequestLimits</c>: how many calls are answered of callers who need no key. Numbers are text, so that what is wrong with
/// one can be said by its name.
/// </summary>
public sealed class RequestLimitOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "RequestLimits";

    /// <summary>The calls in a second of one address; 0 for no limit.</summary>
    public string PerSecondPerAddress { get; set; } = "20";

    /// <summary>The calls in a second of one address about one conversation; 0 for no limit.</summary>
    public string PerSecondPerConversation { get; set; } = "5";

    /// <summary><see cref="PerSecondPerAddress"/>; only of options that were validated.</summary>
    internal int OfAddress => Parse(PerSecondPerAddress) ?? 0;

    /// <summary><see cref="PerSecondPerConversation"/>; only of options that were validated.</summary>
    internal int OfConversation => Parse(PerSecondPerConversation) ?? 0;

    /// <summary>The number; null where it is none that is allowed.</summary>
    internal static int? Parse(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 1_000_000 ? number : null;
}

/// <summary>Says at the start what is wrong with the limits.</summary>
internal sealed class RequestLimitOptionsValidator : OptionsValidator<RequestLimitOptions>
{
    protected override IEnumerable<string> Problems(RequestLimitOptions options) =>
        from setting in new[]
        {
            (Name: nameof(options.PerSecondPerAddress), Value: options.PerSecondPerAddress),
            (Name: nameof(options.PerSecondPerConversation), Value: options.PerSecondPerConversation),
        }
        where RequestLimitOptions.Parse(setting.Value) is null
        select $"{RequestLimitOptions.Section}:{setting.Name} is '{setting.Value}'. Allowed: a whole number from 1 to 1000000, or 0 for no limit.";
}

/// <summary>The section <c>Channels:Web</c>.</summary>
public sealed class WebChannelOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Channels:Web";

    /// <summary>Whether the page, the bot's messages and conversations, and the lists of comments are there for anyone.</summary>
    public bool Enabled { get; set; } = true;
}
