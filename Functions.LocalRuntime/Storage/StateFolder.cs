using System.Globalization;
using Functions.LocalRuntime.Settings;

namespace Functions.LocalRuntime.Storage;

/// <summary>The folder of the runtime's state. One serving process owns it; console runs share it.</summary>
internal sealed class StateFolder(string path) : IDisposable
{
    // EWOULDBLOCK of Linux and of macOS, and Windows' ERROR_SHARING_VIOLATION: what opening a file says that another process has locked.
    private static readonly int[] Locked = [11, 35, unchecked((int)0x80070020)];

    private FileStream? ownership;

    private string OwnerFile => Path.Combine(path, "runtime.pid");

    public string Database => Path.Combine(path, "runtime.db");

    public void Create() => Write(() => Directory.CreateDirectory(path));

    /// <summary>Takes the folder for this process. The operating system gives it back when the process ends, however it ends.</summary>
    public void Own() => Write(() =>
    {
        ownership = TryLock(Path.Combine(path, "runtime.lock")) ?? throw new StartupException(
            $"Another process ({Owner()}) already serves from {path}. Stop it, or set LocalRuntime:Folder to another folder.");
        // The lock file cannot be read while it is held, so the process is named beside it.
        File.WriteAllText(OwnerFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
    });

    /// <summary>Waits until no other run of this timer is under way, in any process; its run ends when the result is disposed of.</summary>
    public async Task<IDisposable> EnterTimerAsync(string function, TimeProvider clock, CancellationToken cancellationToken)
    {
        FileStream? entered;
        while ((entered = TryLock(Path.Combine(path, $"timer-{function}.lock"))) is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellationToken);
        }

        return entered;
    }

    public void Dispose() => ownership?.Dispose();

    private void Write(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"The folder {path} cannot be written: {e.Message} Free some space there, or set LocalRuntime:Folder to one that can be written.");
        }
    }

    private static FileStream? TryLock(string file)
    {
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (Array.IndexOf(Locked, e.HResult) >= 0)
        {
            return null;
        }
    }
    private string Owner() => File.Exists(OwnerFile) ? $"number {File.ReadAllText(OwnerFile)}" : "unknown";
}
