using Azure.Core;

namespace CommentFunctions.Data.Postgres;

/// <summary>Passwords for PostgreSQL that are not in the connection string, since each is valid for a while only.</summary>
public interface IPostgresPasswords
{
    /// <summary>A password that is valid for at least five minutes; quick, since it is asked for often.</summary>
    ValueTask<string> GetAsync(CancellationToken cancellationToken);
}

/// <summary>Signs in to Azure Database for PostgreSQL with an identity: a token of Microsoft Entra is the password.</summary>
/// <param name="credential">Who signs in; it keeps a token until the last five minutes of its life. Made at the first use, since the
/// settings that choose it are validated with the store.</param>
public sealed class EntraPasswords(Lazy<TokenCredential> credential) : IPostgresPasswords
{
    private static readonly TokenRequestContext Scope = new(["https://ossrdbms-aad.database.windows.net/.default"]);

    public async ValueTask<string> GetAsync(CancellationToken cancellationToken) =>
        (await credential.Value.GetTokenAsync(Scope, cancellationToken)).Token;
}
