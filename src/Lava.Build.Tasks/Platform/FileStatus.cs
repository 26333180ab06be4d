using System.Runtime.InteropServices;

namespace Lava.Build.Platform;

/// <summary>The kinds of files that inode(7) knows.</summary>
internal enum FileKind
{
    /// <summary>A named pipe.</summary>
    Fifo = 0x1000,

    /// <summary>A character device.</summary>
    CharacterDevice = 0x2000,

    /// <summary>A directory.</summary>
    Directory = 0x4000,

    /// <summary>A block device.</summary>
    BlockDevice = 0x6000,

    /// <summary>A regular file.</summary>
    File = 0x8000,

    /// <summary>A symbolic link.</summary>
    Link = 0xA000,

    /// <summary>A socket.</summary>
    Socket = 0xC000,
}

/// <summary>What statx(2) tells of a path itself, links not followed.</summary>
/// <param name="Kind">What stands there.</param>
/// <param name="Mode">Its permissions, with setuid, setgid and sticky.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedSeconds">Modification time, whole seconds since 1970 UTC.</param>
/// <param name="ModifiedNanoseconds">And the rest of it.</param>
internal readonly record struct FileStatus(FileKind Kind, UnixFileMode Mode, long Size, long ModifiedSeconds, uint ModifiedNanoseconds)
{
    private const int TypeMask = 0xF000;
    private const int ModeMask = 0xFFF;

    /// <summary>The status of a path; null if nothing stands there.</summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    internal static FileStatus? Of(string path) =>
        Posix.TryStatus(path, out StatusBuffer status)
            ? new FileStatus(
                (FileKind)(status.Mode & TypeMask),
                (UnixFileMode)(status.Mode & ModeMask),
                (long)status.Size,
                status.ModifiedSeconds,
                status.ModifiedNanoseconds)
            : null;
}

/// <summary>struct statx of linux/stat.h, which is the same on every architecture.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal readonly struct StatusBuffer
{
    [FieldOffset(28)]
    internal readonly ushort Mode;

    [FieldOffset(40)]
    internal readonly ulong Size;

    [FieldOffset(112)]
    internal readonly long ModifiedSeconds;

    [FieldOffset(120)]
    internal readonly uint ModifiedNanoseconds;
}
