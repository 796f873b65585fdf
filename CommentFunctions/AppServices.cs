using CommentFunctions.Bot;
using CommentFunctions.Comments;
using CommentFunctions.Data;
using CommentFunctions.DeadLetters;
using CommentFunctions.Expiry;
using CommentFunctions.Health;
using CommentFunctions.Http;
using CommentFunctions.Pages;
using CommentFunctions.Queues;
using CommentFunctions.Settings;
using Functions.LocalRuntime.Http;
using Functions.LocalRuntime.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions;

/// <summary>Registers the app.</summary>
public static class AppServices
{
    /// <summary>Adds all parts but those of a host: Program.cs says which host it is, and what is around the functions.</summary>
    public static TBuilder AddApp<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        // Also under the Functions host, which ignores them: the same settings are right under both.
        builder.Services.AddKnownSettings(KnownSettings.Of<LocalRuntimeOptions>(LocalRuntimeOptions.Section));
        builder.Services.AddKnownSettings(new($"{LocalRuntimeOptions.Section}:{nameof(LocalRuntimeOptions.Keys)}", [.. Callers.Rights.Keys]));
        foreach (var (right, functions) in Callers.Rights)
        {
            builder.Services.AddSingleton(new NamedFunctionKey(right, functions));
        }

        builder.Services.AddSingleton(new CallerTable(Callers.ByFunction));
        builder.AddCallers();
        builder.AddStores();
        builder.AddData();
        builder.AddQueues();
        builder.AddComments();
        builder.AddExpiry();
        builder.AddBot();
        builder.AddChannels();
        builder.AddDeadLetters();
        builder.AddHealth();
        builder.AddPages();
        return builder;
    }
}
