using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace CommentFunctions.Http;

/// <summary>Reads a request's query; what is wrong with it is a 400 that says what is allowed.</summary>
public static class QueryValues
{
    /// <summary>The value of this name; null where there is none.</summary>
    /// <exception cref="BadHttpRequestException">The name is given more than once.</exception>
    public static string? One(HttpRequest request, string name)
    {
        var values = request.Query[name];
        Require.That(values.Count <= 1, $"{name} is given {values.Count} times. Allowed: once.");
        return values.Count == 0 ? null : values[0];
    }

    /// <summary>The value of <c>limit</c>, or the default.</summary>
    /// <exception cref="BadHttpRequestException">It is not a number from 1 to <paramref name="max"/>.</exception>
    public static int Limit(HttpRequest request, int defaultLimit, int max)
    {
        if (One(request, "limit") is not { } text)
        {
            return defaultLimit;
        }

        Require.That(
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= max,
            $"limit is not a number from 1 to {max}.");
        return limit;
    }

    /// <summary>A value of <c>true</c> or <c>false</c>; false where there is none.</summary>
    /// <exception cref="BadHttpRequestException">It is anything else.</exception>
    public static bool Flag(HttpRequest request, string name)
    {
        var text = One(request, name);
        Require.That(text is null or "true" or "false", $"{name} is neither true nor false.");
        return text == "true";
    }

    /// <summary>Refuses names that are none of these, for requests where overlooking a misspelt name would do harm.</summary>
    /// <exception cref="BadHttpRequestException">The query has another name.</exception>
    public static void AllowOnly(HttpRequest request, params string[] names)
    {
        // code and clientId carry the key by which Azure lets the caller in.
        string[] allowed = [.. names, "code", "clientId"];
        Require.That(
            request.Query.Keys.All(key => allowed.Contains(key, StringComparer.OrdinalIgnoreCase)),
            $"The query has a name that is not known here. Allowed: {string.Join(", ", names)}.");
    }
}

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
