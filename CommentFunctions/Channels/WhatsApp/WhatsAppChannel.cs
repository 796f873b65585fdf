using System.Net.Http.Headers;
using System.Text.Json;
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

/// <summary>
/// Where a reply goes, as the Cloud API takes it. A conversation is a person's number, their business-scoped user id (a country, a dot and
/// more), or a group.
/// </summary>
/// <param name="Type"><c>individual</c> or <c>group</c>.</param>
/// <param name="To">The number or the group's id; null for a person who is known by their user id.</param>
/// <param name="UserId">The user id; as <paramref name="To"/> it would be taken for a number and the message dropped without a word.</param>
internal sealed record WhatsAppRecipient(string Type, string? To, string? UserId)
{
    private const string GroupMark = "group:";

    /// <summary>The conversation that a group is.</summary>
    public static string OfGroup(string groupId) => GroupMark + groupId;

    /// <summary>The recipient that a conversation stands for.</summary>
    public static WhatsAppRecipient Of(string conversation) =>
        conversation.StartsWith(GroupMark, StringComparison.Ordinal) ? new("group", conversation[GroupMark.Length..], null)
        : conversation.Contains('.', StringComparison.Ordinal) ? new("individual", null, conversation)
        : new("individual", conversation, null);
}

/// <summary>Puts the access token onto a call just before it leaves, and takes it off afterwards.</summary>
internal sealed class WhatsAppTokenHandler(WhatsAppOptions options) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.AccessToken);
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            request.Headers.Authorization = null;
        }
    }
}

/// <summary>Reads what the Cloud API says of a failure. Its codes say more than the status: Meta asks to go by them.</summary>
internal sealed class WhatsAppErrorParser : IErrorParser
{
    // More than 24 hours since the person's last message.
    private const long WindowClosed = 131047;

    // Too many calls of the app, for the account, by the number, and to one person; some of them come with status 400.
    private static readonly long[] TooMany = [4, 80007, 130429, 131056];

    // An experiment of Meta's, the same number at both ends, a device that cannot get it, too late, one too many for this person, a block,
    // a type of message that is not supported, and a user id that is not taken.
    private static readonly long[] Final = [130472, 131021, 131026, 131047, 131049, 131050, 131051, 131062];

    /// <summary>Whether the cause of a failed delivery can be corrected, such as a missing payment; an unknown cause may be.</summary>
    public static bool CanBeCorrected(JsonElement error) => error.Find("code").Number() is not { } code || !Final.Contains(code);

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
        var (code, details) = (error.Find("code").Number(), error.Find("error_data").Find("details").Text());
        var message = error.Find("message").Text() ?? error.Find("title").Text();
        var said = string.IsNullOrEmpty(details) || details == message ? message : $"{message}: {details}";
        return code is null ? said : $"error {code}, {said}";
    }
}
