using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Tracing;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.EndToEnd.Support;

/// <summary>Hears everything that a process tells of itself: logs at every level, activities, the framework's events, and exceptions.</summary>
internal sealed class Eavesdropper : EventListener, ILoggerProvider
{
    // The base class calls back before this one's constructor has run.
    private readonly ConcurrentQueue<string> heard = new();
    private readonly ActivityListener activities;

    public Eavesdropper()
    {
        activities = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => heard.Enqueue(
                $"activity {activity.Source.Name} {activity.DisplayName} {activity.StatusDescription} {Join(activity.TagObjects)} {string.Join(' ', activity.Events.Select(e => e.Name + Join(e.Tags)))}"),
        };
        ActivitySource.AddActivityListener(activities);
        AppDomain.CurrentDomain.FirstChanceException += OnException;
        foreach (var source in EventSource.GetSources())
        {
            Listen(source);
        }
    }

    /// <summary>Everything that was told.</summary>
    public IReadOnlyList<string> Heard => [.. heard];

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, heard);

    public override void Dispose()
    {
        AppDomain.CurrentDomain.FirstChanceException -= OnException;
        activities.Dispose();
        base.Dispose();
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (heard is not null)
        {
            Listen(eventSource);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData) =>
        heard.Enqueue($"event {eventData.EventSource.Name} {eventData.EventName} {string.Join(' ', eventData.Payload ?? new([]))}");

    private static string Join(IEnumerable<KeyValuePair<string, object?>> tags) => string.Join(' ', tags.Select(tag => $"{tag.Key}={tag.Value}"));

    private void Listen(EventSource source)
    {
        // Not those of servers: the services that are called are in this process too.
        if (source.Name is "System.Net.Http" or "System.Net.Security" or "System.Net.Sockets" or "System.Net.NameResolution")
        {
            EnableEvents(source, EventLevel.Verbose);
        }
    }

    private void OnException(object? sender, FirstChanceExceptionEventArgs args) => heard.Enqueue($"exception {args.Exception}");

    private sealed class Logger(string category, ConcurrentQueue<string> heard) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            heard.Enqueue($"scope {category} {state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            heard.Enqueue($"log {logLevel} {category} {formatter(state, exception)} {exception}");
    }
}
