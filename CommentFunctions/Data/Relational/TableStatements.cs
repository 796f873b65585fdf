using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace CommentFunctions.Data.Relational;

/// <summary>Statements on a table of the model, with the table's and the columns' names as the database takes them.</summary>
internal sealed class TableStatements(CommentDbContext db, IEntityType type)
{
    private readonly StoreObjectIdentifier table = StoreObjectIdentifier.Create(type, StoreObjectType.Table)!.Value;
    private readonly ISqlGenerationHelper sql = db.GetService<ISqlGenerationHelper>();

    /// <summary>The type of the rows.</summary>
    public Type Rows => type.ClrType;

    /// <summary>The table's name.</summary>
    public string Table => table.Name;

    /// <summary>The table's name, delimited.</summary>
    public string Name => sql.DelimitIdentifier(table.Name, table.Schema);

    /// <summary>Reads all columns of no row: a database that lacks one of them refuses it.</summary>
    /// <remarks>Columns are named with their table: SQLite takes an unknown name in quotes, standing alone, for a text.</remarks>
    public string SelectNone => $"SELECT {Columns("t.")} FROM {Name} AS t WHERE 1 = 0";

    private string InsertNone => $"INSERT INTO {Name} ({Columns()}) SELECT {Columns()} FROM {Name} WHERE 1 = 0";

    private string DeleteNone => $"DELETE FROM {Name} WHERE 1 = 0";

    /// <summary>A column's name, delimited.</summary>
    public string NameOf(IProperty property) => sql.DelimitIdentifier(property.GetColumnName(table)!);

    /// <summary>The tables of the context's model, in the order of their names.</summary>
    public static IEnumerable<TableStatements> All(CommentDbContext db) => db.Model.GetEntityTypes()
        .OrderBy(type => type.GetTableName(), StringComparer.Ordinal)
        .Select(type => new TableStatements(db, type));

    /// <summary>
    /// Statements that write what the app writes, for no row: a database refuses them where it would refuse the app's own, for it lacks a
    /// table, a right, or may only be read. They leave nothing behind.
    /// </summary>
    public static IEnumerable<string> Writes(CommentDbContext db)
    {
        var schema = db.GetService<CommentSchema>();
        var comments = schema.Resolve(RecordKinds.Comments).Type;
        foreach (var statements in All(db).Where(table => table.Rows != typeof(SchemaVersion)))
        {
            if (!schema.IsSites(statements.Rows))
            {
                yield return statements.InsertNone;
            }

            // Of a site's tables the model has the comments and the users, who stay.
            if (!schema.IsSites(statements.Rows) || statements.Rows == comments)
            {
                yield return statements.DeleteNone;
            }
        }

        foreach (var statement in schema.WritesBeside(db.GetService<ISqlGenerationHelper>().DelimitIdentifier))
        {
            yield return statement;
        }
    }

    private string Columns(string prefix = "") => string.Join(", ", type.GetProperties().Select(property => prefix + NameOf(property)));
}
