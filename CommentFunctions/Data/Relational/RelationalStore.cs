using System.Data;
using System.Data.Common;
using System.Net.Sockets;
using CommentFunctions.Failures;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Data.Relational;

/// <summary>What the stores with tables have in common: making the app's tables, and saying at start what is missing.</summary>
/// <param name="clock">The time.</param>
public abstract class RelationalStore(TimeProvider clock) : CommentStore
{
    /// <summary>
    /// How long one attempt to reach the database at the start may take: what is wrong is to be told within 10 seconds. It stands around
    /// nothing else, for on a busy machine the app's own work may take any time.
    /// </summary>
    protected internal static readonly TimeSpan ReachTimeout = TimeSpan.FromSeconds(4);

    public sealed override async Task PrepareAsync(CommentDbContext db, CommentSchema schema, bool create, CancellationToken cancellationToken)
    {
        IReadOnlyList<MissingTable> missing;
        try
        {
            await ReachAsync(db, schema, cancellationToken);
            await PrepareTablesAsync(db, create || MakesTablesUnasked, cancellationToken);
            missing = await FindMissingAsync(db, cancellationToken);
            Hold();
        }
        catch (Exception e) when (IsUnreachable(e))
        {
            throw Unreachable(e);
        }

        if (missing.Count > 0)
        {
            throw Unusable((create || MakesTablesUnasked) && !missing.Any(table => table.IsSites)
                ? $"Comments:ConnectionString leads to {Location}, which has tables of this app, but not all of each ({missing[0].Problem}). "
                    + "Restore it from a backup, or name another."
                : schema.Explain(missing, Name));
        }
    }

    /// <summary>Looks at the database by a connection of its own. It makes no file and no table, and needs none of the app's.</summary>
    /// <exception cref="OptionsValidationException">The database cannot be used; one line says why and what to do.</exception>
    public async Task LookAsync(Func<DbConnection, CancellationToken, Task> look, CancellationToken cancellationToken)
    {
        try
        {
            await FindAsync(look, cancellationToken);
        }
        catch (Exception e) when (IsUnreachable(e))
        {
            throw Unreachable(e);
        }
    }

    private static bool IsUnreachable(Exception exception) =>
        exception is DbException or IOException or SocketException or UnauthorizedAccessException or RetryLimitExceededException;

    private OptionsValidationException Unreachable(Exception e) =>
        Unusable($"Comments:ConnectionString leads to {Location}, which cannot be used: {Reason(e)}. {Hint}");

    private async Task ReachAsync(CommentDbContext db, CommentSchema schema, CancellationToken cancellationToken)
    {
        if (!schema.LearnsFromDatabase)
        {
            // Beside one another: each is a fair part of what a new process does before its first reply.
            await Task.WhenAll(Task.Run(() => ReachAsync((_, _) => Task.CompletedTask, cancellationToken), cancellationToken), Task.Run(() => db.Model, cancellationToken));
            return;
        }

        IReadOnlyList<string> problems = [];
        await ReachAsync(async (connection, cancel) => problems = await schema.LearnAsync(connection, cancel), cancellationToken);
        if (problems.Count > 0)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(CommentOptions), problems);
        }
    }

    private async Task PrepareTablesAsync(CommentDbContext db, bool create, CancellationToken cancellationToken)
    {
        var schema = new SchemaVersions(db, Clock, IsMissing);
        var version = await schema.FindAsync(cancellationToken);
        if (version > SchemaVersions.Current)
        {
            throw Unusable(
                $"Comments:ConnectionString leads to {Location}, whose tables a newer version of this app has made (version {version}; this one "
                + $"knows {SchemaVersions.Current}). Start the newer app again, or name another database.");
        }

        if (create)
        {
            await UpgradeAsync(db, schema, version, cancellationToken);
        }
        else if (version is > 0 && version < SchemaVersions.Current)
        {
            throw Unusable(
                $"Comments:CreateSchema is false, and the app's tables in {Location} are of version {version}; this app needs {SchemaVersions.Current}. "
                + "Set it to true for one start to have them upgraded.");
        }
    }

    public sealed override bool CountsInRecord => true;

    public override Task RemoveUserAsync(CommentDbContext db, string userName, CancellationToken cancellationToken) =>
        db.Database.CreateExecutionStrategy().ExecuteAsync(async cancel =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancel);
            await LockUserAsync(db, userName, cancel);
            await db.Users.Where(u => u.UserName == userName && !db.Comments.Any(c => c.UserName == userName)).ExecuteDeleteAsync(cancel);
            await transaction.CommitAsync(CancellationToken.None);
        }, cancellationToken);

    /// <summary>Waits for comments of the user that are being written, and keeps further ones out until the transaction ends.</summary>
    private protected virtual Task LockUserAsync(CommentDbContext db, string userName, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The time.</summary>
    protected TimeProvider Clock { get; } = clock;

    /// <summary>What to do about a database that cannot be reached.</summary>
    protected abstract string Hint { get; }

    /// <summary>The schema of the context's process.</summary>
    protected static CommentSchema SchemaOf(CommentDbContext db) => db.GetService<CommentSchema>();

    /// <summary>An error that ends the start, as one line.</summary>
    protected static OptionsValidationException Unusable(string line) => new(Options.DefaultName, typeof(CommentOptions), [line]);

    /// <summary>Chooses the model of relational databases.</summary>
    protected static void UseSchema(DbContextOptionsBuilder options) => options
        .ReplaceService<IModelCustomizer, RelationalModel>()
        .ReplaceService<IModelCacheKeyFactory, RelationalModelKey>()
        // A site's schema takes the place of what the common model maps.
        .ConfigureWarnings(warnings => warnings
            .Ignore(CoreEventId.MappedEntityTypeIgnoredWarning)
            // As with the failures of saves: the caller says what failed.
            .Log((RelationalEventId.CommandError, LogLevel.Debug), (RelationalEventId.ConnectionError, LogLevel.Debug)));

    /// <summary>Takes hold of what must stay the same from the start on.</summary>
    protected virtual void Hold()
    {
    }

    /// <summary>Whether this is the database's answer to a statement that names a table or column which it does not have.</summary>
    protected abstract bool IsMissing(DbException exception);

    /// <summary>Whether the app's tables are made without <c>Comments:CreateSchema</c>.</summary>
    protected virtual bool MakesTablesUnasked => false;

    /// <summary>Connects by a connection of its own, in one or two attempts that have <see cref="ReachTimeout"/> each, and looks at the database by it.</summary>
    protected abstract Task ReachAsync(Func<DbConnection, CancellationToken, Task> look, CancellationToken cancellationToken);

    /// <summary>As <see cref="ReachAsync(Func{DbConnection, CancellationToken, Task}, CancellationToken)"/>, and makes no file.</summary>
    protected virtual Task FindAsync(Func<DbConnection, CancellationToken, Task> look, CancellationToken cancellationToken) => ReachAsync(look, cancellationToken);

    /// <summary>Brings the app's tables to the current version; never others, which the model excludes.</summary>
    private protected virtual async Task UpgradeAsync(CommentDbContext db, SchemaVersions schema, int version, CancellationToken cancellationToken)
    {
        if (version == SchemaVersions.Current)
        {
            return;
        }

        // Another program may hold a table, or the file.
        var usual = db.Database.GetCommandTimeout();
        db.Database.SetCommandTimeout(ReachTimeout);
        try
        {
            await schema.UpgradeAsync(version, cancellationToken);
        }
        catch (DbException)
        {
            // Another instance that starts now may have been faster.
            if (await schema.FindAsync(cancellationToken) != SchemaVersions.Current)
            {
                throw;
            }
        }
        finally
        {
            db.Database.SetCommandTimeout(usual);
        }
    }

    /// <summary>The tables that are missing, or of which a column is, the site's included, in the order of their names.</summary>
    protected async Task<IReadOnlyList<MissingTable>> FindMissingAsync(CommentDbContext db, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            List<MissingTable> missing = [];
            foreach (var table in TableStatements.All(db))
            {
                if (await FindProblemAsync(db, table, cancellationToken) is { } problem)
                {
                    missing.Add(new(table.Table, problem, SchemaOf(db).IsSites(table.Rows)));
                }
            }

            return missing;
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    /// <summary>The innermost message, which is the one that names the cause, without a full stop.</summary>
    protected virtual string Reason(Exception exception) => exception.GetBaseException().Message.FirstLine().TrimEnd('.');

    private async Task<string?> FindProblemAsync(CommentDbContext db, TableStatements table, CancellationToken cancellationToken)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // Names of the model, delimited; a value has no place here.
        command.CommandText = table.SelectNone;
#pragma warning restore CA2100
        // Another program may hold a table.
        command.CommandTimeout = (int)ReachTimeout.TotalSeconds;
        try
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return null;
        }
        catch (DbException e) when (IsMissing(e))
        {
            return e.Message.FirstLine();
        }
    }
}
