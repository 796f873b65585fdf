namespace CommentFunctions.Tests.Telemetry.Support;

/// <summary>
/// Tests that listen to spans in this process, and those that must not be listened to: one at a time, for whether anybody listens is
/// known to the whole process.
/// </summary>
[CollectionDefinition(Name)]
public sealed class SpanListening
{
    public const string Name = nameof(SpanListening);
}
