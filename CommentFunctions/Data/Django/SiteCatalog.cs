using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace CommentFunctions.Data.Django;

/// <summary>A column of a table.</summary>
/// <param name="Table">The table.</param>
/// <param name="Name">The column.</param>
/// <param name="Type">Its type, as the database writes it.</param>
/// <param name="IsNullable">Whether it may be null.</param>
public sealed record SiteColumn(string Table, string Name, string Type, bool IsNullable);

/// <summary>A foreign key of one column.</summary>
/// <param name="Table">The table that has it.</param>
/// <param name="Column">Its column.</param>
/// <param name="To">The table that it refers to.</param>
/// <param name="Key">The column there.</param>
/// <param name="HasAction">Whether the database itself deletes or changes the referring rows.</param>
public sealed record SiteReference(string Table, string Column, string To, string Key, bool HasAction);

/// <summary>What the database tells of its tables: names in settings are looked up here, and none is trusted.</summary>
public sealed class SiteCatalog
{
    // Those that an unqualified name leads to.
    private const string PostgresColumns = """
        SELECT t.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull
        FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid JOIN pg_namespace n ON n.oid = t.relnamespace
        WHERE t.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND pg_table_is_visible(t.oid)
            AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        ORDER BY t.relname, a.attnum
        """;

    private const string PostgresReferences = """
        SELECT t.relname::text, a.attname::text, r.relname::text, b.attname::text, k.confdeltype NOT IN ('a', 'r')
        FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
            JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1]
        WHERE k.contype = 'f' AND cardinality(k.conkey) = 1 AND k.conparentid = 0 AND pg_table_is_visible(r.oid)
        ORDER BY 1, 2
        """;

    private const string SqliteColumns = """
        SELECT t.name, c.name, c.type, c."notnull" = 0 AND c.pk = 0 FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table' ORDER BY t.name, c.cid
        """;

    private const string SqliteReferences = """
        SELECT t.name, r."from", r."table", ifnull(r."to", (SELECT c.name FROM pragma_table_info(r."table") AS c WHERE c.pk = 1)), r.on_delete NOT IN ('NO ACTION', 'RESTRICT')
        FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS r WHERE t.type = 'table' ORDER BY 1, 2
        """;

    private readonly StringComparer comparer;

    private SiteCatalog(bool onPostgres) => (OnPostgres, comparer) = (onPostgres, onPostgres ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether it is one of PostgreSQL.</summary>
    public bool OnPostgres { get; }

    /// <summary>All columns, in the order of their tables' names.</summary>
    public IReadOnlyList<SiteColumn> Columns { get; private init; } = [];

    /// <summary>All foreign keys of one column.</summary>
    public IReadOnlyList<SiteReference> References { get; private init; } = [];

    /// <summary>Reads it by a connection that is open.</summary>
    public static async Task<SiteCatalog> ReadAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var onPostgres = connection is not SqliteConnection;
        return new(onPostgres)
        {
            Columns = await ListAsync(
                connection,
                onPostgres ? PostgresColumns : SqliteColumns,
                row => new SiteColumn(row.GetString(0), row.GetString(1), row.GetString(2), row.GetBoolean(3)),
                cancellationToken),
            References = await ListAsync(
                connection,
                onPostgres ? PostgresReferences : SqliteReferences,
                row => new SiteReference(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetBoolean(4)),
                cancellationToken),
        };
    }

    /// <summary>Whether two names are one to this database.</summary>
    public bool AreSame(string one, string other) => comparer.Equals(one, other);

    /// <summary>The columns of a table; empty where there is none of this name.</summary>
    public IReadOnlyList<SiteColumn> ColumnsOf(string table) => [.. Columns.Where(column => AreSame(column.Table, table))];

    /// <summary>A column; null where there is none of this name.</summary>
    public SiteColumn? Find(string table, string column) =>
        Columns.FirstOrDefault(found => AreSame(found.Table, table) && AreSame(found.Name, column));

    internal static async Task<List<T>> ListAsync<T>(DbConnection connection, string sql, Func<DbDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A constant.
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<T> rows = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
