using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace CommentFunctions.Comments.Stores;

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
        var tables = db.GetService<CommentTables>();
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
