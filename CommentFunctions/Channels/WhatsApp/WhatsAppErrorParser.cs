using System.Text.Json;
using CommentFunctions.Bot;

namespace CommentFunctions.Channels.WhatsApp;

/// <summary>Reads what the Cloud API says of a failure. Its codes say more than the status: Meta asks to go by them.</summary>
internal sealed class WhatsAppErrorParser : IErrorParser
{
    // More than 24 hours since the person's last message.
    private const long WindowClosed = 131047;

    // Too many calls of the app, for the account, by the number, and to one person; some of them come with status 400.
    private static readonly long[] TooMany = [4, 80007, 130429, 131056];

    // An experiment of Meta's, the same number at both ends, a device that cannot get it, too late, one too many for this person, a block,
    // a kind of message, and a user id that is not taken.
    private static readonly long[] Final = [130472, 131021, 131026, 131047, 131049, 131050, 131051, 131062];

    /// <summary>Whether somebody could mend what keeps a reply from arriving, such as a payment; what is not known may be such.</summary>
    public static bool CanBeMended(JsonElement error) => error.Find("code").Number() is not { } code || !Final.Contains(code);

    public ServiceFailure Read(JsonElement body)
    {
        var error = body.Find("error");
        var code = error.Find("code").Number();
        return new(
            Describe(error),
            IsBusy: code is { } known && TooMany.Contains(known),
            Reason: code == WindowClosed ? PermanentChannelException.TooLate : null);
    }

    /// <summary>What an error of Meta's says: its code, its title, and the details where there are any.</summary>
    public static string? Describe(JsonElement error)
    {
        var (code, message, details) = (error.Find("code").Number(), error.Find("message").Text() ?? error.Find("title").Text(), error.Find("error_data").Find("details").Text());
        var said = string.IsNullOrEmpty(details) || details == message ? message : $"{message}: {details}";
        return code is null ? said : $"error {code}, {said}";
    }
}
