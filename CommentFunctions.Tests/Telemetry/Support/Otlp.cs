using Tags = System.Collections.Generic.IReadOnlyDictionary<string, object?>;

namespace CommentFunctions.Tests.Telemetry.Support;

/// <summary>A span as it was exported.</summary>
internal sealed record Span(
    string Source, string TraceId, string Id, string Parent, string Name, int Kind, Tags Tags, int Status, string StatusMessage, Tags Resource);

/// <summary>What one metric had counted or measured under one set of tags.</summary>
/// <param name="Meter">The meter's name.</param>
/// <param name="Name">The metric's name.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Type"><c>gauge</c>, <c>sum</c> or <c>histogram</c>.</param>
/// <param name="Tags">The tags.</param>
/// <param name="Value">The value; of a histogram the sum of its values.</param>
/// <param name="Count">Of a histogram, the number of its values.</param>
/// <param name="Bounds">Of a histogram, the bounds of its buckets.</param>
internal sealed record Point(
    string Meter, string Name, string Unit, string Type, Tags Tags, double Value, ulong Count, IReadOnlyList<double> Bounds);

/// <summary>A log record as it was exported.</summary>
internal sealed record LogRecord(string Category, string Severity, string Body, Tags Tags, string TraceId);

/// <summary>Decodes export requests, by the field numbers of https://github.com/open-telemetry/opentelemetry-proto.</summary>
internal static class Otlp
{
    public static IEnumerable<Span> Spans(ReadOnlyMemory<byte> request) =>
        from span in Items(request)
        select SpanOf(span.Scope, span.Resource, [.. span.Item.Fields]);

    public static IEnumerable<Point> Points(ReadOnlyMemory<byte> request) =>
        from metric in Items(request)
        from point in PointsOf(metric.Scope, [.. metric.Item.Fields])
        select point;

    public static IEnumerable<LogRecord> Logs(ReadOnlyMemory<byte> request) =>
        from log in Items(request)
        let fields = log.Item.Fields.ToList()
        select new LogRecord(
            log.Scope, One(fields, 3).Text, $"{Value(One(fields, 5))}", TagsOf(fields, 6), One(fields, 9).Hex);

    // All three signals have the same frame: by resource (1), whose attributes are 1, then by scope (2), whose name is 1 of 1, items (2).
    private static IEnumerable<(string Scope, Tags Resource, ProtobufField Item)> Items(ReadOnlyMemory<byte> request) =>
        from byResource in All(Protobuf.Read(request), 1)
        let resource = (Tags)TagsOf(One(byResource.Fields, 1).Fields, 1)
        from byScope in All(byResource.Fields, 2)
        let scope = One(One(byScope.Fields, 1).Fields, 1).Text
        from item in All(byScope.Fields, 2)
        select (scope, resource, item);

    private static Span SpanOf(string source, Tags resource, List<ProtobufField> span)
    {
        var status = One(span, 15).Fields.ToList();
        return new(
            source, One(span, 1).Hex, One(span, 2).Hex, One(span, 4).Hex, One(span, 5).Text, (int)One(span, 6).Value, TagsOf(span, 9),
            (int)One(status, 3).Value, One(status, 2).Text, resource);
    }

    private static IEnumerable<Point> PointsOf(string meter, List<ProtobufField> metric)
    {
        var (name, unit) = (One(metric, 1).Text, One(metric, 3).Text);
        foreach (var data in metric.Where(field => field.Number is 5 or 7 or 9))
        {
            foreach (var point in All(data.Fields, 1).Select(point => point.Fields.ToList()))
            {
                yield return data.Number == 9
                    ? new(meter, name, unit, "histogram", TagsOf(point, 9), One(point, 5).Double, One(point, 4).Value,
                        [.. One(point, 7).Packed.Select(BitConverter.UInt64BitsToDouble)])
                    : new(meter, name, unit, data.Number == 5 ? "gauge" : "sum", TagsOf(point, 7), Number(point), 0, []);
            }
        }
    }

    private static double Number(List<ProtobufField> point) =>
        point.Exists(field => field.Number == 6) ? One(point, 6).Long : One(point, 4).Double;

    private static Dictionary<string, object?> TagsOf(IEnumerable<ProtobufField> fields, int number) =>
        All(fields, number).ToDictionary(tag => One(tag.Fields, 1).Text, tag => Value(One(tag.Fields, 2)));

    private static object? Value(ProtobufField any) => any.Fields.Select(value => value.Number switch
    {
        1 => value.Text,
        2 => value.Value != 0,
        3 => value.Long,
        4 => value.Double,
        _ => (object)value.Hex,
    }).FirstOrDefault();

    private static IEnumerable<ProtobufField> All(IEnumerable<ProtobufField> fields, int number) => fields.Where(f => f.Number == number);

    // What is left out has its default, as everywhere in protobuf.
    private static ProtobufField One(IEnumerable<ProtobufField> fields, int number) => fields.LastOrDefault(f => f.Number == number);
}
