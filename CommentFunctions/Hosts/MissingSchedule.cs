using CommentFunctions.Expiry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Hosts;

/// <summary>
/// Says at each start that the schedule is not set: the Functions host, which reads it itself, leaves the timer's function out then,
/// and answers whoever runs it by hand 202 all the same.
/// </summary>
public sealed partial class MissingSchedule(IConfiguration configuration, ILogger<MissingSchedule> logger) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (configuration[ExpirySchedule.Setting] is null)
        {
            Log.Missing(logger, ExpirySchedule.Setting, ExpirySchedule.Default);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error,
            "{Setting} is not set: the host leaves DeleteExpiredComments out, and no expired comment is deleted. Set it, such as to {Default} for daily at 03:00 UTC.")]
        public static partial void Missing(ILogger logger, string setting, string @default);
    }
}
