#:package Npgsql.EntityFrameworkCore.PostgreSQL
#:package Azure.Identity

// Makes the app's role on the environment's PostgreSQL server, as the operator, who is its administrator: azd runs this after each
// provisioning (azure.yaml). The role signs in with the app's identity. It may make tables in the database of the comments, and owns them;
// it is no administrator of anything. A role that is there already is left as it is.
using Azure.Core;
using Azure.Identity;
using Npgsql;

const string Database = "comments";

try
{
    var role = Setting("AZURE_APP_IDENTITY_NAME");
    await using (var server = Open("postgres"))
    {
        await MakeAsync(server, role, Setting("AZURE_APP_PRINCIPAL_ID"));
    }

    await using var database = Open(Database);
    await GrantAsync(database, role);
    await LetOperatorAsync(database, role);
    Console.WriteLine($"The role {role} may make tables in the database {Database}.");
    return 0;
}
catch (Exception e) when (Explain(e) is { } why)
{
    Console.Error.WriteLine($"The app's role on PostgreSQL was not made. {why}");
    Console.Error.WriteLine("Once that is done: azd up");
    return 1;
}

static NpgsqlDataSource Open(string database)
{
    var host = Setting("COMMENT_STORE_ADDRESS");
    NpgsqlDataSourceBuilder source = new(new NpgsqlConnectionStringBuilder
    {
        Host = host,
        Database = database,
        Username = Setting("AZURE_OPERATOR_NAME"),
        SslMode = host.StartsWith("127.0.0.1", StringComparison.Ordinal) ? SslMode.Prefer : SslMode.VerifyFull,
        Timeout = 30,
    }.ToString());
    // PGPASSWORD is for a server without Microsoft Entra; Npgsql reads it itself.
    if (Environment.GetEnvironmentVariable("PGPASSWORD") is null)
    {
        source.UsePasswordProvider(_ => throw new NotSupportedException(), async (_, cancel) => await TokenAsync(cancel));
    }

    return source.Build();
}

static async Task<string> TokenAsync(CancellationToken cancellationToken)
{
    var tenant = Environment.GetEnvironmentVariable("AZURE_TENANT_ID");
    ChainedTokenCredential operators = new(
        new AzureDeveloperCliCredential(new AzureDeveloperCliCredentialOptions { TenantId = tenant }),
        new AzureCliCredential(new AzureCliCredentialOptions { TenantId = tenant }));
    return (await operators.GetTokenAsync(new TokenRequestContext(["https://ossrdbms-aad.database.windows.net/.default"]), cancellationToken)).Token;
}

static async Task MakeAsync(NpgsqlDataSource server, string role, string principal)
{
    await using (var make = server.CreateCommand(
        "SELECT pgaadauth_create_principal_with_oid($1, $2, 'service', false, false) WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)"))
    {
        make.Parameters.Add(new() { Value = role });
        make.Parameters.Add(new() { Value = principal });
        await make.ExecuteNonQueryAsync();
    }

    await using var ask = server.CreateCommand("SELECT EXISTS (SELECT FROM pg_roles a WHERE a.rolname = 'azure_pg_admin' AND pg_has_role($1, a.oid, 'MEMBER'))");
    ask.Parameters.Add(new() { Value = role });
    if (await ask.ExecuteScalarAsync() is true)
    {
        throw new NotDoneException(
            $"{role} is an administrator of the server. Remove it as one: az postgres flexible-server microsoft-entra-admin delete --object-id {principal}.");
    }
}

static async Task GrantAsync(NpgsqlDataSource database, string role)
{
    await using (var grant = database.CreateCommand($"GRANT USAGE, CREATE ON SCHEMA public TO {Quoted(role)}"))
    {
        await grant.ExecuteNonQueryAsync();
    }

    // Who may not grant is only warned.
    await using var ask = database.CreateCommand("SELECT has_schema_privilege($1, 'public', 'CREATE')");
    ask.Parameters.Add(new() { Value = role });
    if (await ask.ExecuteScalarAsync() is not true)
    {
        throw new NotDoneException($"{Setting("AZURE_OPERATOR_NAME")} may not grant rights on the schema public of the database {Database}: sign in as the administrator of the server.");
    }
}

// An administrator is not let into others' tables by itself.
static async Task LetOperatorAsync(NpgsqlDataSource database, string role)
{
    try
    {
        await using var grant = database.CreateCommand($"GRANT {Quoted(role)} TO CURRENT_USER");
        await grant.ExecuteNonQueryAsync();
    }
    catch (PostgresException e) when (e.SqlState is "42501" or "0LP01")
    {
        Console.WriteLine($"You may not look into the app's tables: {e.MessageText}.");
    }
}

static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

static string Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
    ? value
    : throw new NotDoneException($"The environment has no {name}: run this with azd, after azd provision.");

// What an operator can do about it; null for what is a fault of this program.
static string? Explain(Exception e) => e switch
{
    NotDoneException => e.Message,
    PostgresException { SqlState: "28000" or "28P01" } refused =>
        $"The server does not let {Environment.GetEnvironmentVariable("AZURE_OPERATOR_NAME")} in ({refused.MessageText}). Sign in as the one whom AZURE_PRINCIPAL_ID names: azd auth login.",
    PostgresException refused => $"The server refused: {refused.MessageText}.",
    NpgsqlException { InnerException: AuthenticationFailedException noToken } => Explain(noToken),
    NpgsqlException => $"{Environment.GetEnvironmentVariable("COMMENT_STORE_ADDRESS")} cannot be reached from here ({e.Message}). "
        + "Let this machine in, by its public IPv4 address: azd env set OPERATOR_ADDRESS 203.0.113.7.",
    AuthenticationFailedException => $"There is no token for the server ({e.Message.Split('\n')[0].Trim()}). Sign in: azd auth login.",
    _ => null,
};

/// <summary>What was not done, and what to do about it.</summary>
internal sealed class NotDoneException(string message) : Exception(message);
