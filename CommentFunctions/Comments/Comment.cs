namespace CommentFunctions.Comments;

/// <summary>A comment that a user wrote; it vanishes once it is as old as the retention.</summary>
public sealed class Comment
{
    /// <summary>Rises with time, also among comments of one millisecond.</summary>
    public required Guid Id { get; init; }

    /// <summary>Who wrote it.</summary>
    public required string UserName { get; init; }

    /// <summary>When it was written, in UTC, to the millisecond.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What was written: 1 to 1024 Unicode code points (<see cref="CommentText"/>).</summary>
    public required string Text { get; init; }
}
