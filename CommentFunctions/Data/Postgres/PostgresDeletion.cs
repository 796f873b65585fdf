using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using CommentFunctions.Data.Relational;
using CommentFunctions.Failures;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace CommentFunctions.Data.Postgres;

/// <summary>
/// Deletes old rows from a PostgreSQL table in large steps, each a statement of its own: several runs at once delete each row once, and
/// what a step deleted stays deleted.
/// </summary>
/// <param name="db">The context.</param>
/// <param name="kind">What to delete.</param>
/// <param name="countedIn">The run that counts each step; null where nothing is counted.</param>
internal sealed class PostgresDeletion(CommentDbContext db, RecordKind kind, ExpiryRun? countedIn)
{
    // Writers go on while a statement deletes, so a step is as large as progress is worth telling. Steps by place in the file visit each
    // page once, in the order of the disk, as one statement for everything would. Ranges of the time's index are slower where times have
    // another order than the file; EF's Take(n).ExecuteDelete(), an IN subquery, is slower still.
    private const int PagesAtOnce = 2_048;
    private const int RowsAtOnce = 100_000;

    // A row of a site's may take several others along, and is locked until they are gone.
    private const int RowsByOwnDeletionAtOnce = 5_000;

    // A disk can be so slow that a step takes minutes. Given up and begun again, the same step would never end.
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);

    private readonly IProperty time = db.Model.FindEntityType(kind.Type)!.FindProperty(kind.Time!)!;
    private readonly TableStatements table = new(db, db.Model.FindEntityType(kind.Type)!);

    /// <summary>Deletes what was written at the cutoff or earlier, and yields how many rows each step had.</summary>
    public async IAsyncEnumerable<int> RunAsync(DateTimeOffset cutoff, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var usual = db.Database.GetCommandTimeout();
        db.Database.SetCommandTimeout(Timeout);
        try
        {
            var steps = kind is { Filter: null, HasOwnDeletion: false } && await IsScanAsync(cutoff, cancellationToken)
                ? InOrderOfTheFileAsync(cutoff, cancellationToken)
                : kind.DeleteInRangesAsync(db, cutoff, Batches(kind.HasOwnDeletion ? RowsByOwnDeletionAtOnce : RowsAtOnce), cancellationToken);
            await foreach (var deleted in steps)
            {
                yield return deleted;
            }
        }
        finally
        {
            db.Database.SetCommandTimeout(usual);
        }
    }

    private IDeletionBatches Batches(int size) => RecordedBatches.In(countedIn, db, new FixedBatches(size));

    // The database knows how much of the table has expired, and whether an index leads there: after a day's rest most of it, after
    // an hour's next to nothing.
    private Task<bool> IsScanAsync(DateTimeOffset cutoff, CancellationToken cancellationToken) =>
        ExecuteAsync($"EXPLAIN {Delete}", cutoff, async (command, cancel) =>
        {
            await using var plan = await command.ExecuteReaderAsync(cancel);
            while (await plan.ReadAsync(cancel))
            {
                if (plan.GetString(0).Contains("Seq Scan", StringComparison.Ordinal))
                {
                    return true;
                }
            }

            return false;
        }, cancellationToken);

    private async IAsyncEnumerable<int> InOrderOfTheFileAsync(
        DateTimeOffset cutoff, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pages = await ExecuteAsync(
            $"SELECT pg_relation_size('{table.Name.Replace("'", "''", StringComparison.Ordinal)}') / current_setting('block_size')::bigint",
            null,
            async (command, cancel) => (long)(await command.ExecuteScalarAsync(cancel))!,
            cancellationToken);
        var batches = Batches(PagesAtOnce);
        for (long from = 0; from == 0 || from < pages;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var next = from + batches.Size;
            // The last step is open: it also has what a partitioned table keeps in its parts.
            var step = Delete + Page(">=", from) + (next < pages ? Page("<", next) : "");
            int deleted;
            try
            {
                deleted = await batches.StepAsync(
                    cancel => ExecuteAsync(step, cutoff, (command, statement) => command.ExecuteNonQueryAsync(statement), cancel), cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && batches.Shrink(e))
            {
                continue;
            }

            from = next;
            if (deleted > 0)
            {
                yield return deleted;
            }
        }
    }

    private string Delete => $"DELETE FROM {table.Name} WHERE {table.NameOf(time)} <= @cutoff";

    private static string Page(string comparison, long page) =>
        string.Create(CultureInfo.InvariantCulture, $" AND ctid {comparison} '({page},0)'::tid");

    private Task<T> ExecuteAsync<T>(
        string sql, DateTimeOffset? cutoff, Func<DbCommand, CancellationToken, Task<T>> execute, CancellationToken cancellationToken) =>
        db.Database.CreateExecutionStrategy().ExecuteAsync(async cancel =>
        {
            await db.Database.OpenConnectionAsync(cancel);
            try
            {
                await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // Names of the model, delimited, and numbers; the cutoff is a parameter.
                command.CommandText = sql;
#pragma warning restore CA2100
                command.CommandTimeout = (int)Timeout.TotalSeconds;
                command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
                if (cutoff is not null)
                {
                    command.Parameters.Add(time.GetRelationalTypeMapping().CreateParameter(command, "cutoff", cutoff, nullable: false));
                }

                return await execute(command, cancel);
            }
            finally
            {
                await db.Database.CloseConnectionAsync();
            }
        }, cancellationToken);
}

/// <summary>
/// Steps of one size. A step that was too large says how large they may be for the rest of the deletion: to find that out again would cost
/// it again.
/// </summary>
internal sealed class FixedBatches(int size) : IDeletionBatches
{
    // Each failure costs the pauses of its retries, so there are to be few of them.
    private const int FullDiskDivisor = 100;

    public int Size => size;

    public Task<int> StepAsync(Func<CancellationToken, Task<int>> work, CancellationToken cancellationToken) => work(cancellationToken);

    public bool Shrink(Exception failure)
    {
        if (size == 1 || DivisorAfter(failure) is not { } divisor)
        {
            return false;
        }

        size = Math.Max(1, size / divisor);
        return true;
    }

    // The server ends statements that take too long (statement_timeout), and those for which its disk has no room.
    private static int? DivisorAfter(Exception failure) => failure.Chain().OfType<PostgresException>().Select(e => e.SqlState switch
    {
        PostgresErrorCodes.QueryCanceled => 2,
        PostgresErrorCodes.DiskFull => FullDiskDivisor,
        _ => (int?)null,
    }).FirstOrDefault(divisor => divisor is not null);
}
