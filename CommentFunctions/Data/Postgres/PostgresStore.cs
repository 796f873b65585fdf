using System.Data.Common;
using Azure.Core;
using CommentFunctions.Data.Relational;
using CommentFunctions.Failures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CommentFunctions.Data.Postgres;

/// <summary>Comments in a PostgreSQL database. Statements that fail for a passing reason are tried again.</summary>
/// <param name="options">The settings.</param>
/// <param name="passwords">Signs in where <c>Comments:Credential</c> is set.</param>
/// <param name="clock">The time.</param>
public sealed class PostgresStore(IOptions<CommentOptions> options, IPostgresPasswords passwords, TimeProvider clock) : RelationalStore(clock)
{
    // A server that restarts is back within these attempts; what takes longer fails, and the timer or the queue comes again.
    private const int Attempts = 5;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    // What holds unless the connection string says otherwise: behind a pooler in transaction mode, statements cannot be prepared.
    private static readonly (string Setting, object Value)[] Defaults =
    [
        // Statements that come again and again are parsed and planned once for each connection: room for more than the app repeats.
        // A connection that comes from the pool is not reset first, since nothing here sets anything that outlives its use.
        ("Max Auto Prepare", 32),
        ("No Reset On Close", true),
        // Nothing here runs in an ambient transaction, for which EF and Npgsql would look each time that a connection is opened.
        ("Enlist", false),
        // Seconds.
        ("Timeout", (int)ReachTimeout.TotalSeconds),
    ];

    // No row of the app's is written for a look at its health, only a few pages of a file that goes with the statement: on a full disk
    // they find no room.
    private const string FillTemporaryFile =
        "SET LOCAL work_mem = '64kB'; SELECT count(*) FROM unnest(array_fill(repeat('x', 1000), ARRAY[200]))";

    // Less than a password is valid for when it comes.
    private static readonly TimeSpan PasswordAge = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan PasswordRetry = TimeSpan.FromSeconds(5);

    // The server was told to stop, or its operator ended the connection: the next one is as good as any.
    private static readonly string[] AlsoPassing = [PostgresErrorCodes.AdminShutdown, PostgresErrorCodes.CrashShutdown];

    private string? writeStatement;

    public override string Name => StoreNames.Postgres;

    public override string Location
    {
        get
        {
            var connection = Connection();
            return $"database {connection.Database} at {connection.Host}:{connection.Port}";
        }
    }

    protected override string Hint => "Correct the setting, or see to it that the server runs and has this database and user.";

    public override IEnumerable<string> Check(CommentOptions options)
    {
        const string Allowed = "Allowed: Host=<server>;Port=5432;Database=<name>;Username=<user>;Password=<password>.";
        if (string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            return [$"Comments:ConnectionString is not set, and Comments:Store is Postgres. {Allowed}"];
        }

        try
        {
            NpgsqlConnectionStringBuilder connection = new(options.ConnectionString);
            if (string.IsNullOrWhiteSpace(connection.Host) || string.IsNullOrWhiteSpace(connection.Database))
            {
                return [$"Comments:ConnectionString names no {(string.IsNullOrWhiteSpace(connection.Host) ? "Host" : "Database")}. {Allowed}"];
            }

            return SignsIn(options) && !string.IsNullOrEmpty(connection.Password)
                ? ["Comments:ConnectionString has a Password, and Comments:Credential is set, by which an identity signs in. "
                    + "Allowed: one of the two."]
                : [];
        }
        catch (ArgumentException)
        {
            // What the parser stumbled over is not repeated: it may be part of a password.
            return [$"Comments:ConnectionString is not a connection string for PostgreSQL. {Allowed}"];
        }
    }

    public override void Configure(DbContextOptionsBuilder options) => UseSchema(
        options.UseNpgsql(Tuned().ToString(), npgsql =>
        {
            npgsql.ExecutionStrategy(dependencies => new TransientRetryStrategy(dependencies, Attempts, LongestPause, AlsoPassing));
            if (SignsIn(Settings))
            {
                npgsql.ConfigureDataSource(source => source.UsePeriodicPasswordProvider(
                    (_, cancellationToken) => passwords.GetAsync(cancellationToken), PasswordAge, PasswordRetry));
            }
        }));

    /// <remarks>By the connection itself: a context would log the failure as well, and try again for longer than a health check has.</remarks>
    public override async Task<string?> CheckWritableAsync(CommentDbContext db, CancellationToken cancellationToken)
    {
        writeStatement ??= $"WITH {string.Join(", ", TableStatements.Writes(db).Select((sql, i) => $"w{i} AS ({sql})"))} SELECT 1; {FillTemporaryFile}";
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
#pragma warning disable CA2100 // Names of the model.
            await using var command = new NpgsqlCommand(writeStatement, connection, transaction);
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync(cancellationToken);
            return null;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ConfigurationLimitExceeded)
        {
            // This user may not have temporary files, of which the app itself needs none.
            return null;
        }
        catch (Exception e) when (PostgresFailures.Explain(e) is { } problem)
        {
            return problem;
        }
        finally
        {
            await connection.CloseAsync();
        }
    }

    public override IAsyncEnumerable<int> DeleteAsync(
        CommentDbContext db, RecordKind kind, DateTimeOffset cutoff, ExpiryRun? countedIn, CancellationToken cancellationToken) =>
        new PostgresDeletion(db, SchemaOf(db).Resolve(kind), countedIn).RunAsync(cutoff, cancellationToken);

    // A comment that is being written holds its user's row until it is there; the next statement then sees it.
    private protected override Task LockUserAsync(CommentDbContext db, string userName, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"""SELECT 1 FROM "Users" WHERE "UserName" = {userName} FOR UPDATE""", cancellationToken);

    public override Outage? FindOutage(Exception exception) => PostgresFailures.FindOutage(exception);

    public override string? FindHint(Exception failure)
    {
        return (failure.GetBaseException() as PostgresException)?.SqlState switch
        {
            PostgresErrorCodes.DiskFull => $"Free some space on the disk of {Location}: smaller steps were tried.",
            PostgresErrorCodes.QueryCanceled => $"Raise statement_timeout for the app's role at {Location}: smaller steps were tried.",
            _ => null,
        };
    }

    protected override bool IsMissing(DbException exception) =>
        exception.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn;

    protected override async Task ReachAsync(Func<DbConnection, CancellationToken, Task> look, CancellationToken cancellationToken)
    {
        // Not by a context, which would try again for longer than the start may take; but for its pool, where it finds the connection.
        var connection = Tuned();
        if (SignsIn(Settings))
        {
            (connection.Password, connection.Pooling) = (await passwords.GetAsync(cancellationToken), false);
        }

        try
        {
            await ConnectAsync(connection, look, cancellationToken);
        }
        catch (NpgsqlException e) when (e.GetBaseException() is TimeoutException)
        {
            // On a busy machine the driver's own first steps, compiled meanwhile, may have taken most of the time.
            await ConnectAsync(connection, look, cancellationToken);
        }
    }

    private static async Task ConnectAsync(
        NpgsqlConnectionStringBuilder connection, Func<DbConnection, CancellationToken, Task> look, CancellationToken cancellationToken)
    {
        await using var probe = new NpgsqlConnection(connection.ToString());
        await probe.OpenAsync(cancellationToken);
        await look(probe, cancellationToken);
    }

    protected override string Reason(Exception exception) => exception.GetBaseException() is PostgresException refused
        ? refused.MessageText.TrimEnd('.')
        : base.Reason(exception);

    private NpgsqlConnectionStringBuilder Tuned()
    {
        var connection = Connection();
        foreach (var (setting, value) in Defaults)
        {
            if (!connection.ShouldSerialize(setting))
            {
                connection[setting] = value;
            }
        }

        return connection;
    }

    private CommentOptions Settings => options.Value;

    private static bool SignsIn(CommentOptions options) => !string.IsNullOrWhiteSpace(options.Credential);

    private NpgsqlConnectionStringBuilder Connection() => new(Settings.ConnectionString);
}

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
