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
using CommentFunctions.Http;
using CommentFunctions.Telemetry;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.UseMiddleware<ProblemDetailsMiddleware>();

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

builder.Build().Run();
