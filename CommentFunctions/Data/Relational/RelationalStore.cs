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
public abstract class RelationalStore : CommentStore
{
    /// <summary>
    /// How long one attempt to reach the database at the start may take: what is wrong is to be told within 10 seconds. It stands around
    /// nothing else, for on a busy machine the app's own work may take any time.
    /// </summary>
    protected static readonly TimeSpan ReachTimeout = TimeSpan.FromSeconds(4);

    public sealed override async Task PrepareAsync(CommentDbContext db, bool create, CancellationToken cancellationToken)
    {
        IReadOnlyList<MissingTable> missing;
        try
        {
            // Beside one another: each is a fair part of what a new process does before its first reply.
            await Task.WhenAll(Task.Run(() => ReachAsync(cancellationToken), cancellationToken), Task.Run(() => db.Model, cancellationToken));
            if (create || MakesTablesUnasked)
            {
                await CreateTablesAsync(db, cancellationToken);
            }

            missing = await FindMissingAsync(db, cancellationToken);
            Hold();
        }
        catch (Exception e) when (e is DbException or IOException or SocketException or UnauthorizedAccessException or RetryLimitExceededException)
        {
            throw Unusable($"Comments:ConnectionString leads to {Location}, which cannot be used: {Reason(e)}. {Hint}");
        }

        if (missing.Count > 0)
        {
            throw Unusable(SchemaOf(db).Explain(missing, Name));
        }
    }

    public sealed override bool CountsInRecord => true;

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

    /// <summary>Connects by a connection of its own, in one or two attempts that have <see cref="ReachTimeout"/> each.</summary>
    protected abstract Task ReachAsync(CancellationToken cancellationToken);

    /// <summary>Makes the app's tables where they are missing; never others, which the model excludes.</summary>
    /// <remarks>EnsureCreated would take any table in the database, of whatever app, for a sign that there is nothing to do.</remarks>
    protected virtual async Task CreateTablesAsync(CommentDbContext db, CancellationToken cancellationToken)
    {
        if (!await LacksOwnAsync(db, cancellationToken))
        {
            return;
        }

        // Another program may hold a table, or the file.
        var usual = db.Database.GetCommandTimeout();
        db.Database.SetCommandTimeout(ReachTimeout);
        try
        {
            await db.GetService<IRelationalDatabaseCreator>().CreateTablesAsync(cancellationToken);
        }
        catch (DbException)
        {
            // Another instance that starts now may have been faster.
            if (await LacksOwnAsync(db, cancellationToken))
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

    private async Task<bool> LacksOwnAsync(CommentDbContext db, CancellationToken cancellationToken) =>
        (await FindMissingAsync(db, cancellationToken)).Any(table => !table.IsSites);

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
