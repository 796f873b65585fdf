namespace CommentFunctions.Channels.Telegram;

/// <summary>
/// Puts the bot's token into the URL of a call as the last thing before it leaves, and takes it out again after it: whoever logs,
/// traces or counts calls sees <c>/bot/sendMessage</c>.
/// </summary>
internal sealed class TelegramToken(TelegramOptions options) : DelegatingHandler
{
    private const string Prefix = "bot/";

    /// <summary>The path of a method, without the token.</summary>
    public static string Method(string name) => Prefix + name;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var shown = request.RequestUri!;
        // Not as a relative URI: what begins with bot123: would be one of the scheme bot123.
        request.RequestUri = new Uri($"{options.Api}bot{options.BotToken}/{shown.AbsoluteUri[(options.Api.AbsoluteUri.Length + Prefix.Length)..]}");
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            request.RequestUri = shown;
        }
    }
}
