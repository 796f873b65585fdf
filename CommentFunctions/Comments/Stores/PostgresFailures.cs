using Azure.Identity;
using CommentFunctions.Failures;
using Npgsql;

namespace CommentFunctions.Comments.Stores;

/// <summary>Tells what the failures of PostgreSQL mean: https://www.postgresql.org/docs/current/errcodes-appendix.html.</summary>
internal static class PostgresFailures
{
    // Classes of codes: connections, sign-in, unknown database or schema, transactions that others rolled back, resources, operators, system, damage.
    private static readonly string[] PassingClasses = ["08", "28", "3D", "3F", "40", "53", "57", "58", "XX"];

    private static readonly string[] Passing =
    [
        PostgresErrorCodes.ReadOnlySqlTransaction,
        PostgresErrorCodes.LockNotAvailable,
        PostgresErrorCodes.InsufficientPrivilege,
        PostgresErrorCodes.UndefinedTable,
        PostgresErrorCodes.UndefinedColumn,
    ];

    /// <summary>What keeps the database from being used and may pass; null for a failure of what was asked for.</summary>
    public static Outage? FindOutage(Exception exception) =>
        exception.Chain().Select(Explain).FirstOrDefault(reason => reason is not null) is { } why ? new(why) : null;

    private static string? Explain(Exception exception) => exception switch
    {
        // Its own text may quote values.
        PostgresException refused => IsPassing(refused.SqlState) ? $"PostgreSQL answered {refused.SqlState}." : null,
        NpgsqlException failed => $"PostgreSQL cannot be reached: {failed.GetBaseException().GetType().Name}.",
        AuthenticationFailedException => "Nobody could be signed in to PostgreSQL.",
        _ => null,
    };

    private static bool IsPassing(string state) =>
        Passing.Contains(state) || PassingClasses.Any(start => state.StartsWith(start, StringComparison.Ordinal));
}
