using CommentFunctions.Bot;
using CommentFunctions.Settings;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Channels;

/// <summary>Registers channels to services.</summary>
internal static class ServiceChannels
{
    /// <summary>
    /// Adds a channel's settings and what its webhook needs; and, where it is configured, the channel itself with the way to its service,
    /// or, where its settings cannot work, what stands for it until they are corrected.
    /// </summary>
    /// <param name="builder">The app.</param>
    /// <param name="errors">What tells failures of this service apart.</param>
    /// <param name="credentials">Puts the credentials onto each call, below everything that logs or traces calls.</param>
    public static IHostApplicationBuilder AddServiceChannel<TOptions, TChannel>(
        this IHostApplicationBuilder builder, IErrorParser errors, Func<TOptions, DelegatingHandler>? credentials = null)
        where TOptions : ChannelOptions, new()
        where TChannel : class, IBotChannel
    {
        var services = builder.Services;
        var (channel, section) = (new TOptions().Channel, new TOptions().Section);
        services.TryAddSingleton<ConversationRateLimit>();
        services.TryAddSingleton<WebhookIntake>();
        services.AddKnownSettings(KnownSettings.Of<TOptions>(section));
        var isUnderFunctionsHost = builder is FunctionsApplicationBuilder;
        services.AddOptions<TOptions>().BindConfiguration(section).Configure(bound => bound.IsUnderFunctionsHost = isUnderFunctionsHost);
        services.TryAddSingleton<ChannelFaults>();
        services.AddHostedService(provider => provider.GetRequiredService<ChannelFaults>());
        var options = builder.Configuration.GetSection(section).Get<TOptions>() ?? new();
        options.IsUnderFunctionsHost = isUnderFunctionsHost;
        if (options.Problems.Count > 0)
        {
            services.AddSingleton(new ChannelFault(channel, options.Problems));
            services.AddSingleton<IBotChannel>(new ChannelThatIsOff(channel));
        }
        else if (options.IsConfigured)
        {
            builder.AddCalls<TOptions, TChannel>(channel, errors, credentials);
        }

        return builder;
    }

    private static void AddCalls<TOptions, TChannel>(
        this IHostApplicationBuilder builder, string channel, IErrorParser errors, Func<TOptions, DelegatingHandler>? credentials)
        where TOptions : ChannelOptions
        where TChannel : class, IBotChannel
    {
        var services = builder.Services;
        services.AddHttpClient(channel)
            .ConfigureHttpClient((provider, client) =>
            {
                client.BaseAddress = OptionsOf<TOptions>(provider).Api;
                // The channel's pipeline has limits of its own.
                client.Timeout = Timeout.InfiniteTimeSpan;
                client.MaxResponseContentBufferSize = ChannelApi.MaxAnswerBytes;
            })
            .ConfigurePrimaryHttpMessageHandler(provider => WithCredentials(credentials?.Invoke(OptionsOf<TOptions>(provider))))
            // A line at the end of each call of a function is enough.
            .RemoveAllLoggers();
        services.AddKeyedSingleton(channel, (provider, _) => new ChannelApi(
            OptionsOf<TOptions>(provider),
            errors,
            provider.GetRequiredService<ChannelFaults>(),
            provider.GetRequiredService<IHttpClientFactory>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new ReplyLimit(channel, OptionsOf<TOptions>(provider).MostReplies));
        services.AddSingleton<IBotChannel, TChannel>();
        // Its lines about each request have the query, where Signal's webhook may have its secret and WhatsApp's has its token.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
    }

    private static TOptions OptionsOf<TOptions>(IServiceProvider provider)
        where TOptions : class => provider.GetRequiredService<IOptions<TOptions>>().Value;

    private static HttpMessageHandler WithCredentials(DelegatingHandler? credentials)
    {
        var sockets = new SocketsHttpHandler
        {
            // A redirect would take the message and the credentials to another address.
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            // No activity with the whole URL, and no trace ids of the app's own in calls of another company's service.
            ActivityHeadersPropagator = null,
        };
        if (credentials is null)
        {
            return sockets;
        }

        credentials.InnerHandler = sockets;
        return credentials;
    }
}
