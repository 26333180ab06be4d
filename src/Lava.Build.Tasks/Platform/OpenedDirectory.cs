using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Platform;

/// <summary>
/// An open directory, and system calls on paths relative to it: Linux then walks only those, and not each time all that is above.
/// Failures throw <see cref="IOException"/> with the errno as HResult, and name the whole path.
/// </summary>
internal sealed partial class OpenedDirectory : IDisposable
{
    /// <summary>PATH_MAX, with the NUL at its end.</summary>
    private const int PathLimit = 4096;

    /// <summary>Of a UTF-16 unit, in UTF-8.</summary>
    private const int MostBytes = 3;

    private readonly string _path;
    private readonly int _length;
    private readonly SafeFileHandle _handle;

    private OpenedDirectory(string path, SafeFileHandle handle)
    {
        _path = path;
        _length = Encoding.UTF8.GetByteCount(path) + 1;
        _handle = handle;
    }

    /// <summary>Opens a directory.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    internal static OpenedDirectory Open(string path) =>
        TryOpen(path) ?? throw Posix.Failure(FileStatus.Of(path) is null ? Posix.ENOENT : Posix.ENOTDIR, path);

    /// <summary>Opens a directory; null if something else stands there, a link for example, or nothing.</summary>
    /// <inheritdoc cref="Open" path="/exception"/>
    internal static OpenedDirectory? TryOpen(string path) => Posix.TryOpenDirectory(path) is { } handle ? new OpenedDirectory(path, handle) : null;

    /// <summary>The whole path of what stands in it.</summary>
    internal string Full(string path) => $"{_path}/{path}";

    /// <summary>Makes a directory, with a mode that the umask narrows.</summary>
    internal void MakeDirectory(string path, UnixFileMode mode) => Check(mkdirat(_handle, Usable(path), (uint)mode), path);

    /// <summary>Sets the mode of a file or directory.</summary>
    internal void SetMode(string path, UnixFileMode mode) => Check(fchmodat(_handle, Usable(path), (uint)mode, 0), path);

    /// <summary>Opens a fresh file for reading and writing, with a mode that the umask narrows. .NET's own opening makes five calls more.</summary>
    internal SafeFileHandle CreateFile(string path, UnixFileMode mode)
    {
        int descriptor = openat(_handle, Usable(path), Posix.OpenFresh, (uint)mode);
        Check(descriptor, path);
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Writes all of <paramref name="content"/> where the last writing ended.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="path">Where it stands, for the message.</param>
    internal void Write(SafeFileHandle file, ReadOnlySpan<byte> content, string path) => ThrowIf(Posix.TryWrite(file, content), path);

    /// <summary>Sets the modification time of an open file, in whole seconds.</summary>
    /// <inheritdoc cref="Write" path="/param"/>
    internal void SetModified(SafeFileHandle file, long seconds, string path) => ThrowIf(Posix.TrySetModified(file, seconds), path);

    /// <summary>Makes a symlink whose text is <paramref name="target"/>, exactly.</summary>
    internal void SymbolicLink(string target, string path) => Check(symlinkat(target, _handle, Usable(path)), path);

    /// <summary>Makes <paramref name="name"/>, in another directory, another name of the file <paramref name="path"/>; returns 0 or the errno.</summary>
    internal int TryHardLink(string path, OpenedDirectory to, string name) =>
        linkat(_handle, Usable(path), to._handle, to.Usable(name), 0) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Sets the modification time of a path itself, in whole seconds; a link is not followed.</summary>
    internal void SetModified(string path, long seconds) =>
        Check(utimensat(_handle, Usable(path), Posix.Modified(seconds), Posix.NoFollow), path);

    /// <summary>The status of a path itself; null if nothing stands there.</summary>
    internal FileStatus? Status(string path)
    {
        try
        {
            return FileStatus.Of(_handle, Usable(path));
        }
        catch (IOException failure)
        {
            throw Posix.Failure(failure.HResult, Full(path));
        }
    }

    /// <summary>The status of what stood at a path a moment ago.</summary>
    /// <exception cref="IOException">Nothing stands there any more, or it cannot be looked at.</exception>
    internal FileStatus StatusOf(string path) => Status(path) ?? throw Posix.Failure(Posix.ENOENT, Full(path));

    /// <summary>The text of a symlink; null if it is longer than any can be that is used.</summary>
    internal string? LinkText(string path)
    {
        Span<byte> text = stackalloc byte[PathLimit];
        nint length = readlinkat(_handle, Usable(path), text, text.Length);
        Check((int)length, path);
        return length == text.Length ? null : Encoding.UTF8.GetString(text[..(int)length]);
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>Whether its path still leads to it.</summary>
    internal bool Stands() => FileStatus.Of(_path)?.IsSameFile(FileStatus.Of(_handle)) == true;

    // What stands deeper than programs can name could be made this way, but neither used nor deleted.
    private string Usable(string path)
    {
        // Linux would pass over the directory.
        ArgumentOutOfRangeException.ThrowIfEqual(Path.IsPathRooted(path), true, nameof(path));
        return _length + (path.Length * MostBytes) < PathLimit || _length + Encoding.UTF8.GetByteCount(path) < PathLimit
            ? path
            : throw Posix.Failure(Posix.ENAMETOOLONG, Full(path));
    }

    private void Check(int result, string path) => ThrowIf(result < 0 ? Marshal.GetLastPInvokeError() : 0, path);

    private void ThrowIf(int error, string path)
    {
        if (error != 0)
        {
            throw Posix.Failure(error, Full(path));
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkdirat(SafeFileHandle directory, string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int fchmodat(SafeFileHandle directory, string path, uint mode, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int openat(SafeFileHandle directory, string path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int symlinkat(string target, SafeFileHandle directory, string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int linkat(SafeFileHandle directory, string path, SafeFileHandle to, string name, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint readlinkat(SafeFileHandle directory, string path, Span<byte> text, nint size);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int utimensat(SafeFileHandle directory, string path, in Times times, int flags);
}
