namespace CommentFunctions.Comments;

/// <summary>Someone who wrote a comment. Deleting a user deletes their comments.</summary>
public sealed class User
{
    /// <summary>The key: 1 to 150 characters as <see cref="UserNames"/> allows them, told apart by case.</summary>
    public required string UserName { get; init; }
}
