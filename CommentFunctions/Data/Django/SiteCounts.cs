using System.Data;
using System.Data.Common;
using System.Globalization;
using CommentFunctions.Failures;

namespace CommentFunctions.Data.Django;

/// <summary>What was counted of a table.</summary>
/// <param name="Rows">The rows; null where none could be counted.</param>
/// <param name="Expired">Those of them that have expired; null where no time could be read.</param>
/// <param name="IsWhole">Whether these are all; otherwise there are at least so many.</param>
public sealed record SiteCount(long? Rows, long? Expired, bool IsWhole);

/// <summary>Counts the rows of a site's table in short steps: reading for long holds up writers to a SQLite file that is not in WAL mode.</summary>
/// <param name="connection">A connection that is open.</param>
/// <param name="dialect">That of its database.</param>
/// <param name="site">What times without a zone mean.</param>
/// <param name="clock">The time.</param>
internal sealed class SiteCounting(DbConnection connection, SiteDialect dialect, SiteTime site, TimeProvider clock)
{
    /// <summary>The most rows of a table that are counted.</summary>
    public const int Most = 1_000_000;

    private const int Step = 20_000;

    // For one step, and from when on no further one is begun: there may be several tables, and somebody waits.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(4);

    /// <summary>The count, and what ended it early; null where nothing failed.</summary>
    public async Task<(SiteCount Count, string? Problem)> CountAsync(DjangoOptions names, bool timeHasZone, DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        if (connection.State != ConnectionState.Open)
        {
            // What ended the count of another table may have ended it.
            return (new(null, null, IsWhole: false), $"The rows of {names.Table} could not be counted: the connection was lost.");
        }

        dialect.Equip(connection, site);
        var (rows, readable, expired) = (0L, 0L, 0L);
        object? last = null;
        var begun = clock.GetTimestamp();
        try
        {
            while (rows < Most && clock.GetElapsedTime(begun) < Longest)
            {
                await using var command = Command(names, last, timeHasZone, cutoff);
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                await reader.ReadAsync(cancellationToken);
                var counted = reader.GetInt64(0);
                (rows, readable, expired) = (rows + counted, readable + reader.GetInt64(1), expired + reader.GetInt64(2));
                if (counted < Step)
                {
                    return (Result(isWhole: true), null);
                }

                last = reader.GetValue(3);
            }

            return (Result(isWhole: false), null);
        }
        catch (DbException e)
        {
            // Such as a table that the app's user may not read, or that is locked.
            var why = e.GetBaseException().Message.FirstLine().TrimEnd('.');
            return (rows == 0 ? new(null, null, IsWhole: false) : Result(isWhole: false), $"The rows of {names.Table} could not be counted: {why}.");
        }

        SiteCount Result(bool isWhole) => new(rows, rows > 0 && readable == 0 ? null : expired, isWhole);
    }

    private DbCommand Command(DjangoOptions names, object? after, bool timeHasZone, DateTimeOffset cutoff)
    {
        var (table, key, time) = (dialect.Delimit(names.Table), dialect.Delimit(names.Key), dialect.Moment(dialect.Delimit(names.Time)));
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names that the catalog has, quoted.
        command.CommandText = string.Create(CultureInfo.InvariantCulture, $"""
            WITH step AS (SELECT {key} AS k, {time} AS t FROM {table} {(after is null ? "" : $"WHERE {key} > @after")} ORDER BY {key} LIMIT {Step})
            SELECT count(*), count(t), count(CASE WHEN t <= @cutoff THEN 1 END), (SELECT k FROM step ORDER BY k DESC LIMIT 1) FROM step
            """);
#pragma warning restore CA2100
        command.CommandTimeout = (int)Longest.TotalSeconds;
        Add("@cutoff", dialect.ValueOf(cutoff, timeHasZone, site));
        if (after is not null)
        {
            Add("@after", after);
        }

        return command;

        void Add(string name, object value)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
    }
}
