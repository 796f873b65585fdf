using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace CommentFunctions.Data.Relational;

/// <summary>Looks whether the database has the tables and columns of the model.</summary>
/// <param name="db">A context.</param>
/// <param name="isMissing">Whether this is the database's answer to a statement that names what it does not have.</param>
/// <param name="timeout">How long each statement may take: somebody may hold a table.</param>
internal sealed class TableProbe(CommentDbContext db, Func<DbException, bool> isMissing, TimeSpan timeout)
{
    /// <summary>The tables that are missing, or of which a column is, in the order of their names.</summary>
    public async Task<IReadOnlyList<MissingTable>> FindMissingAsync(CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            var tables = db.GetService<CommentSchema>();
            List<MissingTable> missing = [];
            foreach (var type in db.Model.GetEntityTypes().OrderBy(type => type.GetTableName(), StringComparer.Ordinal))
            {
                if (await FindProblemAsync(type, cancellationToken) is { } problem)
                {
                    missing.Add(new(type.GetTableName()!, problem, tables.IsSites(type.ClrType)));
                }
            }

            return missing;
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private async Task<string?> FindProblemAsync(IEntityType type, CancellationToken cancellationToken)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // Names of the model, delimited; a value has no place here.
        command.CommandText = Select(type);
#pragma warning restore CA2100
        command.CommandTimeout = (int)timeout.TotalSeconds;
        try
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return null;
        }
        catch (DbException e) when (isMissing(e))
        {
            return e.Message.Split('\n', 2)[0].Trim();
        }
    }

    // Columns are named with their table: SQLite takes an unknown name in quotes, standing alone, for a text.
    private string Select(IEntityType type)
    {
        var sql = db.GetService<ISqlGenerationHelper>();
        var table = StoreObjectIdentifier.Create(type, StoreObjectType.Table)!.Value;
        var columns = type.GetProperties().Select(p => "t." + sql.DelimitIdentifier(p.GetColumnName(table)!));
        return $"SELECT {string.Join(", ", columns)} FROM {sql.DelimitIdentifier(table.Name, table.Schema)} AS t WHERE 1 = 0";
    }
}

/// <summary>
/// Statements that write what the app writes, for no row: a database refuses them where it would refuse the app's own, for it lacks a
/// table, a right, or may only be read.
/// </summary>
internal static class WriteStatements
{
    /// <summary>The statements for the context's model. They leave nothing behind.</summary>
    public static IReadOnlyList<string> Of(CommentDbContext db)
    {
        var sql = db.GetService<ISqlGenerationHelper>();
        var tables = db.GetService<CommentSchema>();
        List<string> statements = [];
        foreach (var type in db.Model.GetEntityTypes().OrderBy(type => type.GetTableName(), StringComparer.Ordinal))
        {
            var table = StoreObjectIdentifier.Create(type, StoreObjectType.Table)!.Value;
            var name = sql.DelimitIdentifier(table.Name, table.Schema);
            if (!tables.IsSites(type.ClrType))
            {
                var columns = string.Join(", ", type.GetProperties().Select(p => sql.DelimitIdentifier(p.GetColumnName(table)!)));
                statements.Add($"INSERT INTO {name} ({columns}) SELECT {columns} FROM {name} WHERE 1 = 0");
            }

            // Of a site's tables the app deletes from one alone.
            if (!tables.IsSites(type.ClrType) || type.ClrType == tables.Rows)
            {
                statements.Add($"DELETE FROM {name} WHERE 1 = 0");
            }
        }

        return statements;
    }
}
