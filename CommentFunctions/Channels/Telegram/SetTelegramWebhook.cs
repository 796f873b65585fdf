using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.Telegram;

/// <summary>
/// <c>POST /api/channels/telegram/webhook?url=https://example.org/api/channels/telegram</c> has Telegram call that address, and answers
/// with what Telegram then says of it. <c>dropPending=true</c> forgets the messages that wait.
/// </summary>
public sealed class SetTelegramWebhook(TelegramRegistration registration, IOptions<TelegramOptions> options)
{
    [Function(nameof(SetTelegramWebhook))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "channels/telegram/webhook")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        QueryValues.AllowOnly(request, "url", "dropPending");
        Require.That(
            Uri.TryCreate(QueryValues.One(request, "url"), UriKind.Absolute, out var address) && TelegramRegistration.IsAddress(address),
            $"url is not an address that Telegram calls. Allowed: {TelegramRegistration.AddressRule}.");
        var dropPending = QueryValues.Flag(request, "dropPending");
        return await ChannelResults.OfCallAsync(options.Value, () => registration.RegisterAsync(address, dropPending, cancellationToken));
    }
}
