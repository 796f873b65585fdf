using CommentFunctions.Data.Django;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CommentFunctions.Data.Postgres;

/// <summary>Sites on PostgreSQL, with the tables that an unqualified name leads to.</summary>
public sealed class PostgresSites : SiteDialect
{
    public override string Database => "PostgreSQL";

    public override bool KnowsZones => true;

    public override StringComparer Names => StringComparer.Ordinal;

    // A foreign key that is written meanwhile waits for the row.
    public override string Lock => "FOR UPDATE";

    public override string Columns => """
        SELECT t.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull
        FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid JOIN pg_namespace n ON n.oid = t.relnamespace
        WHERE t.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND pg_table_is_visible(t.oid)
            AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        ORDER BY t.relname, a.attnum
        """;

    public override string References => """
        SELECT t.relname::text, a.attname::text, r.relname::text, b.attname::text, k.confdeltype NOT IN ('a', 'r')
        FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
            JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1]
        WHERE k.contype = 'f' AND cardinality(k.conkey) = 1 AND k.conparentid = 0 AND pg_table_is_visible(r.oid)
        ORDER BY 1, 2
        """;

    public override string Uniques => """
        SELECT t.relname::text, a.attname::text, i.indisprimary
        FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
        WHERE i.indisunique AND i.indnkeyatts = 1 AND i.indpred IS NULL AND pg_table_is_visible(t.oid) AND t.relkind IN ('r', 'p')
        ORDER BY 1, 2
        """;

    public override bool IsInteger(string type) => type is "smallint" or "integer" or "bigint";

    public override bool IsUuid(string type) => type is "uuid";

    public override bool IsTime(string type) => type.StartsWith("timestamp", StringComparison.Ordinal);

    public override bool HasZone(string type) => type.Contains("with time zone", StringComparison.Ordinal);

    public override void MapTime(PropertyBuilder<DateTimeOffset> time, bool hasZone, SiteTime site) => _ = hasZone
        ? time.HasConversion(new DjangoInstant()).HasColumnType("timestamp with time zone")
        : time.HasConversion(new DjangoLocalTime(site)).HasColumnType("timestamp without time zone");

    public override object ValueOf(DateTimeOffset moment, bool hasZone, SiteTime site) =>
        hasZone ? moment.UtcDateTime : DateTime.SpecifyKind(site.ToLocal(moment), DateTimeKind.Unspecified);
}
