using Microsoft.Extensions.Hosting;

namespace CommentFunctions.Channels.Signal;

/// <summary>Registers the Signal channel.</summary>
public static class SignalServices
{
    /// <summary>Adds the channel where the section <c>Channels:Signal</c> configures it.</summary>
    public static IHostApplicationBuilder AddSignalChannel(this IHostApplicationBuilder builder) =>
        builder.AddServiceChannel<SignalOptions, SignalChannel>(new SignalErrorParser());
}
