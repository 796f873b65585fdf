using System.Data.Common;
using CommentFunctions.Data.Django;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CommentFunctions.Data.Sqlite;

/// <summary>
/// Sites in SQLite files. Times are texts there, of which those of different forms do not have the order of their times: a function of the connection
/// tells the moments.
/// </summary>
public sealed class SqliteSites : SiteDialect
{
    // It returns ticks, which are whole numbers, and exact; nothing for a text that is no time.
    private const string Function = "commentfunctions_moment";

    private static readonly RelationalTypeMapping Ticks = (RelationalTypeMapping)new LongTypeMapping("INTEGER")
        .WithComposedConverter(new ValueConverter<DateTimeOffset, long>(moment => moment.UtcTicks, ticks => new(ticks, TimeSpan.Zero)));

    public override string Database => "SQLite";

    public override bool KnowsZones => false;

    public override StringComparer Names => StringComparer.OrdinalIgnoreCase;

    public override string? Lock => null;

    public override string Columns => """
        SELECT t.name, c.name, c.type, c."notnull" = 0 AND c.pk = 0 FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table' ORDER BY t.name, c.cid
        """;

    public override string References => """
        SELECT t.name, r."from", r."table", ifnull(r."to", (SELECT c.name FROM pragma_table_info(r."table") AS c WHERE c.pk = 1)), r.on_delete NOT IN ('NO ACTION', 'RESTRICT')
        FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS r WHERE t.type = 'table' ORDER BY 1, 2
        """;

    public override string Uniques => """
        SELECT t.name, max(c.name), 1 FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table' AND c.pk > 0 GROUP BY t.name HAVING count(*) = 1
        UNION ALL
        SELECT t.name, max(i.name), 0 FROM sqlite_schema AS t, pragma_index_list(t.name) AS l, pragma_index_info(l.name) AS i
        WHERE t.type = 'table' AND l."unique" AND NOT l.partial AND l.origin <> 'pk' GROUP BY t.name, l.name HAVING count(*) = 1 AND max(i.name) IS NOT NULL
        """;

    public override bool IsInteger(string type) => type.Contains("int", StringComparison.OrdinalIgnoreCase);

    public override bool IsUuid(string type) => type is "uuid" || type.Equals("char(32)", StringComparison.OrdinalIgnoreCase);

    // Any word is taken for a type; a text that is no time is left alone.
    public override bool IsTime(string type) => true;

    public override bool HasZone(string type) => false;

    public override void MapUuid(PropertyBuilder<Guid> key) => key.HasConversion(new ValueConverter<Guid, string>(id => id.ToString("N"), stored => Guid.Parse(stored)));

    public override void MapTime(PropertyBuilder<DateTimeOffset> time, bool hasZone, SiteTime site) => time.HasConversion(new DjangoText(site)).HasColumnType("datetime");

    public override SqlExpression Moment(SqlExpression time) =>
        new SqlFunctionExpression(Function, [time], nullable: true, argumentsPropagateNullability: [true], typeof(DateTimeOffset), Ticks);

    public override string Moment(string time) => $"{Function}({time})";

    public override object ValueOf(DateTimeOffset moment, bool hasZone, SiteTime site) => moment.UtcTicks;

    public override void Equip(DbConnection connection, SiteTime site) => ((SqliteConnection)connection).CreateFunction(
        Function, (string? stored) => stored is not null && DjangoText.TryRead(stored, site, out var moment) ? moment.UtcTicks : (long?)null, isDeterministic: true);
}
