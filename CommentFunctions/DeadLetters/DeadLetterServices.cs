using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.DeadLetters;

/// <summary>Registers the operator's tools for dead letters.</summary>
public static class DeadLetterServices
{
    /// <summary>Adds the tools; they work on the queues of the bot.</summary>
    public static IHostApplicationBuilder AddDeadLetters(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DeadLetterReceiver>();
        builder.Services.AddSingleton<DeadLetterTools>();
        return builder;
    }
}
