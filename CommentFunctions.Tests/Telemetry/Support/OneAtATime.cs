namespace CommentFunctions.Tests.Telemetry.Support;

/// <summary>Tests that listen to the app's spans in this process, and those that must not be listened to: one at a time.</summary>
[CollectionDefinition(Name)]
public sealed class OneAtATime
{
    public const string Name = nameof(OneAtATime);
}
