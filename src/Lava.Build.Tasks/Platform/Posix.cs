using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Platform;

/// <summary>The system calls that .NET does not offer. Failures throw <see cref="IOException"/> with the errno as HResult.</summary>
internal static partial class Posix
{
    internal const int ENOENT = 2;
    internal const int EIO = 5;
    internal const int EACCES = 13;
    internal const int EEXIST = 17;
    internal const int EXDEV = 18;
    internal const int ENOSPC = 28;
    internal const int EROFS = 30;
    internal const int EMLINK = 31;
    internal const int EPIPE = 32;
    internal const int ENAMETOOLONG = 36;
    internal const int EDQUOT = 122;
    internal const int EPERM = 1;
    internal const int EWOULDBLOCK = 11;
    internal const int EOPNOTSUPP = 95;

    internal const int ENOTDIR = 20;

    private const int WorkingDirectory = -100;
    /// <summary>AT_SYMLINK_NOFOLLOW.</summary>
    internal const int NoFollow = 0x100;

    private const int EmptyPath = 0x1000;

    /// <summary>STATX_BASIC_STATS.</summary>
    private const uint BasicStatus = 0x7FF;
    private const uint RenameExchange = 2;
    private const int LockShared = 1;
    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;
    private const int OpenReadOnly = 0;
    private const int OpenWriteOnly = 1;
    private const int OpenReadWrite = 2;
    private const int OpenCreate = 0x40;
    private const int OpenExclusive = 0x80;
    private const int OpenAppend = 0x400;

    /// <summary>UTIME_OMIT.</summary>
    private const long KeepTime = 0x3FFFFFFE;

    /// <summary>UTIME_NOW.</summary>
    private const long Now = 0x3FFFFFFF;
    private const int OpenCloseOnExec = 0x80000;

    /// <summary>Reading is for those who look at what they wrote.</summary>
    internal const int OpenFresh = OpenReadWrite | OpenCreate | OpenExclusive | OpenCloseOnExec;


    /// <summary>rw-------</summary>
    private const int OpenMode = 0x180;

    /// <summary>statx(2) of a path itself, or of what it leads to; false if nothing stands there.</summary>
    internal static bool TryStatus(string path, out StatusBuffer status, bool follow = false)
    {
        if (statx(WorkingDirectory, path, follow ? 0 : NoFollow, BasicStatus, out status) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error is ENOENT or ENOTDIR ? false : throw Failure(error, path);
    }

    /// <summary>Opens a fresh file for reading and writing, with a mode that the umask narrows. .NET's own opening makes five calls more.</summary>
    internal static SafeFileHandle CreateFile(string path, UnixFileMode mode)
    {
        int descriptor = open(path, OpenFresh, (int)mode);
        Check(descriptor, path);
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Writes all of <paramref name="content"/> where the last writing ended.</summary>
    internal static void Write(SafeFileHandle file, ReadOnlySpan<byte> content, string path)
    {
        if (TryWrite(file, content) is var error and not 0)
        {
            throw Failure(error, path);
        }
    }

    /// <summary>As <see cref="Write"/>; returns 0 or the errno.</summary>
    internal static int TryWrite(SafeFileHandle file, ReadOnlySpan<byte> content)
    {
        while (!content.IsEmpty)
        {
            nint count = write(file, content, content.Length);
            if (count < 0)
            {
                return Marshal.GetLastPInvokeError();
            }

            content = content[(int)count..];
        }

        return 0;
    }

    /// <summary>Sets the modification time of an open file, in whole seconds; returns 0 or the errno.</summary>
    internal static int TrySetModified(SafeFileHandle file, long seconds) =>
        futimens(file, Modified(seconds)) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>What utimensat(2) takes for a modification time, in whole seconds, the time of the last access being kept.</summary>
    internal static Times Modified(long seconds) => new() { AccessNanoseconds = KeepTime, ModifiedSeconds = seconds };

    /// <summary>statx(2) of an open file.</summary>
    internal static StatusBuffer StatusOf(SafeFileHandle handle)
    {
        bool held = false;
        try
        {
            handle.DangerousAddRef(ref held);
            Check(statx((int)handle.DangerousGetHandle(), "", EmptyPath, BasicStatus, out StatusBuffer status), "an open file");
            return status;
        }
        finally
        {
            if (held)
            {
                handle.DangerousRelease();
            }
        }
    }

    /// <summary>mkdir(2), with a mode that the umask narrows.</summary>
    internal static void MakeDirectory(string path, UnixFileMode mode) => Check(mkdir(path, (uint)mode), path);

    /// <summary>Makes a symlink whose text is <paramref name="target"/>, exactly.</summary>
    internal static void SymbolicLink(string target, string path) => Check(symlink(target, path), path);

    /// <summary>rename(2): replaces a file or symlink atomically; never follows links.</summary>
    internal static void Rename(string from, string to) => Check(rename(from, to), to);

    /// <summary>renameat2(2) with RENAME_EXCHANGE: lets two paths change places at once; false where the file system cannot.</summary>
    internal static bool TryExchange(string one, string other) =>
        renameat2(WorkingDirectory, one, WorkingDirectory, other, RenameExchange) == 0;

    /// <summary>unlink(2).</summary>
    internal static void Unlink(string path) => Check(unlink(path), path);

    /// <summary>Makes a directory's entries durable.</summary>
    internal static void SyncDirectory(string path)
    {
        using SafeFileHandle handle = OpenDirectory(path);
        Check(fsync(handle), path);
    }

    /// <summary>Makes everything written to the file system that holds <paramref name="path"/> durable.</summary>
    internal static void SyncFileSystem(string path)
    {
        using SafeFileHandle handle = OpenDirectory(path);
        SyncFileSystem(handle, path);
    }

    /// <summary>Makes everything written to the file system of an open directory durable.</summary>
    internal static void SyncFileSystem(SafeFileHandle directory, string path) => Check(syncfs(directory), path);

    /// <summary>
    /// Opens a file for reading and writing. .NET's own opening takes a shared flock(2) whatever it is asked for, so it fails on a file
    /// that somebody has locked.
    /// </summary>
    /// <returns>The open file, or null if nothing is there.</returns>
    internal static SafeFileHandle? OpenWithoutLock(string path) => Open(path, OpenReadWrite, ENOENT);

    /// <summary>Makes a file, rw-------, and opens it as <see cref="OpenWithoutLock"/> does; null if something is there.</summary>
    internal static SafeFileHandle? CreateWithoutLock(string path) => Open(path, OpenReadWrite | OpenCreate | OpenExclusive, EEXIST);

    /// <summary>Takes the flock(2) of an open file, or says at once that another has it.</summary>
    internal static bool TryLock(SafeFileHandle handle, string path, bool shared = false)
    {
        if (flock(handle, (shared ? LockShared : LockExclusive) | LockNonBlocking) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error == EWOULDBLOCK ? false : throw Failure(error, path);
    }

    /// <summary>Sets the modification time to now. Unlike setting a time, whoever may write there may do this.</summary>
    /// <returns>Whether it could be done.</returns>
    internal static bool TryTouch(string path) => utimensat(WorkingDirectory, path, new Times { AccessNanoseconds = Now, ModifiedNanoseconds = Now }, NoFollow) == 0;

    /// <summary>Sends <paramref name="signal"/> to every process of a group; a group that is gone is no failure.</summary>
    internal static void KillGroup(int processGroup, int signal) => _ = kill(-processGroup, signal);

    /// <summary>Gives a path itself to another user and group.</summary>
    internal static void SetOwner(string path, uint user, uint group) => Check(lchown(path, user, group), path);

    /// <summary>The effective user, 0 for root.</summary>
    internal static uint EffectiveUser() => geteuid();

    private static SafeFileHandle? Open(string path, int flags, int expected)
    {
        int descriptor = open(path, flags | OpenCloseOnExec, OpenMode);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() == expected)
        {
            return null;
        }

        Check(descriptor, path);
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private static SafeFileHandle OpenDirectory(string path)
    {
        int descriptor = open(path, OpenReadOnly | OpenCloseOnExec);
        Check(descriptor, path);
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private static void Check(int result, string path)
    {
        if (result < 0)
        {
            throw Failure(Marshal.GetLastPInvokeError(), path);
        }
    }

    /// <summary>What a system call refused, as the exceptions of this class say it.</summary>
    internal static IOException Failure(int error, string path) => new($"{path}: {new Win32Exception(error).Message}", error);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, out StatusBuffer status);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(SafeFileHandle file, ReadOnlySpan<byte> content, nint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int futimens(SafeFileHandle file, in Times times);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int utimensat(int directory, string path, in Times times, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkdir(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int symlink(string target, string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rename(string from, string to);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int renameat2(int fromDirectory, string from, int toDirectory, string to, uint flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unlink(string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle handle);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int syncfs(SafeFileHandle handle);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle handle, int operation);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int process, int signal);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lchown(string path, uint user, uint group);

    [LibraryImport("libc")]
    private static partial uint geteuid();
}

/// <summary>The two struct timespec that utimensat(2) takes; the nanoseconds may also be UTIME_OMIT or UTIME_NOW.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct Times
{
    internal long AccessSeconds { get; init; }

    internal long AccessNanoseconds { get; init; }

    internal long ModifiedSeconds { get; init; }

    internal long ModifiedNanoseconds { get; init; }
}
