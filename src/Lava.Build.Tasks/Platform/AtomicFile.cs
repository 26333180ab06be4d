namespace Lava.Build.Platform;

/// <summary>The one way a file of ours comes to be: whole and durable, or not at all.</summary>
internal static class AtomicFile
{
    /// <summary>rw-r--r--</summary>
    internal const UnixFileMode PublicMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>rw-------</summary>
    internal const UnixFileMode PrivateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Replaces <paramref name="path"/> by <paramref name="content"/>; its directory must exist.</summary>
    internal static Task WriteAsync(
        string path, ReadOnlyMemory<byte> content, UnixFileMode mode, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Write(path, content.Span, mode);
        return Task.CompletedTask;
    }

    /// <summary>Replaces <paramref name="path"/> by <paramref name="text"/> as UTF-8 without a byte-order mark, now.</summary>
    internal static void Write(string path, string text, UnixFileMode mode) => Write(path, System.Text.Encoding.UTF8.GetBytes(text), mode);

    /// <summary>Replaces <paramref name="path"/> by <paramref name="text"/> as UTF-8 without a byte-order mark.</summary>
    internal static Task WriteAsync(string path, string text, UnixFileMode mode, CancellationToken cancellation) =>
        WriteAsync(path, System.Text.Encoding.UTF8.GetBytes(text), mode, cancellation);

    // What is written so is small, and Linux writes no file asynchronously.
    private static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            FileStreamOptions options = new()
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = PrivateMode,
            };
            using (FileStream stream = new(temporary, options))
            {
                stream.Write(content);
                // The umask narrows the mode given at creation; this one is meant.
                File.SetUnixFileMode(stream.SafeFileHandle, mode);
                stream.Flush(flushToDisk: true);
            }

            Posix.Rename(temporary, path);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        Posix.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Deletes what a killed process left beside <paramref name="path"/>. No other may be writing it.</summary>
    internal static void DeleteLeftovers(string path)
    {
        string directory = Path.GetDirectoryName(path)!;
        if (Directory.Exists(directory))
        {
            // 32 digits of a GUID between the name and the ending.
            foreach (string leftover in Directory.EnumerateFiles(directory, $"{Path.GetFileName(path)}.{new string('?', 32)}.tmp"))
            {
                File.Delete(leftover);
            }
        }
    }

    /// <summary>Replaces the symlink <paramref name="path"/> by one whose text is <paramref name="target"/>.</summary>
    internal static void WriteLink(string path, string target)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
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
