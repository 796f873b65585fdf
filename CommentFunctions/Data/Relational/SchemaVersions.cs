using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.EntityFrameworkCore.Storage;

namespace CommentFunctions.Data.Relational;

/// <summary>A version of the app's tables that a database has had; the highest is the present one.</summary>
public sealed class SchemaVersion
{
    /// <summary>From 2 on: version 1 recorded none.</summary>
    public required int Version { get; init; }

    /// <summary>Since when, in UTC.</summary>
    public required DateTimeOffset AppliedAt { get; init; }
}

/// <summary>
/// Makes the app's tables as the model has them, and brings those of earlier versions to the same state. A step only adds what an app of
/// the version before can do without: it may still be at work beside this one.
/// </summary>
internal sealed class SchemaVersions(CommentDbContext db, TimeProvider clock, Func<DbException, bool> isMissing)
{
    /// <summary>The name of the table, in a schema of the app's own.</summary>
    public const string Table = nameof(SchemaVersions);

    private const int First = 1;

    // What each version adds to the one before, from version 2 on. A step that was released stays as it is.
    private static readonly IReadOnlyList<Action<MigrationBuilder, Func<Type, string>>> Steps =
    [
        (tables, nameOf) => tables.CreateTable(
            nameOf(typeof(SchemaVersion)),
            columns => new
            {
                Version = columns.Column<int>(),
                AppliedAt = columns.Column<long>(),
            },
            constraints: table => table.PrimaryKey("PK_" + nameOf(typeof(SchemaVersion)), row => row.Version)),
        (tables, nameOf) => tables.AddColumn<string>(nameof(ExpiryRun.Work), nameOf(typeof(ExpiryRun)), nullable: true),
    ];

    /// <summary>The version that this app makes.</summary>
    public static int Current => First + Steps.Count;

    /// <summary>The version of the database's tables; 0 where none of them is there.</summary>
    public async Task<int> FindAsync(CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            return await AskAsync($"SELECT max({Delimit(nameof(SchemaVersion.Version))}) FROM {Name}", cancellationToken) is { } version
                ? Convert.ToInt32(version, CultureInfo.InvariantCulture)
                : await HasFirstAsync(cancellationToken) ? First : 0;
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    /// <summary>Brings the database from this version to the current one, all or nothing.</summary>
    public Task UpgradeAsync(int version, CancellationToken cancellationToken)
    {
        var steps = new MigrationBuilder(db.Database.ProviderName);
        if (version == 0)
        {
            steps.Operations.AddRange(db.GetService<IMigrationsModelDiffer>().GetDifferences(null, Model.GetRelationalModel()));
        }
        else
        {
            foreach (var step in Steps.Skip(version - First))
            {
                step(steps, type => Model.FindEntityType(type)!.GetTableName()!);
            }
        }

        steps.Sql(string.Create(
            CultureInfo.InvariantCulture,
            $"INSERT INTO {Name} ({Delimit(nameof(SchemaVersion.Version))}, {Delimit(nameof(SchemaVersion.AppliedAt))}) VALUES ({Current}, {clock.GetUtcNow().ToUnixTimeMilliseconds()})"));
        return db.GetService<IMigrationCommandExecutor>().ExecuteNonQueryAsync(
            db.GetService<IMigrationsSqlGenerator>().Generate(steps.Operations, Model), db.GetService<IRelationalConnection>(), cancellationToken);
    }

    private IModel Model => db.GetService<IDesignTimeModel>().Model;

    private string Name => Delimit(db.Model.FindEntityType(typeof(SchemaVersion))!.GetTableName()!);

    private string Delimit(string name) => db.GetService<ISqlGenerationHelper>().DelimitIdentifier(name);

    // Records of runs were there from the first version on, under every schema.
    private async Task<bool> HasFirstAsync(CancellationToken cancellationToken) =>
        await AskAsync($"SELECT count(*) FROM {Delimit(db.Model.FindEntityType(typeof(ExpiryRun))!.GetTableName()!)} WHERE 1 = 0", cancellationToken) is not null;

    // Null where the table is missing, and for NULL.
    private async Task<object?> AskAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // Names of the model, delimited.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.CommandTimeout = (int)RelationalStore.ReachTimeout.TotalSeconds;
        try
        {
            return await command.ExecuteScalarAsync(cancellationToken) is { } value and not DBNull ? value : null;
        }
        catch (DbException e) when (isMissing(e))
        {
            return null;
        }
    }
}
