using System.Globalization;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CommentFunctions.Data.Django;

/// <summary>A column of the site's comments with the value that a row has to have.</summary>
/// <param name="Column">The column.</param>
/// <param name="Type">As what its values are compared: a nullable <see cref="bool"/> or <see cref="long"/>, or a <see cref="string"/>.</param>
/// <param name="Value">The value; null for rows where the column is null.</param>
public sealed record SitePair(string Column, Type Type, object? Value)
{
    /// <summary>The column's property in the model, where no name is taken.</summary>
    public string Property => $"where {Column}";
}

/// <summary>Which of the site's comments are shown, and which expire.</summary>
/// <param name="Shown">What a comment has to have to be quoted and listed; empty for all.</param>
/// <param name="Expiring">What it has to have to be deleted once it is old; empty for all.</param>
public sealed record SiteConditions(IReadOnlyList<SitePair> Shown, IReadOnlyList<SitePair> Expiring)
{
    /// <summary>Those of settings that name none.</summary>
    public static SiteConditions None { get; } = new([], []);

    /// <summary>The types of what they compare, which with the settings are all that the model has of them.</summary>
    public string Types => string.Join(' ', Shown.Concat(Expiring).Select(pair => pair.Type));

    /// <summary>Gives the comments the columns, and keeps those that are not shown out of queries that do not ask for all.</summary>
    public void Map(EntityTypeBuilder<DjangoComment> comment)
    {
        foreach (var pair in Shown.Concat(Expiring))
        {
            comment.Property(pair.Type, pair.Property).HasColumnName(pair.Column);
        }

        if (Shown.Count > 0)
        {
            comment.HasQueryFilter(Fulfil(Shown));
        }
    }

    /// <summary>Those of the comments that expire.</summary>
    public IQueryable<DjangoComment> WhereExpiring(IQueryable<DjangoComment> comments) => Expiring.Count > 0 ? comments.Where(Fulfil(Expiring)) : comments;

    // Values become literals of their type, so that an index with the same condition can be used.
    private static Expression<Func<DjangoComment, bool>> Fulfil(IReadOnlyList<SitePair> pairs)
    {
        var comment = Expression.Parameter(typeof(DjangoComment), "comment");
        var body = pairs.Select(pair => Expression.Equal(
            Expression.Call(typeof(EF), nameof(EF.Property), [pair.Type], comment, Expression.Constant(pair.Property)),
            Expression.Constant(pair.Value, pair.Type)));
        return Expression.Lambda<Func<DjangoComment, bool>>(body.Aggregate(Expression.AndAlso), comment);
    }
}

/// <summary>Reads conditions against the columns that the comments have. What is wrong becomes lines, each of which names its setting.</summary>
internal sealed class ConditionReading(DjangoOptions options, SiteCatalog catalog, List<string> problems)
{
    private const string Prefix = $"{CommentOptions.Section}:{nameof(CommentOptions.Django)}:";

    // No site tells states of comments apart by longer texts.
    private const int LongestText = 1_000;

    /// <summary>Reads the condition of a setting; empty where it is not set, or is wrong.</summary>
    public IReadOnlyList<SitePair> Read(string setting, string? condition)
    {
        List<SitePair> pairs = [];
        foreach (var text in string.IsNullOrWhiteSpace(condition) ? [] : condition.Split(',', StringSplitOptions.TrimEntries))
        {
            if (ReadPair(setting, text) is not { } pair)
            {
                continue;
            }

            if (pairs.Exists(other => other.Column == pair.Column))
            {
                problems.Add($"{Prefix}{setting} names {pair.Column} twice. Allowed: each column once, for all pairs have to be true of a comment.");
            }

            pairs.Add(pair);
        }

        return pairs;
    }

    private SitePair? ReadPair(string setting, string text)
    {
        var sign = text.IndexOf('=', StringComparison.Ordinal);
        if (sign < 1)
        {
            problems.Add($"{Prefix}{setting} has '{text}', which is no pair. Allowed: column=value, such as is_removed=false, separated by commas; a value cannot have a comma.");
            return null;
        }

        var (name, value) = (text[..sign].TrimEnd(), text[(sign + 1)..].TrimStart());
        if (catalog.Find(options.Table, name) is not { } column)
        {
            var columns = string.Join(", ", catalog.ColumnsOf(options.Table).Select(c => c.Name));
            problems.Add($"{Prefix}{setting} names '{name}', and the table {options.Table} has no such column. It has {columns}.");
            return null;
        }

        if (UseOf(column) is { } use)
        {
            problems.Add($"{Prefix}{setting} names {column.Name}, which is {Prefix}{use}. Allowed: another column.");
            return null;
        }

        var (type, allowed) = TypeOf(column);
        if (column.IsNullable && value.Equals("null", StringComparison.OrdinalIgnoreCase))
        {
            return new(column.Name, type ?? typeof(string), null);
        }

        if (ValueOf(type, value) is { } constant)
        {
            return new(column.Name, type!, constant);
        }

        var orNull = column.IsNullable ? $", or {column.Name}=null" : "";
        problems.Add($"{Prefix}{setting} has '{text}', and {column.Name} is {column.Type}{(column.IsNullable ? "" : " NOT NULL")} in {options.Table}. Allowed: {allowed}{orNull}.");
        return null;
    }

    // The setting that the app reads the column by.
    private string? UseOf(SiteColumn column) => new[]
    {
        (nameof(options.Key), options.Key), (nameof(options.User), options.User), (nameof(options.Time), options.Time), (nameof(options.Text), options.Text),
    }.Where(use => catalog.AreSame(use.Item2, column.Name)).Select(use => use.Item1).FirstOrDefault();

    private (Type? Type, string Allowed) TypeOf(SiteColumn column) => column.Type switch
    {
        var type when catalog.Dialect.IsBoolean(type) => (typeof(bool?), $"{column.Name}=true or {column.Name}=false"),
        var type when catalog.Dialect.IsInteger(type) => (typeof(long?), $"a whole number, such as {column.Name}=1"),
        // Where they have no type of their own.
        var type when catalog.Dialect.IsUuid(type) => (null, Others),
        var type when !type.EndsWith("[]", StringComparison.Ordinal) && SiteReading.IsText(type) => (typeof(string), $"a text without quotes, such as {column.Name}=public"),
        _ => (null, Others),
    };

    private const string Others = "a column that is a boolean, an integer or a text";

    private static object? ValueOf(Type? type, string value)
    {
        if (type == typeof(bool?))
        {
            return bool.TryParse(value, out var truth) ? truth : null;
        }

        if (type == typeof(long?))
        {
            return long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
        }

        return type is not null && IsPlain(value) ? value : null;
    }

    // Quotes around a text would be taken for a part of it, and null for the text: either fits no row.
    private static bool IsPlain(string value) =>
        CodePoints.Fit(value, LongestText) && !value.Equals("null", StringComparison.OrdinalIgnoreCase) && !(value.Length > 0 && value[0] is '\'' or '"');
}
