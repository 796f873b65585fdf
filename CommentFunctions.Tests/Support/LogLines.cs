using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.Support;

/// <summary>Takes what one category logs, or all do.</summary>
/// <param name="category">The category; null for all.</param>
/// <param name="least">The level from which on.</param>
public sealed class LogLines(string? category, LogLevel least = LogLevel.Information) : ILoggerProvider
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> lines = new();

    public IReadOnlyList<string> Lines => [.. lines.Select(line => line.Text)];

    public IReadOnlyList<LogLevel> Levels => [.. lines.Select(line => line.Level)];

    public ILogger CreateLogger(string categoryName) => new Logger(category is null || categoryName == category ? lines : null, least);

    public void Dispose()
    {
    }

    private sealed class Logger(ConcurrentQueue<(LogLevel, string)>? lines, LogLevel least) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => lines is not null && logLevel >= least;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                lines!.Enqueue((logLevel, formatter(state, exception)));
            }
        }
    }
}
