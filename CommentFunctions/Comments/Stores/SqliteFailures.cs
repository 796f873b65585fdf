using CommentFunctions.Failures;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace CommentFunctions.Comments.Stores;

/// <summary>Tells what the failures of SQLite mean: https://sqlite.org/rescode.html.</summary>
internal static class SqliteFailures
{
    /// <summary>What keeps the file from being used and may pass; null for a failure of what was asked for.</summary>
    public static Outage? FindOutage(Exception exception) =>
        exception.Chain().Select(Explain).FirstOrDefault(reason => reason is not null) is { } why ? new(why) : null;

    private static string? Explain(Exception exception) => exception switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "The database file is locked by another process.",
            raw.SQLITE_FULL => "The disk of the database file is full.",
            raw.SQLITE_READONLY => "The database file is read-only.",
            raw.SQLITE_CANTOPEN or raw.SQLITE_PERM => "The database file cannot be opened.",
            raw.SQLITE_IOERR => $"The disk of the database file fails (SQLite {sqlite.SqliteExtendedErrorCode}).",
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => "The database file is damaged, or none of SQLite.",
            raw.SQLITE_NOMEM => "There is no memory for the database.",
            raw.SQLITE_ERROR when IsMissing(sqlite) => "A table or column is missing in the database file.",
            _ => null,
        },
        // What a caller's connection does is no failure of the disk.
        BadHttpRequestException => null,
        IOException or UnauthorizedAccessException => "The disk of the database file fails.",
        _ => null,
    };

    /// <summary>Whether a statement names a table or column that is not there.</summary>
    public static bool IsMissing(SqliteException exception) =>
        exception.SqliteErrorCode == raw.SQLITE_ERROR && exception.Message.Contains("no such ", StringComparison.Ordinal);
}
