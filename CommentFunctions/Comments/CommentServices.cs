using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Comments;

/// <summary>Registers writing.</summary>
public static class CommentServices
{
    /// <summary>Adds the services of this folder.</summary>
    public static IHostApplicationBuilder AddComments(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<CommentWriter>();
        return builder;
    }
}
