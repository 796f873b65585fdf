using System.Data;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Data.Django;

/// <summary>Rows of the site's that refer to what is deleted, and go with it.</summary>
/// <param name="Table">Their table.</param>
/// <param name="Column">Its column that refers.</param>
/// <param name="SetsNull">Whether the rows stay, and refer to nothing then.</param>
/// <param name="To">The column that it refers to, which need not be the key.</param>
/// <param name="Dependents">What refers to these rows.</param>
public sealed record SiteDependent(string Table, string Column, bool SetsNull, string To, IReadOnlyList<SiteDependent> Dependents)
{
    /// <summary>The name in the setting.</summary>
    public string Name => $"{Table}.{Column}";

    /// <summary>What is written to the rows, and to those that refer to them, for no row.</summary>
    public IEnumerable<string> Writes(Func<string, string> delimit) =>
        Dependents.SelectMany(next => next.Writes(delimit)).Append($"{Change(delimit)} WHERE 1 = 0");

    /// <summary>The statement that deletes them or lets them refer to nothing, without its condition.</summary>
    public string Change(Func<string, string> delimit) =>
        SetsNull ? $"UPDATE {delimit(Table)} SET {delimit(Column)} = NULL" : $"DELETE FROM {delimit(Table)}";
}

/// <summary>
/// Deletes comments with what refers to them, each step in one transaction: a site never has the one without the other.
/// </summary>
internal sealed partial class DependentDeletion(CommentDbContext db, SiteDialect dialect, IReadOnlyList<SiteDependent> dependents, ILogger logger)
{
    private readonly ISqlGenerationHelper sql = db.GetService<ISqlGenerationHelper>();
    private readonly SortedDictionary<string, long> counts = new(StringComparer.Ordinal);

    // Of the step that is under way, which may be rolled back, or tried again.
    private readonly Dictionary<string, long> pending = [];

    /// <summary>Deletes these comments, and returns how many they were.</summary>
    public async Task<int> DeleteAsync(IQueryable<DjangoComment> comments, CancellationToken cancellationToken)
    {
        pending.Clear();
        if (dependents.Count == 0)
        {
            return await comments.ExecuteDeleteAsync(cancellationToken);
        }

        await using var own = db.Database.CurrentTransaction is null
            ? await db.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken)
            : null;
        if (dialect.Lock is { } holding)
        {
            // Nobody refers to a row that is locked like this: what refers to the comments then is all that ever will. Others may become
            // like them meanwhile, and are for the next run.
            var locked = await LockAsync(comments.Select(c => c.Id), holding, cancellationToken);
            if (locked.Count == 0)
            {
                return 0;
            }

            comments = DjangoComments.All(db).Where(c => locked.Contains(c.Id));
        }

        var keys = comments.Select(c => c.Id);

        foreach (var dependent in dependents)
        {
            await DeleteAsync(dependent, keys, selected => ReferredTo(dependent.To, selected), cancellationToken);
        }

        var deleted = await comments.ExecuteDeleteAsync(cancellationToken);
        if (own is not null)
        {
            await own.CommitAsync(CancellationToken.None);
        }

        return deleted;
    }

    /// <summary>Counts what went with the last step, which is committed.</summary>
    public void Confirm()
    {
        foreach (var (name, count) in pending)
        {
            counts[name] = counts.GetValueOrDefault(name) + count;
        }

        pending.Clear();
    }

    /// <summary>Logs how many rows went, or lost what they referred to.</summary>
    public void Log()
    {
        foreach (var (name, count) in counts)
        {
            LogGone(logger, count, name);
        }
    }

    // The rows of the last level first.
    private async Task DeleteAsync(SiteDependent dependent, IQueryable<Guid> keys, Func<string, string> referredTo, CancellationToken cancellationToken)
    {
        var (table, column) = (sql.DelimitIdentifier(dependent.Table), sql.DelimitIdentifier(dependent.Column));
        foreach (var next in dependent.Dependents)
        {
            await DeleteAsync(
                next, keys, selected => $"SELECT {sql.DelimitIdentifier(next.To)} FROM {table} WHERE {column} IN ({referredTo(selected)})", cancellationToken);
        }

        var change = dependent.Change(sql.DelimitIdentifier);
        var count = await ExecuteAsync(keys, selected => $"{change} WHERE {column} IN ({referredTo(selected)})", cancellationToken);
        pending[dependent.Name] = pending.GetValueOrDefault(dependent.Name) + Math.Max(0, count);
    }

    // The values of a column of the comments, by their keys.
    private string ReferredTo(string column, string keys)
    {
        var comments = db.Model.FindEntityType(typeof(DjangoComment))!;
        var key = comments.FindProperty(nameof(DjangoComment.Id))!.GetColumnName();
        return column == key ? keys
            : $"SELECT {sql.DelimitIdentifier(column)} FROM {sql.DelimitIdentifier(comments.GetTableName()!)} WHERE {sql.DelimitIdentifier(key)} IN ({keys})";
    }

    private async Task<List<Guid>> LockAsync(IQueryable<Guid> keys, string holding, CancellationToken cancellationToken)
    {
        await using var command = Command(keys, selected => $"{selected} {holding}");
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        List<Guid> locked = [];
        while (await rows.ReadAsync(cancellationToken))
        {
            locked.Add(rows.GetValue(0) is Guid key ? key : DjangoIds.ToGuid(rows.GetInt64(0)));
        }

        return locked;
    }

    private async Task<int> ExecuteAsync(IQueryable<Guid> keys, Func<string, string> statement, CancellationToken cancellationToken)
    {
        await using var command = Command(keys, statement);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private DbCommand Command(IQueryable<Guid> keys, Func<string, string> statement)
    {
        var command = keys.CreateDbCommand();
#pragma warning disable CA2100 // EF's own statement, and names that the catalog has, delimited.
        command.CommandText = statement(command.CommandText);
#pragma warning restore CA2100
        command.Transaction = db.Database.CurrentTransaction!.GetDbTransaction();
        command.CommandTimeout = db.Database.GetCommandTimeout() ?? command.CommandTimeout;
        return command;
    }

    [LoggerMessage(1, LogLevel.Information, "With the expired comments went {Count} rows or references of {Dependent}.")]
    private static partial void LogGone(ILogger logger, long count, string dependent);
}
