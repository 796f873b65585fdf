using CommentFunctions.Bot;
using CommentFunctions.Channels.Signal;
using CommentFunctions.Channels.Telegram;
using CommentFunctions.Channels.Web;
using CommentFunctions.Channels.WhatsApp;
using CommentFunctions.Comments;
using CommentFunctions.DeadLetters;
using CommentFunctions.Expiry;
using CommentFunctions.Health;
using CommentFunctions.Hosts;
using CommentFunctions.Telemetry;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions;

/// <summary>Registers the app.</summary>
public static class AppServices
{
    /// <summary>Adds all parts. Which host runs them, and what it does around their functions, is Program.cs's to say.</summary>
    public static IHostApplicationBuilder AddApp(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddHost();
        builder.AddComments();
        builder.AddExpiry();
        builder.AddBot();
        builder.AddWebChannel();
        builder.AddTelegramChannel();
        builder.AddWhatsAppChannel();
        builder.AddSignalChannel();
        builder.AddDeadLetters();
        builder.AddHealth();
        builder.AddTelemetry();
        return builder;
    }
}
