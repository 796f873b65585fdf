using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Comments;

/// <summary>Registers writing and listing.</summary>
public static class CommentServices
{
    /// <summary>Adds the services of this folder.</summary>
    public static IHostApplicationBuilder AddComments(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<CommentWriter>();
        builder.Services.AddScoped<CommentListing>();
        return builder;
    }
}
