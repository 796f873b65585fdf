namespace CommentFunctions.Bot;

/// <summary>
/// The record that a reply reached its channel, so that a repeat of it is known; or, under an id of its own, that an attempt to
/// send it is under way. It holds no text.
/// </summary>
public sealed class DeliveredReply
{
    /// <summary>The reply's id, or <see cref="ClaimOn"/> it.</summary>
    public required string Id { get; init; }

    /// <summary>When it was delivered, or claimed, in UTC.</summary>
    public required DateTimeOffset DeliveredAt { get; set; }

    /// <summary>The id of the claim on a reply.</summary>
    public static string ClaimOn(string replyId) => "sending:" + replyId;
}
