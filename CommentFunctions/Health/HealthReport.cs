using System.Text.Json.Serialization;
using CommentFunctions.Expiry;

namespace CommentFunctions.Health;

/// <summary>How the app is doing.</summary>
/// <param name="Status">The whole in one word.</param>
/// <param name="Store">The store.</param>
/// <param name="Queues">The queues by name; null where the host does not tell.</param>
/// <param name="LastExpiryRun">The newest run of the expiry job; null where there was none, or the store cannot be asked.</param>
/// <param name="ExpiryOverdue">Whether runs stopped: two scheduled times went by without one; null where the store cannot be asked.</param>
/// <param name="Disabled">The functions whose triggers a setting has switched off.</param>
public sealed record HealthReport(
    HealthState Status,
    StoreHealth Store,
    IReadOnlyDictionary<string, QueueDepth?> Queues,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ExpiryRunView? LastExpiryRun,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] bool? ExpiryOverdue,
    IReadOnlyList<string> Disabled);

/// <summary>Whether the store can be asked.</summary>
/// <param name="Name">The store's name, as in <c>Comments:Store</c>.</param>
/// <param name="Reachable">Whether it answered in time.</param>
public sealed record StoreHealth(string Name, bool Reachable);

/// <summary>How the app is doing, in one word.</summary>
public enum HealthState
{
    /// <summary>All is well.</summary>
    Healthy,

    /// <summary>The app serves, but expiry runs stopped, messages were given up on, or a timer's or a queue's function is disabled.</summary>
    Degraded,

    /// <summary>The store cannot be reached.</summary>
    Unhealthy,
}
