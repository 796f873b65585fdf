using Azure.Core;
using CommentFunctions.Data;
using CommentFunctions.Data.Postgres;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.Support;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CommentFunctions.Tests.Data;

[Requires(Reachable.Postgres)]
public sealed class PostgresPasswordsTests : IAsyncLifetime
{
    private PostgresDatabase database = null!;

    public async Task InitializeAsync() => database = await PostgresDatabase.CreateAsync();

    public async Task DisposeAsync() => await database.DisposeAsync();

    [StoreFact]
    public async Task A_password_that_is_not_in_the_connection_string_opens_the_store()
    {
        var passwords = new FixedPasswords(database.Password!);
        await using var app = await TestApp.StartAsync(Settings(), passwords: passwords);

        await app.PostAsync("ann", "signed in");

        Assert.True(passwords.Asked >= 2, "The start and the store each ask.");
    }

    [StoreFact]
    public async Task A_password_that_is_refused_ends_the_start()
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => TestApp.StartAsync(Settings(), passwords: new FixedPasswords("wrong")));

        Assert.Contains("cannot be used", Assert.Single(failure.Failures), StringComparison.Ordinal);
    }

    private Dictionary<string, string?> Settings() => new()
    {
        ["Comments:Store"] = "Postgres",
        ["Comments:ConnectionString"] = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Password = null, MaxPoolSize = 5 }.ToString(),
        ["Comments:Credential"] = "managedidentity",
        ["Comments:CreateSchema"] = "true",
    };

    private sealed class FixedPasswords(string password) : IPostgresPasswords
    {
        public int Asked { get; private set; }

        public ValueTask<string> GetAsync(CancellationToken cancellationToken)
        {
            Asked++;
            return ValueTask.FromResult(password);
        }
    }
}

public class PostgresCredentialTests
{
    [Fact]
    public void A_password_and_an_identity_exclude_each_other() => Assert.Contains(
        "one of the two", Assert.Single(Check("Host=h;Database=d;Username=u;Password=p")), StringComparison.Ordinal);

    [Fact]
    public void An_identity_needs_no_password() => Assert.Empty(Check("Host=h;Database=d;Username=u"));

    private static IEnumerable<string> Check(string connectionString)
    {
        var options = new CommentOptions { Store = "Postgres", ConnectionString = connectionString, Credential = "managedidentity" };
        return new PostgresStore(Options.Create(options), new NoPasswords(), TimeProvider.System).Check(options);
    }

    private sealed class NoPasswords : IPostgresPasswords
    {
        public ValueTask<string> GetAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}

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

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Scopes = requestContext.Scopes;
            return ValueTask.FromResult(new AccessToken("a token", DateTimeOffset.MaxValue));
        }
    }
}
