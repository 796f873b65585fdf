using Microsoft.EntityFrameworkCore.Storage;
using Npgsql.EntityFrameworkCore.PostgreSQL;

namespace CommentFunctions.Comments.Stores;

/// <summary>
/// Tries again what failed for a passing reason: connecting, and sending a statement up to its first row. What fails while rows are
/// read is not repeated; who asked for them asks again, as the queue does.
/// </summary>
internal sealed class PassingFailures(
    ExecutionStrategyDependencies dependencies, int attempts, TimeSpan longestPause, ICollection<string> alsoPassing)
    : NpgsqlRetryingExecutionStrategy(dependencies, attempts, longestPause, alsoPassing)
{
    /// <summary>
    /// Whether results are to be read into memory before they are looked at. That cost a query for one row a tenth of its rate, and
    /// the row comes in one packet.
    /// </summary>
    public override bool RetriesOnFailure => false;
}
