using System.Data.Common;

namespace CommentFunctions.Benchmarks.Bot;

/// <summary>A database with the app's own tables and the comments of <see cref="BotData"/>.</summary>
internal interface IBotDatabase : IAsyncDisposable
{
    /// <summary>The store's name in the app's settings.</summary>
    string Store { get; }

    /// <summary>How the app reaches it.</summary>
    string ConnectionString { get; }

    /// <summary>How Django reaches it: an entry of its setting <c>DATABASES</c>.</summary>
    IReadOnlyDictionary<string, string> Django { get; }

    /// <summary>The Python modules that Django needs here.</summary>
    string PythonModules { get; }

    /// <summary>Makes the data.</summary>
    Task FillAsync();

    /// <summary>A plain connection.</summary>
    Task<DbConnection> OpenAsync();
}
