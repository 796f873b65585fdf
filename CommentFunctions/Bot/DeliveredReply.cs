namespace CommentFunctions.Bot;

/// <summary>The record that a reply reached its channel, so that a repeat of it is known. It holds no text.</summary>
public sealed class DeliveredReply
{
    /// <summary>The reply's id.</summary>
    public required string Id { get; init; }

    /// <summary>When it was delivered, in UTC.</summary>
    public required DateTimeOffset DeliveredAt { get; init; }
}
