using CommentFunctions.Failures;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace CommentFunctions.Data.Sqlite;

/// <summary>Tells what the failures of SQLite mean: https://sqlite.org/rescode.html.</summary>
internal static class SqliteFailures
{
    /// <summary>What <see cref="Explain"/> says of a file that is held, where it may as well be a write of this process that is very slow.</summary>
    public const string HeldOrSlow = $"{Held}, or its disk is very slow. End that one, or see whether the disk is sound";

    private const string Held = "another program holds its file";

    /// <summary>What keeps the file from being used and may pass; null for a failure of what was asked for.</summary>
    public static Outage? FindOutage(Exception exception) => Explain(exception) is { } why ? new($"The store cannot be used: {why}.") : null;

    /// <summary>Why the file cannot be used, with what to do, as the end of a sentence; null for a failure of what was asked for.</summary>
    public static string? Explain(Exception exception) => exception.Chain().Select(ExplainOne).FirstOrDefault(why => why is not null);

    /// <summary>Whether the file is held by another connection.</summary>
    public static bool IsHeld(Exception exception) =>
        exception.Chain().OfType<SqliteException>().Any(e => e.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED);

    /// <summary>Whether a statement names a table or column that is not there.</summary>
    public static bool IsMissing(SqliteException exception) =>
        exception.SqliteErrorCode == raw.SQLITE_ERROR && exception.Message.Contains("no such ", StringComparison.Ordinal);

    private static string? ExplainOne(Exception exception) => exception switch
    {
        LostFileException => "its file was deleted or replaced while it was in use. Start the app again",
        SqliteException sqlite => sqlite.SqliteErrorCode switch
        {
            raw.SQLITE_FULL => "its disk is full. Free some space",
            raw.SQLITE_IOERR => "its disk fails, or is full. Free some space, and see whether the disk is sound",
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => $"{Held}. End that one",
            raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM => "its file may not be written",
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => "its file is damaged. Put back a copy",
            raw.SQLITE_NOMEM => "there is no memory for it",
            raw.SQLITE_ERROR when IsMissing(sqlite) => "it lacks a table or a column of the app",
            _ => null,
        },
        // What a caller's connection does is no failure of the disk.
        BadHttpRequestException => null,
        IOException or UnauthorizedAccessException => "its disk fails, or is full. Free some space, and see whether the disk is sound",
        _ => null,
    };
}
