using CommentFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.WhatsApp;

/// <summary>
/// <c>GET /api/channels/whatsapp?hub.mode=subscribe&amp;hub.challenge=…&amp;hub.verify_token=…</c> shows Meta that the webhook is the app's:
/// the challenge as plain text, or 403 where the token is another.
/// </summary>
public sealed class VerifyWhatsAppWebhook(IOptions<WhatsAppOptions> options)
{
    [Function(nameof(VerifyWhatsAppWebhook))]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "channels/whatsapp")] HttpRequest request)
    {
        if (WebhookIntake.Closed(options.Value) is { } closed)
        {
            return closed;
        }

        return Secrets.Match(QueryValues.One(request, "hub.verify_token"), options.Value.VerifyToken)
            && QueryValues.One(request, "hub.mode") == "subscribe"
            && QueryValues.One(request, "hub.challenge") is { Length: > 0 } challenge
            ? Results.Text(challenge)
            : ApiResults.Problem(
                StatusCodes.Status403Forbidden,
                "Not verified. hub.mode has to be subscribe, hub.verify_token the webhook's token, and hub.challenge there.");
    }
}
