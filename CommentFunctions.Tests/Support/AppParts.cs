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
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Tests.Support;

/// <summary>What Program.cs puts together.</summary>
public static class AppParts
{
    public static void AddApp(this IHostApplicationBuilder builder)
    {
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
    }
}
