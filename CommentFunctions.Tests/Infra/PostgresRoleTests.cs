using System.Diagnostics;
using System.Net.Http.Json;
using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.EndToEnd.Support;
using Npgsql;

namespace CommentFunctions.Tests.Infra;

/// <summary>The step after a deployment that makes the app's role, on a real server whose Microsoft Entra functions a stand-in replaces.</summary>
[Requires(Reachable.Postgres)]
public sealed class PostgresRoleTests : IAsyncLifetime
{
    private readonly string server = Environment.GetEnvironmentVariable(Reachable.PostgresVariable)!;
    private readonly string role = $"id-{Guid.NewGuid():N}";

    // One at a time: the database has the name that infra/ gives it.
    public async Task InitializeAsync()
    {
        await ExecuteAsync(server, "DROP DATABASE IF EXISTS comments WITH (FORCE)");
        await ExecuteAsync(server, "CREATE DATABASE comments");
        await ExecuteAsync(server, """
            CREATE OR REPLACE FUNCTION pgaadauth_create_principal_with_oid(name text, oid text, type text, admin boolean, mfa boolean) RETURNS text LANGUAGE plpgsql AS $$
            BEGIN
              IF oid <> 'an-object-id' OR type <> 'service' OR admin THEN RAISE 'not so'; END IF;
              EXECUTE format('CREATE ROLE %I LOGIN PASSWORD %L', name, 'secret');
              RETURN 'made';
            END $$
            """);
    }

    public async Task DisposeAsync()
    {
        await ExecuteAsync(server, "DROP DATABASE IF EXISTS comments WITH (FORCE)");
        await ExecuteAsync(server, $"DROP ROLE IF EXISTS \"{role}\"");
        await ExecuteAsync(server, "DROP FUNCTION IF EXISTS pgaadauth_create_principal_with_oid");
    }

    [StoreFact]
    public async Task The_role_owns_its_tables_and_no_more()
    {
        Assert.Equal((0, ""), await RunAsync());
        Assert.Equal((0, ""), await RunAsync());

        var app = As(role, "secret");
        await ExecuteAsync(app, "CREATE TABLE its_own (id integer)");
        await ExecuteAsync(server, $"DO $$ BEGIN ASSERT EXISTS (SELECT FROM pg_auth_members m WHERE m.roleid = '\"{role}\"'::regrole AND m.member = current_user::regrole); END $$");
        await ExecuteAsync(As(null, null), "CREATE TABLE of_another (id integer)");
        foreach (var forbidden in new[] { "DROP TABLE of_another", "SELECT * FROM of_another", "CREATE ROLE another", "CREATE DATABASE another", "CREATE SCHEMA another" })
        {
            Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(app, forbidden))).SqlState);
        }
    }

    // With a single connection, which is the least that infra/ gives an instance: whoever held one and asked for a second would wait for ever.
    [StoreFact]
    public async Task The_app_works_with_this_role_and_one_connection()
    {
        await RunAsync();
        using AppFolder folder = new();
        (string, string)[] settings =
        [
            ("Comments__Store", "Postgres"), ("Comments__CreateSchema", "true"),
            ("Comments__ConnectionString", As(role, "secret") + ";Maximum Pool Size=1"),
        ];
        await using var app = await AppProcess.ServeAsync(folder, settings);

        var posts = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            app.Http.PostAsJsonAsync("/api/comments", new { userName = $"user{i}", text = "Hello" })));

        Assert.All(posts, post => Assert.Equal(System.Net.HttpStatusCode.Created, post.StatusCode));
        await ExecuteAsync(As(null, null), "UPDATE \"Comments\" SET \"CreatedAt\" = 1");
        var run = await (await app.Http.PostAsync("/api/expiry-runs", null)).Content.ReadFromJsonAsync<System.Text.Json.JsonElement>();
        Assert.Equal(20, run.GetProperty("deleted").GetInt32());
    }

    [StoreFact]
    public async Task A_role_that_is_an_administrator_is_reported()
    {
        await ExecuteAsync(server, "DO $$ BEGIN CREATE ROLE azure_pg_admin; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
        try
        {
            await ExecuteAsync(server, $"CREATE ROLE \"{role}\" IN ROLE azure_pg_admin");

            var (code, error) = await RunAsync();

            Assert.Equal(1, code);
            Assert.Contains("microsoft-entra-admin delete", error, StringComparison.Ordinal);
        }
        finally
        {
            await ExecuteAsync(server, $"DROP ROLE IF EXISTS \"{role}\"");
            await ExecuteAsync(server, "DROP ROLE azure_pg_admin");
        }
    }

    [StoreFact]
    public async Task Who_cannot_reach_the_server_is_told_how()
    {
        var (code, error) = await RunAsync(("COMMENT_STORE_ADDRESS", "127.0.0.1:1"));

        Assert.Equal(1, code);
        Assert.Contains("azd env set OPERATOR_ADDRESS", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [StoreFact]
    public async Task Who_is_not_signed_in_is_told_how()
    {
        var (code, error) = await RunAsync(("PGPASSWORD", null));

        Assert.Equal(1, code);
        Assert.Contains("azd auth login", error, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Error)> RunAsync(params (string Name, string? Value)[] others)
    {
        NpgsqlConnectionStringBuilder administrator = new(server);
        ProcessStartInfo start = new("dotnet", ["run", Path.Combine("infra", "postgres", "role.cs")])
        {
            WorkingDirectory = Infrastructure.Repository,
            RedirectStandardError = true,
            Environment =
            {
                ["COMMENT_STORE_ADDRESS"] = $"{administrator.Host}:{administrator.Port}",
                ["AZURE_OPERATOR_NAME"] = administrator.Username,
                ["PGPASSWORD"] = administrator.Password,
                ["AZURE_APP_IDENTITY_NAME"] = role,
                ["AZURE_APP_PRINCIPAL_ID"] = "an-object-id",
            },
        };
        foreach (var (name, value) in others)
        {
            start.Environment[name] = value;
        }

        using var program = Process.Start(start)!;
        var error = await program.StandardError.ReadToEndAsync();
        await program.WaitForExitAsync();
        return (program.ExitCode, error);
    }

    private string As(string? user, string? password) =>
        (user is null ? new NpgsqlConnectionStringBuilder(server) { Database = "comments" } : new NpgsqlConnectionStringBuilder(server) { Database = "comments", Username = user, Password = password }).ToString();

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
