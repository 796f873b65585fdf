using System.Net.Sockets;
using Azure.Identity;
using CommentFunctions.Failures;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL;

namespace CommentFunctions.Data.Postgres;

/// <summary>Tells what the failures of PostgreSQL mean: https://www.postgresql.org/docs/current/errcodes-appendix.html.</summary>
internal static class PostgresFailures
{
    // Classes of codes: connections, sign-in, transactions that others rolled back, resources, operators, system, damage.
    private static readonly string[] PassingClasses = ["08", "28", "3D", "3F", "40", "53", "57", "58", "XX"];

    // One that is not to be connected to, for maintenance.
    private static readonly string[] Passing = [PostgresErrorCodes.LockNotAvailable, PostgresErrorCodes.ObjectNotInPrerequisiteState];

    /// <summary>What keeps the database from being used and may pass; null for a failure of what was asked for.</summary>
    public static Outage? FindOutage(Exception exception) => Explain(exception) is { } why ? new($"The store cannot be used: {why}.") : null;

    /// <summary>Why the database cannot be used, as the end of a sentence; null for a failure of what was asked for.</summary>
    public static string? Explain(Exception exception) => exception.Chain().Select(ExplainOne).FirstOrDefault(why => why is not null);

    private static string? ExplainOne(Exception exception) => exception switch
    {
        // Its own text may quote values.
        PostgresException refused => refused.SqlState switch
        {
            PostgresErrorCodes.ReadOnlySqlTransaction => "the database may only be read at the moment",
            PostgresErrorCodes.DiskFull => "the disk of the server is full. Free some space",
            PostgresErrorCodes.InsufficientPrivilege => "the user of the app lacks a right that it needs",
            PostgresErrorCodes.TooManyConnections => "the server has no connection left",
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => "the server does not let the user of the app in",
            PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => "the server is starting or stopping",
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn => "it lacks a table or a column of the app",
            var state when Passing.Contains(state) || PassingClasses.Any(start => state.StartsWith(start, StringComparison.Ordinal)) => $"the server answered {state}",
            _ => null,
        },
        NpgsqlException { InnerException: SocketException or IOException } => "its server cannot be reached",
        NpgsqlException { InnerException: TimeoutException } => "its server did not answer in time",
        NpgsqlException => "its server cannot be used",
        AuthenticationFailedException => "nobody could be signed in to it",
        _ => null,
    };
}

/// <summary>
/// Tries again what failed for a passing reason: connecting, and sending a statement up to its first row. What fails while rows are
/// read is not repeated; the caller asks again, as the queue does.
/// </summary>
internal sealed class TransientRetryStrategy(
    ExecutionStrategyDependencies dependencies, int attempts, TimeSpan longestPause, ICollection<string> alsoPassing)
    : NpgsqlRetryingExecutionStrategy(dependencies, attempts, longestPause, alsoPassing)
{
    /// <summary>
    /// Whether results are to be read into memory before they are looked at. That slows down a query for one row, which comes in one
    /// packet.
    /// </summary>
    public override bool RetriesOnFailure => false;
}
