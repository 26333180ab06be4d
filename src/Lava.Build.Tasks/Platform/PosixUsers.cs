using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Platform;

/// <summary>The system calls on users, and on files that users may exchange for others at any moment: by open directories, following no link.</summary>
internal static partial class Posix
{
    internal const int ENXIO = 6;
    internal const int ELOOP = 40;

    private const int ERANGE = 34;
    private const int NoSuchProcess = 3;
    private const int BadDescriptor = 9;
    private const int OpenDirectoryOnly = 0x10000;
    private const int OpenNonBlocking = 0x800;
    private const int OpenNoFollow = 0x20000;
    private const int OpenPath = 0x200000;
    private const int FirstBufferSize = 1024;
    private const int FirstGroups = 64;

    // The two last ones differ on 64-bit ARM; open(2) takes them in other places there.
    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
    private static readonly int DirectoryFlag = IsArm ? 0x4000 : OpenDirectoryOnly;
    private static readonly int NoFollowFlag = IsArm ? 0x8000 : OpenNoFollow;

    /// <summary>The user of a name, wherever the host keeps its users (getpwnam_r(3)); null if there is none.</summary>
    /// <exception cref="IOException">The host cannot tell.</exception>
    internal static unsafe RunAs? FindUser(string name)
    {
        for (int size = FirstBufferSize; ; size *= 2)
        {
            byte[] buffer = new byte[size];
            fixed (byte* texts = buffer)
            {
                int error = getpwnam_r(name, out UserEntry entry, texts, size, out nint found);
                switch (error)
                {
                    case ERANGE:
                        continue;
                    case 0 or ENOENT or EPERM or NoSuchProcess or BadDescriptor when found == 0:
                        // The manual knows all of these for a user that is not there.
                        return null;
                    case 0:
                        return From(entry);
                    default:
                        throw Failure(error, $"the user '{name}'");
                }
            }
        }
    }

    /// <summary>The user of an id; null if the host has none, or cannot tell.</summary>
    internal static unsafe RunAs? FindUser(uint user)
    {
        for (int size = FirstBufferSize; ; size *= 2)
        {
            byte[] buffer = new byte[size];
            fixed (byte* texts = buffer)
            {
                int error = getpwuid_r(user, out UserEntry entry, texts, size, out nint found);
                if (error != ERANGE)
                {
                    return found == 0 ? null : From(entry);
                }
            }
        }
    }

    /// <summary>The login name of a user, or the number where there is none.</summary>
    internal static string NameOfUser(uint user) => FindUser(user)?.Name ?? user.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>All groups of a user, wherever the host keeps them (getgrouplist(3)).</summary>
    internal static unsafe uint[] GroupsOf(RunAs user)
    {
        uint[] groups = new uint[FirstGroups];
        while (true)
        {
            int count = groups.Length;
            fixed (uint* first = groups)
            {
                if (getgrouplist(user.Name, user.Gid, first, ref count) >= 0)
                {
                    return groups[..count];
                }
            }

            groups = new uint[Math.Max(count, groups.Length * 2)];
        }
    }

    /// <summary>Opens a directory by its path, links followed.</summary>
    internal static SafeFileHandle OpenDirectoryAt(string path) => OpenDirectory(path);

    /// <summary>Opens a directory by its path; null if something else stands there, a link for example, or nothing.</summary>
    internal static SafeFileHandle? TryOpenDirectory(string path)
    {
        int descriptor = open(path, OpenReadOnly | DirectoryFlag | NoFollowFlag | OpenCloseOnExec);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : NullIfGone(path, ENOENT, ENOTDIR, ELOOP);
    }

    /// <summary>Opens a directory that stands in another; null if something else does, or nothing.</summary>
    internal static SafeFileHandle? TryOpenDirectory(SafeFileHandle directory, string name)
    {
        int descriptor = openat(directory, name, OpenReadOnly | DirectoryFlag | NoFollowFlag | OpenCloseOnExec);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : NullIfGone(name, ENOENT, ENOTDIR, ELOOP);
    }

    /// <summary>Holds on to what stands in a directory, of whatever kind, without opening it; null if nothing does any more.</summary>
    internal static SafeFileHandle? TryHold(SafeFileHandle directory, string name)
    {
        int descriptor = openat(directory, name, OpenPath | NoFollowFlag | OpenCloseOnExec);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : NullIfGone(name, ENOENT, ENOTDIR);
    }

    /// <summary>Opens a file for reading, following no link and waiting for nobody; null if nothing, a link, or a socket stands there.</summary>
    internal static SafeFileHandle? TryOpenForReading(string path)
    {
        int descriptor = open(path, OpenReadOnly | NoFollowFlag | OpenNonBlocking | OpenCloseOnExec);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : NullIfGone(path, ENOENT, ENOTDIR, ELOOP, ENXIO);
    }

    /// <summary>statx(2) of what stands in a directory; false if nothing does.</summary>
    internal static bool TryStatus(SafeFileHandle directory, string name, out StatusBuffer status)
    {
        if (statx(directory, name, NoFollow, BasicStatus, out status) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error is ENOENT or ENOTDIR ? false : throw Failure(error, name);
    }

    /// <summary>Gives what is held to a user and a group.</summary>
    internal static void Give(SafeFileHandle held, uint user, uint group, string name) => Check(fchownat(held, "", user, group, EmptyPath), name);

    private static RunAs From(in UserEntry entry) =>
        new(entry.User, entry.Group, Marshal.PtrToStringUTF8(entry.Name)!, Marshal.PtrToStringUTF8(entry.Home)!);

    private static SafeFileHandle? NullIfGone(string path, params ReadOnlySpan<int> expected)
    {
        int error = Marshal.GetLastPInvokeError();
        return expected.Contains(error) ? null : throw Failure(error, path);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int getpwnam_r(string name, out UserEntry entry, byte* buffer, nint size, out nint found);

    [LibraryImport("libc")]
    private static unsafe partial int getpwuid_r(uint user, out UserEntry entry, byte* buffer, nint size, out nint found);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int getgrouplist(string user, uint group, uint* groups, ref int count);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int openat(SafeFileHandle directory, string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(SafeFileHandle directory, string path, int flags, uint mask, out StatusBuffer status);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int fchownat(SafeFileHandle directory, string path, uint user, uint group, int flags);

    /// <summary>struct passwd of pwd.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct UserEntry
    {
        internal readonly nint Name;
        internal readonly nint Password;
        internal readonly uint User;
        internal readonly uint Group;
        internal readonly nint Description;
        internal readonly nint Home;
        internal readonly nint Shell;
    }
}
