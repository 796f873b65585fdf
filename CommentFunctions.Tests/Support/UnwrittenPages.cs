using System.Runtime.InteropServices;

namespace CommentFunctions.Tests.Support;

/// <summary>
/// What of a file the operating system has but the disk may not have: a loss of power would take it. Linux 6.5 tells; where nothing does, the tests that ask are skipped.
/// </summary>
internal static class UnwrittenPages
{
    // The same on all processors.
    private const nint CacheStat = 451;

    /// <summary>The pages of the file that a flush would write; null where that is not known.</summary>
    public static long? Of(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var (all, pages) = (default(Range), default(Pages));
        return OperatingSystem.IsLinux() && Native.Ask(CacheStat, (int)file.DangerousGetHandle(), ref all, ref pages, 0) == 0
            ? (long)(pages.Dirty + pages.BeingWritten)
            : null;
    }

    /// <summary>Why it cannot be known here; null if it can.</summary>
    public static string? WhyNot()
    {
        var path = Path.GetTempFileName();
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            RandomAccess.Write(file, [1], 0);
            var before = Of(path);
            RandomAccess.FlushToDisk(file);
            return before > 0 && Of(path) == 0 ? null : $"pages: the system does not tell which of {Path.GetTempPath()} are on the disk.";
        }
        finally
        {
            File.Delete(path);
        }
    }

    // Of no length is to the end of the file.
    [StructLayout(LayoutKind.Sequential)]
    private struct Range
    {
        public ulong Offset;
        public ulong Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Pages
    {
        public ulong Cached;
        public ulong Dirty;
        public ulong BeingWritten;
        public ulong Evicted;
        public ulong RecentlyEvicted;
    }

    private static class Native
    {
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        [DllImport("libc", EntryPoint = "syscall")]
        public static extern nint Ask(nint call, int file, ref Range range, ref Pages pages, uint flags);
    }
}
