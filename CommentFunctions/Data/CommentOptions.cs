namespace CommentFunctions.Data;

/// <summary>The section <c>Comments</c> of the configuration.</summary>
public sealed class CommentOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Comments";

    /// <summary>The job deletes.</summary>
    internal const string Job = "Job";

    /// <summary>The containers' time to live deletes.</summary>
    internal const string TimeToLive = "TimeToLive";

    /// <summary>The store's name: <c>Sqlite</c>, <c>Postgres</c>, or <c>Cosmos</c> where the app is built for Azure.</summary>
    public string Store { get; set; } = "Sqlite";

    /// <summary>Whose tables the users and comments are in: <c>Own</c>, the app's, or <c>Django</c>, an existing site's.</summary>
    public string Schema { get; set; } = "Own";

    /// <summary>The table of the site's comments (Django).</summary>
    public string DjangoTable { get; set; } = "comments_comment";

    /// <summary>
    /// The zone of the times in the site's SQLite file: <c>UTC</c> where its <c>USE_TZ</c> is True, else its <c>TIME_ZONE</c>, an IANA name
    /// (Django). PostgreSQL knows it by itself.
    /// </summary>
    public string? DjangoTimeZone { get; set; }

    /// <summary>How to reach the store; null for the store's own default, which only SQLite has.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>The account's address where the app's identity opens it instead of a connection string (Cosmos).</summary>
    public Uri? AccountEndpoint { get; set; }

    /// <summary>
    /// Who signs in without a key or password: <c>managedidentity</c> for the app's identity in Azure alone; any other word, and for
    /// Cosmos none, for whatever this machine is signed in with (Cosmos, Postgres).
    /// </summary>
    public string? Credential { get; set; }

    /// <summary>The client id of a user-assigned identity (Cosmos, Postgres); null for the default one.</summary>
    public string? ClientId { get; set; }

    /// <summary>The database's name (Cosmos).</summary>
    public string Database { get; set; } = "comments";

    /// <summary>What each container may spend in a second, in request units; a deletion takes half of it at the most (Cosmos).</summary>
    public int RequestUnitsPerSecond { get; set; } = 5_000;

    /// <summary>What deletes expired comments: <c>Job</c>, or <c>TimeToLive</c> for the containers' own (Cosmos).</summary>
    public string ExpireBy { get; set; } = Job;

    /// <summary>
    /// How old a comment becomes, as <c>[d.]hh:mm:ss</c>. Text, since binding to a TimeSpan would read 24:00:00 as 24 days;
    /// <see cref="Data.Retention"/> has it as a duration.
    /// </summary>
    public string Retention { get; set; } = "1.00:00:00";

    /// <summary>Whether the app makes its tables or containers where they are missing. In a SQLite file of its own it always does.</summary>
    public bool CreateSchema { get; set; }
}

/// <summary>The names that <c>Comments:Store</c> can have, each also the key under which its <see cref="CommentStore"/> is registered.</summary>
public static class StoreNames
{
    /// <summary>A SQLite file; in every build.</summary>
    public const string Sqlite = "Sqlite";

    /// <summary>A PostgreSQL database; in every build.</summary>
    public const string Postgres = "Postgres";

    /// <summary>Azure Cosmos DB; in builds for Azure.</summary>
    public const string Cosmos = "Cosmos";

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All { get; } = [Sqlite, Postgres, Cosmos];

    /// <summary>The name as it is written here, whatever the case it came in; null for an unknown one.</summary>
    public static string? Find(string? name) => All.FirstOrDefault(n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>The names that <c>Comments:Schema</c> can have, each also the key under which its <see cref="CommentSchema"/> are registered.</summary>
public static class SchemaNames
{
    /// <summary>Tables, or containers, of the app's own.</summary>
    public const string Own = "Own";

    /// <summary>The tables of an existing Django site.</summary>
    public const string Django = "Django";

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All { get; } = [Own, Django];

    /// <summary>The name as it is written here, whatever the case it came in; null for an unknown one.</summary>
    public static string? Find(string? name) => All.FirstOrDefault(n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
}
