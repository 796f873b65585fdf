using System.Text.Json;

namespace CommentFunctions.Channels.Signal;

/// <summary>
/// Reads what signal-cli-rest-api says of a failure. It answers 400 to nearly all of them, also to those that pass, so the text decides:
/// what is not known to be final passes, or may pass.
/// </summary>
internal sealed class SignalErrorParser : IErrorParser
{
    /// <summary>How long an account is left alone of which Signal wants a captcha: only a person can give it.</summary>
    public static readonly TimeSpan CaptchaPause = TimeSpan.FromHours(2);

    /// <summary>How long a conversation is left alone that had too many messages. Signal names a wait, signal-cli-rest-api does not pass it on.</summary>
    public static readonly TimeSpan LimitPause = TimeSpan.FromMinutes(15);

    private const int MostTokens = 3;

    // What the call itself has wrong, and what only the person, or the admin of the group, could change.
    private static readonly string[] Final =
    [
        "Couldn't process request - ",
        "Invalid identifier ",
        "Invalid group id",
        "Invalid Signal group size ",
        "Invalid recipient type",
        "Invalid phone number ",
        "Sending empty message is not allowed",
        "User is not a member in group: ",
        "User is not allowed to send message to group: ",
        "Unable to complete request due to untrusted recipient keys",
        "Failed to send message due to untrusted identities",
    ];

    // A group may be unknown until the account has its groups from another device.
    private static readonly string[] MaybeFinal = ["The user ", "Unregistered user", "Group not found: "];

    // A network that fails and a person who has no Signal any more.
    private const string Failed = "Failed to send message";

    public ServiceFailure Read(JsonElement body)
    {
        var text = body.Find("error").Text()?.Trim() ?? "";
        if (TokensOf(body) is { Count: > 0 } tokens)
        {
            return new(
                $"a captcha is wanted, challenge_tokens {string.Join(", ", tokens)}: "
                + "solve https://signalcaptchas.org/challenge/generate.html and post both to /v1/accounts/{number}/rate-limit-challenge",
                CaptchaPause,
                IsBusy: true,
                IsForAll: true);
        }

        if (text.Contains("rate limit", StringComparison.OrdinalIgnoreCase) || text.Contains("RateLimitException", StringComparison.Ordinal))
        {
            return new(text, LimitPause, IsBusy: true);
        }

        return new(text, IsBusy: !BeginsWithOne(text, Final), MayBeFinal: text.TrimEnd('.') == Failed || BeginsWithOne(text, MaybeFinal));
    }

    // One for each recipient; empty for one that has to wait only.
    private static List<string> TokensOf(JsonElement body) => body.Find("challenge_tokens") is { ValueKind: JsonValueKind.Array } tokens
        ? [.. tokens.EnumerateArray().Select(token => token.Text()).OfType<string>().Where(token => token.Length > 0).Take(MostTokens)]
        : [];

    private static bool BeginsWithOne(string text, string[] beginnings) =>
        beginnings.Any(beginning => text.StartsWith(beginning, StringComparison.OrdinalIgnoreCase));
}
