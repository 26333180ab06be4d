using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Platform;

/// <summary>
/// Reads what another user may have put in a file's place: no link is followed, nobody is waited for, and no more is read than there
/// should be.
/// </summary>
internal static class ForeignFile
{
    /// <summary>Opens a regular file for reading; null if none stands there.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    internal static SafeFileHandle? Open(string path)
    {
        SafeFileHandle? file = Posix.TryOpenForReading(path);
        if (file is not null && FileStatus.Of(file).Kind != FileKind.File)
        {
            file.Dispose();
            return null;
        }

        return file;
    }

    /// <summary>The bytes of a regular file; null if none stands there, or it has more than <paramref name="limit"/>.</summary>
    /// <inheritdoc cref="Open" path="/exception"/>
    internal static byte[]? Read(string path, int limit)
    {
        using SafeFileHandle? file = Open(path);
        return file is null || FileStatus.Of(file).Size > limit ? null : ReadEnd(file, limit);
    }

    /// <summary>The last bytes of a regular file, at most <paramref name="limit"/>; none if none stands there.</summary>
    /// <inheritdoc cref="Open" path="/exception"/>
    internal static byte[] ReadEnd(string path, int limit)
    {
        using SafeFileHandle? file = Open(path);
        return file is null ? [] : ReadEnd(file, limit);
    }

    private static byte[] ReadEnd(SafeFileHandle file, int limit)
    {
        long size = FileStatus.Of(file).Size;
        byte[] bytes = new byte[Math.Min(size, limit)];
        int length = 0;
        int count;
        while ((count = RandomAccess.Read(file, bytes.AsSpan(length), size - bytes.Length + length)) > 0)
        {
            length += count;
        }

        return bytes[..length];
    }
}
