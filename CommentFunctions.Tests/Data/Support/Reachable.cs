using System.ComponentModel;
using System.Diagnostics;
using CommentFunctions.Data;
using CommentFunctions.Tests.Data.Django.Support;
using CommentFunctions.Tests.Support;
using Npgsql;

namespace CommentFunctions.Tests.Data.Support;

/// <summary>What of the things that tests may need can be reached from here; each is asked once.</summary>
public static class Reachable
{
    public const string Postgres = "PostgreSQL";

    public const string Cosmos = "Cosmos DB";
    public const string CosmosStore = "Cosmos DB store";
    public const string Django = "Django";
    public const string DjangoComments = "django-contrib-comments";
    public const string Psycopg = "psycopg2";
    public const string Chromium = "Chromium";
    public const string Curl = "curl";
    public const string Pwsh = "pwsh";

    /// <summary>File systems of a test's own, which take a namespace of mounts.</summary>
    public const string Mounts = "mounts";

    /// <summary>The connection string of a PostgreSQL server on which databases may be made.</summary>
    public const string PostgresVariable = "COMMENTS_TEST_POSTGRES";

    /// <summary>The path of a Chromium to use in place of the one on the PATH.</summary>
    public const string ChromiumVariable = "COMMENTS_TEST_CHROMIUM";

    /// <summary>The Bicep compiler, which knows the types of all resources.</summary>
    public const string Bicep = "Bicep";

    /// <summary>The parser of log queries, for node.</summary>
    public const string Kusto = "Kusto";

    /// <summary>The path of the compiler.</summary>
    public const string BicepVariable = "COMMENTS_TEST_BICEP";

    /// <summary>The folder of node's modules that has @kusto/language-service-next.</summary>
    public const string KustoVariable = "COMMENTS_TEST_KUSTO";

    /// <summary>What of a file is not on the disk yet.</summary>
    public const string Pages = "pages";

    private static readonly string[] ChromiumNames = ["chromium", "chromium-browser", "google-chrome"];

    private static readonly Dictionary<string, Lazy<string?>> Reasons = new()
    {
        [Postgres] = new(FindPostgres),
        [Cosmos] = new(CosmosServer.WhyNot),
        [CosmosStore] = new(() => IsInThisBuild("CommentFunctions.Data.Cosmos.CosmosStore")
            ? WhyNot(Cosmos)
            : $"{CosmosStore}: only builds with FunctionsHost=azure have it."),
        [Django] = new(() => Python.With("django") is null ? $"{Django}: no python3 on the PATH has it." : null),
        [DjangoComments] = new(() => Python.With("django_comments") is null ? $"{DjangoComments}: no python3 on the PATH has it." : null),
        [Chromium] = new(() => ChromiumPath is null ? $"{Chromium}: none is on the PATH, and {ChromiumVariable} names none." : null),
        [Curl] = new(() => OperatingSystem.IsWindows() || !OnPath("curl").Any() ? $"{Curl}: none is on the PATH of a system with sh." : null),
        [Pwsh] = new(() => OperatingSystem.IsWindows() || !OnPath("pwsh").Any() ? $"{Pwsh}: none is on the PATH of a system with sh." : null),
        [Mounts] = new(FindMounts),
        [Pages] = new(UnwrittenPages.WhyNot),
        [Bicep] = new(() => File.Exists(Environment.GetEnvironmentVariable(BicepVariable)) ? null : $"{Bicep}: {BicepVariable} names no compiler."),
        [Kusto] = new(() => Directory.Exists(Environment.GetEnvironmentVariable(KustoVariable)) ? null : $"{Kusto}: {KustoVariable} names no folder."),
        [Psycopg] = new(() => Python.With("psycopg2") is null ? $"{Psycopg}: no python3 on the PATH has it." : null),
    };

    /// <summary>Why this cannot be reached; null if it can.</summary>
    public static string? WhyNot(string need) => Reasons[need].Value;

    /// <summary>Where Chromium is; null where it is not.</summary>
    public static string? ChromiumPath => Environment.GetEnvironmentVariable(ChromiumVariable) is { Length: > 0 } path
        ? File.Exists(path) ? path : null
        : OnPath(ChromiumNames).FirstOrDefault();

    private static IEnumerable<string> OnPath(params string[] names) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => names.Select(name => Path.Combine(folder, name)))
        .Where(File.Exists);

    private static string? FindPostgres()
    {
        if (Environment.GetEnvironmentVariable(PostgresVariable) is not { Length: > 0 } connectionString)
        {
            return $"{Postgres}: {PostgresVariable} names no server.";
        }

        try
        {
            using var connection = new NpgsqlConnection(
                new NpgsqlConnectionStringBuilder(connectionString) { Timeout = 5, Pooling = false }.ToString());
            connection.Open();
            return null;
        }
        catch (NpgsqlException e)
        {
            return $"{Postgres}: {e.Message}";
        }
    }

    private static string? FindMounts()
    {
        try
        {
            using var unshare = Process.Start(new ProcessStartInfo("unshare", ["--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]) { RedirectStandardError = true })!;
            var error = unshare.StandardError.ReadToEnd();
            unshare.WaitForExit();
            return unshare.ExitCode == 0 ? null : $"{Mounts}: {error.Trim()}";
        }
        catch (Win32Exception e)
        {
            return $"{Mounts}: {e.Message}";
        }
    }

    private static bool IsInThisBuild(string type) => typeof(Comment).Assembly.GetType(type) is not null;
}
