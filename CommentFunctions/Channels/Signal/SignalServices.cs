using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Channels.Signal;

/// <summary>Registers the Signal channel.</summary>
public static class SignalServices
{
    /// <summary>Adds the channel where the section <c>Channels:Signal</c> configures it.</summary>
    public static IHostApplicationBuilder AddSignalChannel(this IHostApplicationBuilder builder)
    {
        if (builder.AddServiceChannel<SignalOptions, SignalChannel>(new SignalAnswers()))
        {
            // Its line about each request has the query, in which the webhook's secret may be.
            builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        }

        return builder;
    }
}
