using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.Telegram;

/// <summary><c>GET /api/channels/telegram/webhook</c> answers with what Telegram says of the bot's webhook.</summary>
public sealed class GetTelegramWebhook(TelegramRegistration registration, IOptions<TelegramOptions> options)
{
    [Function(nameof(GetTelegramWebhook))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "channels/telegram/webhook")] HttpRequest request,
        CancellationToken cancellationToken) =>
        ChannelResults.OfCallAsync(options.Value, () => registration.LookAsync(cancellationToken));
}
