using System.Data.Common;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Microsoft.Extensions.DependencyInjection;

namespace CommentFunctions.Data.Django;

/// <summary>
/// What differs between the databases that a site can be on: the catalog, and how Django keeps keys and times there. One for each store that takes
/// sites, registered under the store's name; it has no state.
/// </summary>
public abstract class SiteDialect
{
    /// <summary>The database, in messages to people.</summary>
    public abstract string Database { get; }

    /// <summary>Whether times can say of themselves which moments they are; otherwise a zone has to be set.</summary>
    public abstract bool KnowsZones { get; }

    /// <summary>Which names of tables and columns are one.</summary>
    public abstract StringComparer Names { get; }

    /// <summary>A query for all columns that a site may have, by table and place: table, column, type, and whether it may be null.</summary>
    public abstract string Columns { get; }

    /// <summary>A query for the foreign keys of one column: table, column, table referred to, its column, and whether the database itself acts on a deletion.</summary>
    public abstract string References { get; }

    /// <summary>A query for the columns whose values are unique: table, column, and whether it is the primary key.</summary>
    public abstract string Uniques { get; }

    /// <summary>Whether this type is a whole number.</summary>
    public abstract bool IsInteger(string type);

    /// <summary>Whether Django keeps UUIDs as this type.</summary>
    public abstract bool IsUuid(string type);

    /// <summary>Whether this type is a boolean.</summary>
    public virtual bool IsBoolean(string type) => type.Equals("bool", StringComparison.OrdinalIgnoreCase) || type.Equals("boolean", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether this type can be a date with a time.</summary>
    public abstract bool IsTime(string type);

    /// <summary>Whether this type is a time that says which moment it is.</summary>
    public abstract bool HasZone(string type);

    /// <summary>What a key of this type is; null where it can be none.</summary>
    public SiteKey? KindOf(string type) => IsUuid(type) ? SiteKey.Uuid : IsInteger(type) ? SiteKey.Number : null;

    /// <summary>Maps a key that is a UUID.</summary>
    public virtual void MapUuid(PropertyBuilder<Guid> key)
    {
    }

    /// <summary>Maps the time of a comment.</summary>
    public abstract void MapTime(PropertyBuilder<DateTimeOffset> time, bool hasZone, SiteTime site);

    /// <summary>When a row was written, for statements to compare and to sort by, as of a column with a time.</summary>
    public virtual SqlExpression Moment(SqlExpression time) => time;

    /// <summary>As <see cref="Moment(SqlExpression)"/>, of a column whose name is delimited.</summary>
    public virtual string Moment(string time) => time;

    /// <summary>A moment as the value of a parameter to compare <see cref="Moment(string)"/> with.</summary>
    public abstract object ValueOf(DateTimeOffset moment, bool hasZone, SiteTime site);

    /// <summary>Gives a new connection what <see cref="Moment(string)"/> needs.</summary>
    public virtual void Equip(DbConnection connection, SiteTime site)
    {
    }

    /// <summary>What a query ends with so that nobody refers to its rows until the transaction ends; null where one writer keeps out all others.</summary>
    public abstract string? Lock { get; }

    /// <summary>A name as statements have it.</summary>
    public virtual string Delimit(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

/// <summary>The dialects of this build's stores.</summary>
/// <param name="services">Has them.</param>
public sealed class SiteDialects(IServiceProvider services)
{
    /// <summary>The stores that take sites.</summary>
    public IReadOnlyList<string> Stores => [.. StoreNames.All.Where(store => Find(store) is not null)];

    /// <summary>That of a store, by its name in whatever case; null where it takes no sites.</summary>
    public SiteDialect? Find(string? store) => StoreNames.Find(store) is { } name ? services.GetKeyedService<SiteDialect>(name) : null;
}
