using CommentFunctions.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

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

    /// <summary>Where the site has its users and comments (Django).</summary>
    public DjangoOptions Django { get; set; } = new();

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

/// <summary>The section <c>Comments:Django</c>: the names of a site's tables and columns, by default those of the tutorial's site.</summary>
public sealed class DjangoOptions
{
    /// <summary>The table of the comments.</summary>
    public string Table { get; set; } = "comments_comment";

    /// <summary>Its key, an integer or a UUID.</summary>
    public string Key { get; set; } = "id";

    /// <summary>Its column that refers to the users. A comment without a user expires, and nobody can ask for it.</summary>
    public string User { get; set; } = "user_id";

    /// <summary>Its column that says when a comment was written.</summary>
    public string Time { get; set; } = "timestamp";

    /// <summary>Its column with what was written.</summary>
    public string Text { get; set; } = "text";

    /// <summary>The table of the users.</summary>
    public string UserTable { get; set; } = "auth_user";

    /// <summary>Its key, an integer or a UUID.</summary>
    public string UserKey { get; set; } = "id";

    /// <summary>Its column with the name by which people ask for a user.</summary>
    public string UserName { get; set; } = "username";

    /// <summary>
    /// The zone of times that have none, as in a SQLite file: <c>UTC</c> where the site's <c>USE_TZ</c> is True, else its <c>TIME_ZONE</c>, an
    /// IANA name.
    /// </summary>
    public string? TimeZone { get; set; }

    /// <summary>
    /// What refers to a comment and goes with it, as <c>table.column</c>, or <c>table.column=null</c> for rows that stay; separated by commas.
    /// </summary>
    public string? Dependents { get; set; }

    /// <summary>
    /// Which comments are quoted and listed, as <c>column=value</c> of columns of theirs, or <c>column=null</c>, separated by commas; without
    /// it all are.
    /// </summary>
    public string? Where { get; set; }

    /// <summary>Which comments expire, in the same form; without it all do.</summary>
    public string? ExpireWhere { get; set; }

    /// <summary>The settings that are names, each with its value.</summary>
    internal IEnumerable<(string Setting, string Value)> Names =>
    [
        (nameof(Table), Table), (nameof(Key), Key), (nameof(User), User), (nameof(Time), Time), (nameof(Text), Text),
        (nameof(UserTable), UserTable), (nameof(UserKey), UserKey), (nameof(UserName), UserName),
    ];
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

/// <summary>Says at start what is wrong with the section <c>Comments</c>, by the setting's name.</summary>
public sealed class CommentOptionsValidator(IServiceProvider services, IServiceProviderIsKeyedService known, IConfiguration configuration)
    : IValidateOptions<CommentOptions>
{
    public ValidateOptionsResult Validate(string? name, CommentOptions options)
    {
        List<string> problems = [.. UnresolvedReferences()];
        if (problems.Count > 0)
        {
            // Nothing more can be said of values that are not there.
            return ValidateOptionsResult.Fail(problems);
        }

        problems = [.. StoreProblems(options), .. SchemaProblems(options), .. RetentionProblems(options.Retention), .. ExpiryProblems(options)];
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private IEnumerable<string> UnresolvedReferences() => configuration.GetSection(CommentOptions.Section).GetChildren()
        .Where(setting => KeyVaultReference.IsUnresolved(setting.Value))
        .Select(setting => KeyVaultReference.Explain(setting.Path));

    private IEnumerable<string> StoreProblems(CommentOptions options)
    {
        if (StoreNames.Find(options.Store) is { } store && IsBuiltIn(store))
        {
            return services.GetRequiredKeyedService<CommentStore>(store).Check(options);
        }

        var allowed = string.Join(", ", StoreNames.All.Where(IsBuiltIn));
        return StoreNames.Find(options.Store) is StoreNames.Cosmos
            ? [$"Comments:Store is '{options.Store}', which needs an app built with FunctionsHost=azure, as a published one is. This build has: {allowed}."]
            : [$"Comments:Store is '{options.Store}'. Allowed: {allowed}."];
    }

    private IEnumerable<string> SchemaProblems(CommentOptions options) => SchemaNames.Find(options.Schema) is { } schema
        ? services.GetRequiredKeyedService<CommentSchema>(schema).Check(options)
        : [$"Comments:Schema is '{options.Schema}'. Allowed: {string.Join(", ", SchemaNames.All)}."];

    private static IEnumerable<string> ExpiryProblems(CommentOptions options)
    {
        var byItself = options.ExpireBy.Equals(CommentOptions.TimeToLive, StringComparison.OrdinalIgnoreCase);
        if (!byItself && !options.ExpireBy.Equals(CommentOptions.Job, StringComparison.OrdinalIgnoreCase))
        {
            yield return $"Comments:ExpireBy is '{options.ExpireBy}'. Allowed: {CommentOptions.Job}, {CommentOptions.TimeToLive}.";
        }

        if (byItself && StoreNames.Find(options.Store) is not StoreNames.Cosmos)
        {
            yield return $"Comments:ExpireBy is {CommentOptions.TimeToLive}, which only Comments:Store Cosmos has. Allowed: {CommentOptions.Job}.";
        }

        if (options.RequestUnitsPerSecond is < 100 or > 1_000_000)
        {
            yield return $"Comments:RequestUnitsPerSecond is {options.RequestUnitsPerSecond}. Allowed: 100 to 1000000, what each container of Cosmos DB may spend in a second.";
        }
    }

    private bool IsBuiltIn(string store) => known.IsKeyedService(typeof(CommentStore), store);

    private static IEnumerable<string> RetentionProblems(string retention)
    {
        if (!Durations.TryParse(retention, out var age) || age < Retention.Shortest || age > Retention.Longest)
        {
            yield return $"Comments:Retention is '{retention}'. Allowed: {Durations.Form}, from 00:00:01 to 3650.00:00:00.";
        }
    }
}
