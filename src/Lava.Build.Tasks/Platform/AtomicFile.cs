using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Platform;

/// <summary>The one way a file of ours comes to be: whole and durable, or not at all.</summary>
internal static class AtomicFile
{
    /// <summary>rw-r--r--</summary>
    internal const UnixFileMode PublicMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>rw-------</summary>
    internal const UnixFileMode PrivateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const string Ending = ".tmp";
    private const int GuidLength = 32;

    // Not after the directory itself, whose name may be as long as a name can be.
    internal const string NewDirectory = ".new";

    // Longer than from a file's creation to its lock, shorter than from a kill to the next build.
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(100);

    /// <summary>Replaces <paramref name="path"/> by <paramref name="content"/>; its directory must exist.</summary>
    internal static Task WriteAsync(
        string path, ReadOnlyMemory<byte> content, UnixFileMode mode, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Write(path, content.Span, mode);
        return Task.CompletedTask;
    }

    /// <summary>Replaces <paramref name="path"/> by <paramref name="text"/> as UTF-8 without a byte-order mark, now.</summary>
    /// <param name="path">The file.</param>
    /// <param name="text">Its text.</param>
    /// <param name="mode">Its mode.</param>
    /// <param name="like">Whose owner and group it gets, if this thread has root's rights; null for this user's.</param>
    internal static void Write(string path, string text, UnixFileMode mode, FileStatus? like = null) =>
        Write(path, System.Text.Encoding.UTF8.GetBytes(text), mode, like: like);

    /// <summary>Replaces <paramref name="path"/> by <paramref name="text"/> as UTF-8 without a byte-order mark.</summary>
    internal static Task WriteAsync(string path, string text, UnixFileMode mode, CancellationToken cancellation) =>
        WriteAsync(path, System.Text.Encoding.UTF8.GetBytes(text), mode, cancellation);

    /// <summary>As <see cref="Write(string, string, UnixFileMode, FileStatus?)"/>, of what means nothing after the host has started anew: whole, and not durable.</summary>
    internal static void WriteForThisBoot(string path, ReadOnlySpan<byte> content, UnixFileMode mode) => Write(path, content, mode, durable: false);

    // What is written so is small, and Linux writes no file asynchronously.
    private static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode, bool durable = true, FileStatus? like = null)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}{Ending}";
        try
        {
            FileStreamOptions options = new()
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = PrivateMode,
                // A shared flock(2) until the rename: it tells a file which is being written from one that a killed process left.
                Share = FileShare.Read,
            };
            using (FileStream stream = new(temporary, options))
            {
                stream.Write(content);
                if (like is { Kind: FileKind.File } owned && Posix.OwnFileRights().User == 0)
                {
                    Posix.Give(stream.SafeFileHandle, owned.Owner, owned.Group);
                }

                // The umask narrows the mode given at creation; this one is meant.
                File.SetUnixFileMode(stream.SafeFileHandle, mode);
                stream.Flush(flushToDisk: durable);
                Posix.Rename(temporary, path);
            }
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        if (durable)
        {
            Posix.SyncDirectory(Path.GetDirectoryName(path)!);
        }
    }

    /// <summary>
    /// Deletes what killed processes left when they made files, links or directories here. No other may be making links or directories
    /// there; files that another process is writing are left alone, and what is another user's, unless this one is root.
    /// </summary>
    /// <param name="directory">Where; one that is not there has none.</param>
    /// <param name="name">The file or link that was to be written; any by default.</param>
    internal static void DeleteLeftovers(string directory, string? name = null)
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        // By default hidden files are passed over.
        EnumerationOptions all = new() { AttributesToSkip = FileAttributes.None };
        uint user = Posix.OwnFileRights().User;
        foreach (FileSystemInfo entry in new DirectoryInfo(directory).EnumerateFileSystemInfos("*" + Ending, all))
        {
            if (NameBefore(entry.Name) is not { } written || (name ?? written) != written)
            {
                continue;
            }

            if (FileStatus.Of(entry.FullName) is not { } status || (user != 0 && status.Owner != user))
            {
                continue;
            }

            if (status.Kind == FileKind.Link || (entry is FileInfo && !IsBeingWritten(entry.FullName)))
            {
                File.Delete(entry.FullName);
            }
            else if (status.Kind == FileKind.Directory && written == NewDirectory && !Directory.EnumerateFileSystemEntries(entry.FullName).Any())
            {
                Directory.Delete(entry.FullName);
            }
        }
    }

    /// <summary>Where a directory is made before it gets its name.</summary>
    internal static string TemporaryDirectory(string directory) =>
        Path.Combine(Path.GetDirectoryName(directory)!, $"{NewDirectory}.{Guid.NewGuid():N}{Ending}");

    // What stands before the digits of the GUID, or null if the name is not of that form.
    private static string? NameBefore(string temporary)
    {
        int end = temporary.Length - Ending.Length - GuidLength - 1;
        return end > 0 && temporary[end] == '.' && Guid.TryParseExact(temporary.AsSpan(end + 1, GuidLength), "N", out _)
            ? temporary[..end]
            : null;
    }

    private static bool IsBeingWritten(string file)
    {
        if (DateTime.UtcNow - File.GetLastWriteTimeUtc(file) < Fresh)
        {
            return true;
        }

        try
        {
            using SafeFileHandle? open = ForeignFile.Open(file);
            // It has its name now, or is locked.
            return open is null || !Posix.TryLock(open, file);
        }
        catch (IOException failure) when (failure.HResult == Posix.EACCES)
        {
            // It belongs to another user.
            return true;
        }
    }

    /// <summary>Replaces the symlink <paramref name="path"/> by one whose text is <paramref name="target"/>.</summary>
    internal static void WriteLink(string path, string target)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}{Ending}";
        Posix.SymbolicLink(target, temporary);
        try
        {
            Posix.Rename(temporary, path);
        }
        catch
        {
            Posix.Unlink(temporary);
            throw;
        }

        Posix.SyncDirectory(Path.GetDirectoryName(path)!);
    }
}
