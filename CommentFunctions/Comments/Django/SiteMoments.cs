using System.Reflection;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CommentFunctions.Comments.Django;

/// <summary>
/// When rows were written, for statements to compare and to sort by. On PostgreSQL it is the column; in a SQLite file it is what its text
/// means, by a function of the connection, for texts of different forms do not have the order of their times.
/// </summary>
internal static class SiteMoments
{
    private const string Function = "commentfunctions_moment";

    private static readonly MethodInfo Method = typeof(SiteMoments).GetMethod(nameof(Of))!;

    // Ticks are whole numbers, and exact.
    private static readonly RelationalTypeMapping Ticks = (RelationalTypeMapping)new LongTypeMapping("INTEGER")
        .WithComposedConverter(new ValueConverter<DateTimeOffset, long>(moment => moment.UtcTicks, ticks => new(ticks, TimeSpan.Zero)));

    /// <summary>The moment of a row's time; nothing for a text that is no time, so that the row is neither shown nor deleted. For queries alone.</summary>
    public static DateTimeOffset Of(DateTimeOffset timestamp) => throw new InvalidOperationException("Only the database can tell.");

    /// <summary>Has queries ask for it.</summary>
    public static void Map(ModelBuilder modelBuilder, bool onPostgres) => modelBuilder.HasDbFunction(Method).HasTranslation(arguments => onPostgres
        ? arguments[0]
        : new SqlFunctionExpression(Function, arguments, nullable: true, argumentsPropagateNullability: [true], typeof(DateTimeOffset), Ticks));

    /// <summary>Gives a connection to a SQLite file the function.</summary>
    public static void AddTo(SqliteConnection connection, SiteTime site) => connection.CreateFunction(
        Function, (string? stored) => stored is not null && DjangoText.TryRead(stored, site, out var moment) ? moment.UtcTicks : (long?)null, isDeterministic: true);
}
