using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Channels.WhatsApp;

/// <summary>Registers the WhatsApp channel.</summary>
public static class WhatsAppServices
{
    /// <summary>Adds the channel where the section <c>Channels:WhatsApp</c> configures it.</summary>
    public static IHostApplicationBuilder AddWhatsAppChannel(this IHostApplicationBuilder builder) =>
        builder.AddServiceChannel<WhatsAppOptions, WhatsAppChannel>(new WhatsAppErrorParser(), options => new WhatsAppAccess(options));
}
