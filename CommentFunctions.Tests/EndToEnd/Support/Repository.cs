namespace CommentFunctions.Tests.EndToEnd.Support;

/// <summary>The files that the tests are built from.</summary>
internal static class Repository
{
    /// <summary>A file, by its path from the top of the repository.</summary>
    public static string File(string path)
    {
        var folder = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(folder, "Functions.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new FileNotFoundException("No Functions.sln in any folder above the tests.");
        }

        return Path.Combine(folder, path);
    }
}
