using CommentFunctions.Bot;
using CommentFunctions.Channels.Web;
using CommentFunctions.Comments;
using CommentFunctions.DeadLetters;
using CommentFunctions.Expiry;
using CommentFunctions.Health;
using CommentFunctions.Hosts;
using CommentFunctions.Http;
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
builder.AddDeadLetters();
builder.AddHealth();

builder.Build().Run();
