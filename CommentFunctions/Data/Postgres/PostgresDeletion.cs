using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace CommentFunctions.Data.Postgres;

/// <summary>
/// Deletes old rows from a PostgreSQL table in large steps, each a statement of its own: several runs at once delete each row once, and
/// what a step deleted stays deleted.
/// </summary>
/// <param name="db">The context.</param>
/// <param name="rows">The type whose rows.</param>
/// <param name="time">The property that says how old a row is.</param>
/// <param name="inRanges">Deletes them along an index, at a pace.</param>
/// <param name="around">What is done around each step.</param>
internal sealed class PostgresDeletion(
    CommentDbContext db, Type rows, string time, Func<IDeletionBatches, IAsyncEnumerable<int>> inRanges, Func<IDeletionBatches, IDeletionBatches> around)
{
    // Writers go on while a statement deletes, so a step is as large as progress is worth telling: 16 MiB, about 100,000 comments
    // and a tenth of a second. Steps by place in the file take together as long as one statement for everything: each page is
    // visited once, in the order of the disk. By ranges of the time's index it is 4 times as long where times have another order than
    // the file; by EF's Take(n).ExecuteDelete(), an IN subquery, nearly 7 times.
    private const int PagesAtOnce = 2_048;
    private const int RowsAtOnce = 100_000;

    // A disk can be so slow that a step takes minutes. Given up and begun again, the same step would never end.
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);

    // Each failure costs the pauses of its retries, so there are to be few of them.
    private const int FullDiskDivisor = 100;

    private readonly IEntityType type = db.Model.FindEntityType(rows)!;

    /// <summary>Deletes what was written at the cutoff or earlier, and yields how many rows each step had.</summary>
    public async IAsyncEnumerable<int> RunAsync(DateTimeOffset cutoff, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var steps = await IsScanAsync(cutoff, cancellationToken)
            ? InOrderOfTheFileAsync(cutoff, cancellationToken)
            : inRanges(around(new FixedBatches(RowsAtOnce, Smaller)));
        await foreach (var deleted in steps)
        {
            yield return deleted;
        }
    }

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
            $"SELECT pg_relation_size('{Table.Replace("'", "''", StringComparison.Ordinal)}') / current_setting('block_size')::bigint",
            null,
            async (command, cancel) => (long)(await command.ExecuteScalarAsync(cancel))!,
            cancellationToken);
        var pace = around(new FixedBatches(PagesAtOnce, Smaller));
        for (long from = 0; from == 0 || from < pages;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var next = from + pace.Size;
            // The last step is open: it also has what a partitioned table keeps in its parts.
            var step = Delete + Page(">=", from) + (next < pages ? Page("<", next) : "");
            int deleted;
            try
            {
                deleted = await pace.StepAsync(
                    cancel => ExecuteAsync(step, cutoff, (command, statement) => command.ExecuteNonQueryAsync(statement), cancel), cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && pace.Shrink(e))
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

    // The server ends statements that take too long (statement_timeout), and those for which its disk has no room.
    private static int? Smaller(Exception failure, int size)
    {
        for (var e = failure; e is not null; e = e.InnerException)
        {
            switch ((e as PostgresException)?.SqlState)
            {
                case PostgresErrorCodes.QueryCanceled:
                    return size / 2;
                case PostgresErrorCodes.DiskFull:
                    return size / FullDiskDivisor;
            }
        }

        return null;
    }

    private StoreObjectIdentifier StoreObject => StoreObjectIdentifier.Create(type, StoreObjectType.Table)!.Value;

    private IProperty Time => type.FindProperty(time)!;

    private string Table => Sql.DelimitIdentifier(StoreObject.Name, StoreObject.Schema);

    private string Delete => $"DELETE FROM {Table} WHERE {Sql.DelimitIdentifier(Time.GetColumnName(StoreObject)!)} <= @cutoff";

    private ISqlGenerationHelper Sql => db.GetService<ISqlGenerationHelper>();

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
                    command.Parameters.Add(Time.GetRelationalTypeMapping().CreateParameter(command, "cutoff", cutoff, nullable: false));
                }

                return await execute(command, cancel);
            }
            finally
            {
                await db.Database.CloseConnectionAsync();
            }
        }, cancellationToken);
}
