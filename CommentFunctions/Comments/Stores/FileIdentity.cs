using System.Runtime.InteropServices;

namespace CommentFunctions.Comments.Stores;

/// <summary>Tells files apart that come to have the same path one after the other.</summary>
/// <param name="Device">The device that the file is on.</param>
/// <param name="Number">The file's inode.</param>
internal readonly record struct FileIdentity(ulong Device, ulong Number)
{
    /// <summary>The file that this path leads to now; null where there is none.</summary>
    /// <remarks>
    /// Only Linux tells it apart from an earlier one. Windows lets nobody delete or replace a file that SQLite has open; elsewhere a
    /// file that is gone is noticed, and one that was replaced is not.
    /// </remarks>
    public static FileIdentity? Of(string path) =>
        OperatingSystem.IsLinux() && Statx.Find(path) is { } found ? found : File.Exists(path) ? default(FileIdentity) : null;

    // The runtime has no such call. This one has the same layout on each architecture: https://man7.org/linux/man-pages/man2/statx.2.html.
    private static class Statx
    {
        private const int WorkingDirectory = -100;
        private const uint Inode = 0x100;
        private const int Size = 256;
        private const int InodeAt = 0x20;
        private const int DeviceAt = 0x88;

        public static FileIdentity? Find(string path)
        {
            var answer = new byte[Size];
            return Call(WorkingDirectory, path, 0, Inode, answer) == 0
                ? new(MemoryMarshal.Read<ulong>(answer.AsSpan(DeviceAt)), MemoryMarshal.Read<ulong>(answer.AsSpan(InodeAt)))
                : null;
        }

        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        [DllImport("libc", EntryPoint = "statx")]
        private static extern int Call(
            int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] answer);
    }
}
