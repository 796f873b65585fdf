using Azure.Core;
using CommentFunctions.Data.Postgres;

namespace CommentFunctions.Tests.Data;

public class EntraPasswordsTests
{
    [Fact]
    public async Task The_password_is_a_token_for_the_database_service()
    {
        var credential = new FixedCredential();

        Assert.Equal("a token", await new EntraPasswords(new(credential)).GetAsync(CancellationToken.None));
        Assert.Equal(["https://ossrdbms-aad.database.windows.net/.default"], credential.Scopes);
    }

    [Fact]
    public void Nobody_is_asked_to_sign_in_before_a_password_is_needed()
    {
        var credential = new Lazy<TokenCredential>(() => new FixedCredential());

        _ = new EntraPasswords(credential);

        Assert.False(credential.IsValueCreated);
    }

    private sealed class FixedCredential : TokenCredential
    {
        public string[] Scopes { get; private set; } = [];

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Scopes = requestContext.Scopes;
            return ValueTask.FromResult(new AccessToken("a token", DateTimeOffset.MaxValue));
        }
    }
}
