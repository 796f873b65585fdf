namespace CommentFunctions.Channels.WhatsApp;

/// <summary>
/// Where a reply goes, as the Cloud API takes it. A conversation is a person's number, their business-scoped user id (a country, a dot and
/// more), or a group.
/// </summary>
/// <param name="Type"><c>individual</c> or <c>group</c>.</param>
/// <param name="To">The number or the group's id; null for a person who is known by their user id.</param>
/// <param name="UserId">The user id; as <paramref name="To"/> it would be taken for a number and the message dropped without a word.</param>
internal sealed record WhatsAppRecipient(string Type, string? To, string? UserId)
{
    private const string GroupMark = "group:";

    /// <summary>The conversation that a group is.</summary>
    public static string OfGroup(string groupId) => GroupMark + groupId;

    /// <summary>The recipient that a conversation stands for.</summary>
    public static WhatsAppRecipient Of(string conversation) =>
        conversation.StartsWith(GroupMark, StringComparison.Ordinal) ? new("group", conversation[GroupMark.Length..], null)
        : conversation.Contains('.', StringComparison.Ordinal) ? new("individual", null, conversation)
        : new("individual", conversation, null);
}
