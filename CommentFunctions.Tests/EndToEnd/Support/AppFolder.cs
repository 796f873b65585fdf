using Functions.LocalRuntime.Queues;
using Functions.LocalRuntime.Settings;
using Functions.LocalRuntime.Storage;

namespace CommentFunctions.Tests.EndToEnd.Support;

/// <summary>A folder with a host.json, in which an app keeps its state across its processes.</summary>
internal sealed class AppFolder : IDisposable
{
    private const string HostFile = "host.json";

    /// <param name="concurrentCalls">How many messages of a queue are worked on at once.</param>
    public AppFolder(int concurrentCalls = 16)
    {
        Path = Directory.CreateTempSubdirectory("comment-functions-").FullName;
        // One log line for each of thousands of messages says nothing here; a worker's start is waited for by its line.
        File.WriteAllText(System.IO.Path.Combine(Path, HostFile), $$"""
            {
              "version": "2.0",
              "logging": { "logLevel": { "default": "Warning", "Microsoft.Hosting.Lifetime": "Information", "CommentFunctions.Queues.FailurePolicy": "Information" } },
              "extensions": { "serviceBus": { "maxConcurrentCalls": {{concurrentCalls}} } }
            }
            """);
    }

    /// <summary>A folder with the app's own host.json.</summary>
    public static AppFolder WithHostJson()
    {
        var folder = new AppFolder();
        File.Copy(Repository.File(HostFile), System.IO.Path.Combine(folder.Path, HostFile), overwrite: true);
        return folder;
    }

    public string Path { get; }

    /// <summary>The files of the comments, write-ahead log included.</summary>
    public IEnumerable<string> CommentFiles => Directory.EnumerateFiles(System.IO.Path.Combine(Path, ".local"), "comments.db*");

    /// <summary>Whether the files of the comments have this text anywhere, also where nothing points to it any more.</summary>
    public bool HasInItsComments(string text) => CommentFiles.Any(file =>
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.GetBuffer().AsSpan(0, (int)copy.Length).IndexOf(System.Text.Encoding.UTF8.GetBytes(text)) >= 0;
    });

    /// <summary>Where a file of the page would be that is worked on.</summary>
    public string PageSource(string file) =>
        System.IO.Path.Combine(Directory.CreateDirectory(System.IO.Path.Combine(Path, "CommentFunctions", "Pages", "Files")).FullName, file);

    /// <summary>Opens the queue file that the app uses, beside it or before its first start.</summary>
    public async Task UseQueuesAsync(Func<QueueStore, Task> use)
    {
        var state = Directory.CreateDirectory(System.IO.Path.Combine(Path, ".local"));
        await using var file = new RuntimeFile(System.IO.Path.Combine(state.FullName, "runtime.db"));
        var store = new QueueStore(file, new LocalRuntimeOptions(), TimeProvider.System);
        await use(store);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
