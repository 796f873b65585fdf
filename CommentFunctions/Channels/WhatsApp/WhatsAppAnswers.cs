using System.Text.Json;
using CommentFunctions.Bot;

namespace CommentFunctions.Channels.WhatsApp;

/// <summary>Reads what the Cloud API says of a failure. Its codes say more than the status: Meta asks to go by them.</summary>
internal sealed class WhatsAppAnswers : IAnswerReader
{
    // More than 24 hours since the person's last message.
    private const long WindowClosed = 131047;

    // Too many calls of the app, for the account, by the number, and to one person; some of them come with status 400.
    private static readonly long[] TooMany = [4, 80007, 130429, 131056];

    public ServiceFailure Read(JsonElement body)
    {
        var error = body.Find("error");
        var code = error.Find("code").Number();
        var message = error.Find("message").Text();
        return new(
            code is null ? message : $"error {code}, {message}",
            IsBusy: code is { } known && TooMany.Contains(known),
            Reason: code == WindowClosed ? ChannelRefusedException.TooLate : null);
    }
}
