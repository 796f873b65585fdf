using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Tests.Telemetry.Support;

/// <summary>Listens to the metrics of one app of this process.</summary>
internal sealed class Measurements : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly ConcurrentQueue<(string Name, double Value, string Tags)> taken = new();

    public Measurements(TestApp app)
    {
        var meters = app.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, me) =>
        {
            // Other tests' apps measure at the same time, each by meters of its own factory.
            if (instrument.Meter.Scope == meters)
            {
                me.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.Start();
    }

    /// <summary>The values of a metric, each with its tags as <c>name=value, …</c> in the order of their names.</summary>
    public IReadOnlyList<(double Value, string Tags)> Of(string name) => [.. taken.Where(t => t.Name == name).Select(t => (t.Value, t.Tags))];

    /// <summary>The tags of each value.</summary>
    public IEnumerable<string> TagsOf(string name) => Of(name).Select(t => t.Tags);

    /// <summary>Asks those metrics for their values that are asked.</summary>
    public void Ask() => listener.RecordObservableInstruments();

    public void Dispose() => listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var texts = tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal);
        taken.Enqueue((instrument.Name, value, string.Join(", ", texts)));
    }
}
