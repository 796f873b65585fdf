using System.Data.Common;

namespace CommentFunctions.Benchmarks.Expiry;

/// <summary>A database that can be put back to its comments, of which nine tenths have expired.</summary>
internal interface IExpiryDatabase : IAsyncDisposable
{
    /// <summary>The store's name in the app's settings.</summary>
    string Store { get; }

    /// <summary>Where the copy under test is.</summary>
    string ConnectionString { get; }

    /// <summary>Makes the data once.</summary>
    Task FillAsync();

    /// <summary>Puts an identical copy of it in the place of the one before.</summary>
    Task CopyAsync();

    /// <summary>A plain connection to the copy, set as the raw statement and the concurrent writer use it.</summary>
    Task<DbConnection> OpenAsync();

    /// <summary>The deletion as one statement; the parameter is the cutoff in the store's own terms.</summary>
    string RawDelete { get; }

    /// <summary>An insert of one comment, with parameters for id, time and text.</summary>
    string Insert { get; }

    /// <summary>A comment's id as a parameter's value.</summary>
    object Id(Guid id);
}

/// <summary>The amounts, the times in Unix milliseconds, and the databases.</summary>
/// <param name="Comments">All of them.</param>
internal sealed record ExpiryData(long Comments)
{
    public const long UsualComments = 1_000_000;
    public const int Users = 10_000;

    /// <summary>Everything older has expired, under the default retention of a day; an hour of room on either side.</summary>
    public static readonly long Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    public static readonly long Cutoff = Now - (24L * 3600 * 1000);

    // The expired comments lie in the ten days before the cutoff, the others in the 22 hours from an hour after it.
    private static readonly long OldestExpired = Cutoff - (10L * 24 * 3600 * 1000);
    private static readonly long NewestExpired = Cutoff - (3600 * 1000);
    private static readonly long OldestKept = Cutoff + (3600 * 1000);
    private static readonly long NewestKept = Now - (3600 * 1000);

    /// <summary>How many of them have expired.</summary>
    public long Expired => Comments / 10 * 9;

    /// <summary>The time of the comment with the number <c>i</c>, in SQL.</summary>
    public string At => $"""
        CASE WHEN i < {Expired} THEN {OldestExpired} + i * {NewestExpired - OldestExpired} / {Expired}
        ELSE {OldestKept} + (i - {Expired}) * {NewestKept - OldestKept} / {Comments - Expired} END
        """;

    /// <summary>Measures on SQLite, and on PostgreSQL where there is a server.</summary>
    public async Task OnEachAsync(Func<IExpiryDatabase, Task> measure)
    {
        await MeasureAsync(new SqliteExpiryDatabase(this));
        if (Environment.GetEnvironmentVariable("COMMENTS_TEST_POSTGRES") is { Length: > 0 } server)
        {
            await MeasureAsync(new PostgresExpiryDatabase(server, this));
        }
        else
        {
            Console.WriteLine("Postgres: not measured; COMMENTS_TEST_POSTGRES names no server.");
        }

        async Task MeasureAsync(IExpiryDatabase database)
        {
            await using var _ = database;
            Console.WriteLine($"{database.Store}: making {Comments:N0} comments …");
            await database.FillAsync();
            await measure(database);
        }
    }
}
