using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace CommentFunctions.Comments.Stores;

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
            var tables = db.GetService<CommentTables>();
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

/// <summary>A table that is missing, or of which a column is.</summary>
/// <param name="Table">The table's name.</param>
/// <param name="Problem">What the database says.</param>
/// <param name="IsSites">Whether it is the site's, and so not the app's to make.</param>
public sealed record MissingTable(string Table, string Problem, bool IsSites);
