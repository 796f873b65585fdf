namespace CommentFunctions.Bot;

/// <summary>
/// The record that a reply reached its channel, so that a repeat of it is known; or, under ids of their own, that an attempt to
/// send it is under way, and that the channel took it and could not deliver it. It holds no text.
/// </summary>
public sealed class DeliveredReply
{
    /// <summary>The reply's id, or <see cref="ClaimOn"/> it, or its <see cref="FailureOf"/>.</summary>
    public required string Id { get; init; }

    /// <summary>When it was delivered, or claimed, or the failure became known, in UTC.</summary>
    public required DateTimeOffset DeliveredAt { get; set; }

    /// <summary>The id of the claim on a reply.</summary>
    public static string ClaimOn(string replyId) => "sending:" + replyId;

    /// <summary>The id of the record that a reply which its channel took did not arrive.</summary>
    public static string FailureOf(string replyId) => "failed:" + replyId;
}
