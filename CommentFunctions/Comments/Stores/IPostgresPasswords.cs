namespace CommentFunctions.Comments.Stores;

/// <summary>Passwords for PostgreSQL that are not in the connection string, since each is valid for a while only.</summary>
public interface IPostgresPasswords
{
    /// <summary>A password that is valid for at least five minutes; quick, since it is asked for often.</summary>
    ValueTask<string> GetAsync(CancellationToken cancellationToken);
}
