using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Cache;

/// <summary>Archives under their SHA-256: written aside, synced, renamed; a damaged one is set aside and counts as missing.</summary>
public sealed class ArchiveCache(CacheLayout layout, IBuildLog log)
{
    private const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Where the archive with this digest stands, whether or not it does.</summary>
    public string PathOf(string sha256) => Path.Combine(layout.Archives, sha256);

    /// <summary>Whether the archive is there with the size it should have. Its content is checked when it is unpacked.</summary>
    public bool Contains(string sha256, long? size)
    {
        FileInfo file = new(PathOf(sha256));
        if (!file.Exists)
        {
            // Nothing could be renamed over a directory.
            if (Directory.Exists(file.FullName))
            {
                SetAside(sha256);
            }

            return false;
        }

        if (size is null || file.Length == size)
        {
            return true;
        }

        SetAside(sha256);
        return false;
    }

    /// <summary>
    /// A path for a download that cannot be resumed: the same for the same <paramref name="key"/>, so that what a killed build left there
    /// is found, and deleted, by the next. A lock must see to it that one build at a time uses it.
    /// </summary>
    public string FreshPath(string key) => Path.Combine(layout.Incoming, Hashing.OfText(key));

    /// <summary>A path for a download that a later run may resume: the same for the same <paramref name="key"/>.</summary>
    public string ResumablePath(string key) => Path.Combine(layout.Incoming, Hashing.OfText(key) + ".part");

    /// <summary>Moves a finished download into the cache if its content has the digest it should have.</summary>
    /// <param name="incoming">The downloaded file; it is gone afterwards, either way.</param>
    /// <param name="expected">The digest it must have, or null to take it as it is.</param>
    /// <param name="cancellation">Ends the hashing.</param>
    /// <returns>The digest it has; if that is not <paramref name="expected"/>, nothing was kept.</returns>
    public async Task<string> AddAsync(string incoming, string? expected, CancellationToken cancellation)
    {
        string actual = await Hashing.OfFileAsync(incoming, cancellation);
        if (expected is not null && expected != actual)
        {
            File.Delete(incoming);
            return actual;
        }

        using (FileStream stream = new(incoming, FileMode.Open, FileAccess.ReadWrite))
        {
            File.SetUnixFileMode(stream.SafeFileHandle, ReadOnly);
            stream.Flush(flushToDisk: true);
        }

        Posix.Rename(incoming, PathOf(actual));
        Posix.SyncDirectory(layout.Archives);
        return actual;
    }

    /// <summary>Checks the archive's content against its name; one that differs is set aside.</summary>
    public bool Verify(string sha256, CancellationToken cancellation)
    {
        if (Hashing.OfFile(PathOf(sha256), cancellation) == sha256)
        {
            return true;
        }

        SetAside(sha256);
        return false;
    }

    /// <summary>Lets one process at a time download what <paramref name="key"/> names.</summary>
    public Task<FileLock> LockAsync(string key, CancellationToken cancellation) =>
        FileLock.AcquireAsync(
            Path.Combine(layout.Locks, Hashing.OfText(key)[..32]),
            "fetching",
            holder => log.Say($"Waiting for another build that fetches the same ({holder})"),
            cancellation);

    private void SetAside(string sha256)
    {
        // Any part of the cache may have been deleted meanwhile.
        Directory.CreateDirectory(layout.Damaged);
        string aside = Path.Combine(layout.Damaged, $"{sha256}.{Guid.NewGuid():N}");
        try
        {
            Posix.Rename(PathOf(sha256), aside);
        }
        catch (IOException failure) when (failure.HResult == Posix.ENOENT)
        {
            // Another build was faster.
            return;
        }

        log.Warn(Problem.Warning(Strings.DamagedArchive, SourceLocation.None, sha256, aside));
    }
}
