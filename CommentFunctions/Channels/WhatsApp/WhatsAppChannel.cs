using CommentFunctions.Bot;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels.WhatsApp;

/// <summary>Talking to the bot in WhatsApp, through Meta's Cloud API.</summary>
public sealed class WhatsAppChannel(
    [FromKeyedServices(WhatsAppOptions.ChannelName)] ChannelApi api, IOptions<WhatsAppOptions> options, TimeProvider clock) : IBotChannel
{
    private const int MaxText = 4096;

    // Later than this after a person's last message, WhatsApp takes prepared templates only.
    private static readonly TimeSpan Window = TimeSpan.FromHours(24);

    public string Name => WhatsAppOptions.ChannelName;

    /// <summary>Sends the reply to the person or the group. WhatsApp does not know repeats.</summary>
    public Task SendAsync(BotReply reply, CancellationToken cancellationToken)
    {
        if (clock.GetUtcNow() - (reply.Message.SentAt ?? reply.Message.ReceivedAt) > Window)
        {
            throw new PermanentChannelException(
                PermanentChannelException.TooLate, "The message is more than 24 hours old; WhatsApp takes no free text to a person after that.");
        }

        var recipient = WhatsAppRecipient.Of(reply.Message.Conversation);
        return api.SendAsync(
            $"{options.Value.ApiVersion}/{options.Value.PhoneNumberId}/messages",
            new
            {
                messaging_product = "whatsapp",
                recipient_type = recipient.Type,
                to = recipient.To,
                recipient = recipient.UserId,
                type = "text",
                biz_opaque_callback_data = WhatsAppTag.Of(reply),
                text = new { preview_url = false, body = OutgoingText.Cut(reply.Text, MaxText) },
            },
            new SendSlot(reply.Message.Conversation),
            cancellationToken);
    }
}
