using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

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

/// <summary>What statx(2) tells of a path itself, links not followed, or of an open file.</summary>
/// <param name="Kind">What stands there.</param>
/// <param name="Mode">Its permissions, with setuid, setgid and sticky.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedSeconds">Modification time, whole seconds since 1970 UTC.</param>
/// <param name="ModifiedNanoseconds">And the rest of it.</param>
internal readonly record struct FileStatus(FileKind Kind, UnixFileMode Mode, long Size, long ModifiedSeconds, uint ModifiedNanoseconds)
{
    private const int TypeMask = 0xF000;
    private const int ModeMask = 0xFFF;
    private const int BlockSize = 512;

    /// <summary>Its owner's user id.</summary>
    internal uint Owner { get; private init; }

    /// <summary>Its group's id.</summary>
    internal uint Group { get; private init; }

    /// <summary>How many names it has.</summary>
    internal uint Links { get; private init; }

    /// <summary>The room that it takes.</summary>
    internal long Room { get; private init; }

    private (uint Major, uint Minor, ulong Inode) Identity { get; init; }

    /// <summary>The status of a path; null if nothing stands there.</summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    internal static FileStatus? Of(string path) => Posix.TryStatus(path, out StatusBuffer status) ? From(status) : null;

    /// <summary>The status of what a path leads to, links followed; null if that is nothing.</summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    internal static FileStatus? Behind(string path) => Posix.TryStatus(path, out StatusBuffer status, follow: true) ? From(status) : null;

    /// <summary>The status of what stands in an open directory; null if nothing does.</summary>
    internal static FileStatus? Of(SafeFileHandle directory, string name) => Posix.TryStatus(directory, name, out StatusBuffer status) ? From(status) : null;

    /// <summary>The status of an open file.</summary>
    internal static FileStatus Of(SafeFileHandle handle) => From(Posix.StatusOf(handle));

    /// <summary>Whether both are the same file, maybe under two names.</summary>
    internal bool IsSameFile(FileStatus other) => Identity == other.Identity;

    /// <summary>Whether both are on the same file system, as far as their device tells.</summary>
    internal bool IsOnSameDevice(FileStatus other) => (Identity.Major, Identity.Minor) == (other.Identity.Major, other.Identity.Minor);

    private static FileStatus From(in StatusBuffer status) => new(
        (FileKind)(status.Mode & TypeMask),
        (UnixFileMode)(status.Mode & ModeMask),
        (long)status.Size,
        status.ModifiedSeconds,
        status.ModifiedNanoseconds)
    {
        Owner = status.Owner,
        Group = status.Group,
        Links = status.Links,
        Room = (long)status.Blocks * BlockSize,
        Identity = (status.DeviceMajor, status.DeviceMinor, status.Inode),
    };
}

/// <summary>struct statx of linux/stat.h, which is the same on every architecture.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal readonly struct StatusBuffer
{
    [FieldOffset(16)]
    internal readonly uint Links;

    [FieldOffset(20)]
    internal readonly uint Owner;

    [FieldOffset(24)]
    internal readonly uint Group;

    [FieldOffset(28)]
    internal readonly ushort Mode;

    [FieldOffset(32)]
    internal readonly ulong Inode;

    [FieldOffset(40)]
    internal readonly ulong Size;

    [FieldOffset(48)]
    internal readonly ulong Blocks;

    [FieldOffset(112)]
    internal readonly long ModifiedSeconds;

    [FieldOffset(120)]
    internal readonly uint ModifiedNanoseconds;

    [FieldOffset(136)]
    internal readonly uint DeviceMajor;

    [FieldOffset(140)]
    internal readonly uint DeviceMinor;
}
