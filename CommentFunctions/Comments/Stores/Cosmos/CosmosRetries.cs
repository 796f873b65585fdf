using Microsoft.Azure.Cosmos;
using Microsoft.EntityFrameworkCore.Storage;

namespace CommentFunctions.Comments.Stores.Cosmos;

/// <summary>
/// Tries a save again that failed for a passing reason. Not one that was throttled: Cosmos DB's client has waited for that, ten
/// requests long, and to multiply its attempts is to ask for more of what there is too little of.
/// </summary>
internal sealed class CosmosRetries(ExecutionStrategyDependencies dependencies) : ExecutionStrategy(dependencies, Retries, LongestPause)
{
    private const int Retries = 4;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override bool ShouldRetryOn(Exception exception) =>
        CosmosFailures.IsPassing(exception) && exception is not CosmosException { StatusCode: System.Net.HttpStatusCode.TooManyRequests };
}
