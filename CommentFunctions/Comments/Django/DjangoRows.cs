namespace CommentFunctions.Comments.Django;

/// <summary>A row of <c>auth_user</c>, as far as the app reads it.</summary>
public sealed class DjangoUser
{
    /// <summary>The key that comments refer to.</summary>
    public long Id { get; init; }

    /// <summary>The name, told apart by case.</summary>
    public required string UserName { get; init; }
}

/// <summary>A row of the site's comments, as Django makes it.</summary>
public sealed class DjangoComment
{
    /// <summary>The key; it rises.</summary>
    public long Id { get; init; }

    /// <summary>The <see cref="DjangoUser"/> who wrote it.</summary>
    public long UserId { get; init; }

    /// <summary>When it was written, to the microsecond.</summary>
    public DateTimeOffset Timestamp { get; init; }

    /// <summary>What was written.</summary>
    public required string Text { get; init; }

    /// <summary>The comment, with the row's key in the last eight bytes of its id.</summary>
    public Comment Of(string userName) => new() { Id = DjangoIds.ToGuid(Id), UserName = userName, CreatedAt = Timestamp, Text = Text };
}
