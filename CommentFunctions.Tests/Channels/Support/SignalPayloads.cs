using System.Text.Json.Nodes;

namespace CommentFunctions.Tests.Channels.Support;

/// <summary>The files of Payloads/Signal, and what their README.md says of each.</summary>
internal static class SignalPayloads
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Channels", "Payloads", "Signal");

    /// <summary>The rows of the README's table of files.</summary>
    public static IReadOnlyList<(string File, string Does, string Source)> Rows { get; } =
    [
        .. File.ReadLines(Path.Combine(Folder, "README.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (cells[1].Trim('`'), cells[2], cells[3])),
    ];

    /// <summary>The files there are, as the table names them.</summary>
    public static IEnumerable<string> Files => Directory.EnumerateFiles(Folder, "*.json", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Folder, file).Replace('\\', '/'));

    /// <summary>The rows of a folder.</summary>
    public static IEnumerable<(string File, string Does, string Source)> In(string folder) =>
        Rows.Where(row => row.File.StartsWith(folder + "/", StringComparison.Ordinal));

    /// <summary>A file's text.</summary>
    public static string Read(string file) => File.ReadAllText(Path.Combine(Folder, file));

    /// <summary>The status and the body of an answer.</summary>
    public static (int Status, string Body) Answer(string file)
    {
        var answer = JsonNode.Parse(Read(file))!;
        return ((int)answer["status"]!, answer["body"]!.ToJsonString());
    }
}
