using System.Data.Common;

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
    private SiteCatalog(SiteDialect dialect) => Dialect = dialect;

    /// <summary>What its types mean.</summary>
    public SiteDialect Dialect { get; }

    /// <summary>All columns, in the order of their tables' names.</summary>
    public IReadOnlyList<SiteColumn> Columns { get; private init; } = [];

    /// <summary>All foreign keys of one column.</summary>
    public IReadOnlyList<SiteReference> References { get; private init; } = [];

    /// <summary>Reads it by a connection that is open.</summary>
    public static async Task<SiteCatalog> ReadAsync(DbConnection connection, SiteDialect dialect, CancellationToken cancellationToken) => new(dialect)
    {
        Columns = await ListAsync(
            connection, dialect.Columns, row => new SiteColumn(row.GetString(0), row.GetString(1), row.GetString(2), row.GetBoolean(3)), cancellationToken),
        References = await ListAsync(
            connection,
            dialect.References,
            row => new SiteReference(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetBoolean(4)),
            cancellationToken),
    };

    /// <summary>Whether two names are one to this database.</summary>
    public bool AreSame(string one, string other) => Dialect.Names.Equals(one, other);

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
