using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;

namespace CommentFunctions.Http;

/// <summary>Refuses requests; <see cref="ProblemDetailsMiddleware"/> turns the refusal into a problem document.</summary>
public static class Require
{
    /// <summary>Refuses with 400 unless the condition holds.</summary>
    /// <param name="condition">What has to hold.</param>
    /// <param name="otherwise">What is wrong, and what is allowed; told to the caller as it is.</param>
    /// <exception cref="BadHttpRequestException">The condition does not hold.</exception>
    public static void That([DoesNotReturnIf(false)] bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new BadHttpRequestException(otherwise);
        }
    }
}
