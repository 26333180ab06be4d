using System.Globalization;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Cache;

/// <summary>Archives under their SHA-256: written aside, synced, renamed; a damaged one is set aside and counts as missing.</summary>
public sealed class ArchiveCache(CacheLayout layout, IBuildLog log)
{
    // As of all that is staged, so that a prune that has the cache alone takes it whatever its age.
    private const string FreshPrefix = ".staging-";

    private const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Where the archive with this digest stands, whether or not it does.</summary>
    public string PathOf(string sha256) => Path.Combine(layout.Archives, sha256);

    /// <summary>Whether the archive is there with the size it should have. Its content is checked when it is unpacked.</summary>
    /// <exception cref="LavaException">It is damaged, and this user may not set it aside (LAVA2005).</exception>
    public bool Contains(string sha256, long? size)
    {
        FileInfo file = new(PathOf(sha256));
        if (!file.Exists)
        {
            // Nothing could be renamed over a directory.
            if (Directory.Exists(file.FullName))
            {
                SetAside(sha256, "it is a directory");
            }

            return false;
        }

        if (size is null || file.Length == size)
        {
            return true;
        }

        SetAside(sha256, string.Create(CultureInfo.InvariantCulture, $"it has {file.Length} bytes instead of {size}"));
        return false;
    }

    /// <summary>
    /// A path for a download that cannot be resumed: the same for the same <paramref name="key"/>, so that what a killed build left there
    /// is found, and deleted, by the next. Whoever uses it must hold <see cref="LockAsync"/> of the key.
    /// </summary>
    public string FreshPath(string key) =>
        Path.Combine(layout.Incoming, string.Create(CultureInfo.InvariantCulture, $"{FreshPrefix}{LockName(key)}-{Posix.EffectiveUser()}"));

    /// <summary>A path for a download that a later run may resume: the same for the same <paramref name="key"/>.</summary>
    public string ResumablePath(string key) => Path.Combine(layout.Incoming, OwnName(key) + ".part");

    /// <summary>Moves a finished download into the cache if its content has the digest it should have.</summary>
    /// <param name="incoming">The downloaded file; it is gone afterwards, either way.</param>
    /// <param name="expected">The digest it must have, or null to take it as it is.</param>
    /// <param name="cancellation">Ends the hashing.</param>
    /// <returns>The digest it has; if that is not <paramref name="expected"/>, nothing was kept.</returns>
    public string Add(string incoming, string? expected, CancellationToken cancellation)
    {
        string actual = Hashing.OfFile(incoming, cancellation);
        if (expected is not null && expected != actual)
        {
            File.Delete(incoming);
            return actual;
        }

        // Some downloads bring the time they have at their source; here it counts when an archive was of use.
        Posix.TryTouch(incoming);
        using (FileStream stream = new(incoming, FileMode.Open, FileAccess.ReadWrite))
        {
            File.SetUnixFileMode(stream.SafeFileHandle, ReadOnly);
            stream.Flush(flushToDisk: true);
        }

        try
        {
            Posix.Rename(incoming, PathOf(actual));
        }
        catch (IOException failure) when (DamagedEntry.IsRefused(failure) && File.Exists(PathOf(actual)))
        {
            // In a sticky directory another user's archive stays where it is, which is as good if it is whole.
            File.Delete(incoming);
            Verify(actual, cancellation);
        }

        Posix.SyncDirectory(layout.Archives);
        return actual;
    }

    /// <summary>Checks the archive's content against its name; one that differs, or cannot be read, is set aside.</summary>
    /// <returns>Whether it stands, and is whole.</returns>
    /// <exception cref="LavaException">It is damaged, and this user may not set it aside (LAVA2005).</exception>
    public bool Verify(string sha256, CancellationToken cancellation)
    {
        string difference = "its content was changed";
        try
        {
            if (Hashing.OfFile(PathOf(sha256), cancellation) == sha256)
            {
                return true;
            }
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception failure) when (FileSystemProblem.IsDamage(failure))
        {
            difference = $"it cannot be read ({failure.Message.TrimEnd('.')})";
        }

        SetAside(sha256, difference);
        return false;
    }

    /// <summary>Remembers that the archive was of use.</summary>
    public void MarkUsed(string sha256) => Posix.TryTouch(PathOf(sha256));

    /// <summary>Lets one process at a time download what <paramref name="key"/> names.</summary>
    public Task<FileLock> LockAsync(string key, CancellationToken cancellation) =>
        FileLock.AcquireAsync(
            Path.Combine(layout.Locks, LockName(key)),
            "fetching",
            holder => log.Say($"Waiting for another build that fetches the same ({holder})"),
            cancellation);

    /// <summary>Deletes the downloads of killed builds that cannot be resumed. Those of builds that are at it stay.</summary>
    public void DeleteLeftovers()
    {
        EnumerationOptions hidden = new() { AttributesToSkip = FileAttributes.None };
        foreach (string left in Directory.EnumerateFileSystemEntries(layout.Incoming, $"{FreshPrefix}*", hidden))
        {
            string key = Path.GetFileName(left)[FreshPrefix.Length..].Split('-')[0];
            if (FileStatus.Of(left) is not { } status || status.Owner != Posix.EffectiveUser())
            {
                continue;
            }

            try
            {
                using FileLock? held = FileLock.TryAcquire(Path.Combine(layout.Locks, key), "clearing");
                if (held is not null)
                {
                    Remove(left, status);
                }
            }
            catch (Exception failure) when (failure is UnauthorizedAccessException or IOException)
            {
                log.Detail($"{left} stays: {failure.Message}");
            }
        }
    }

    private static void Remove(string left, FileStatus status)
    {
        if (status.Kind == FileKind.Directory)
        {
            FileTree.Delete(left);
        }
        else
        {
            File.Delete(left);
        }
    }

    private static string LockName(string key) => Hashing.OfText(key)[..32];

    // Another user could not go on with this one's file.
    private static string OwnName(string key) => Hashing.OfText($"{Posix.EffectiveUser()} {key}");

    private void SetAside(string sha256, string difference)
    {
        if (DamagedEntry.SetAside(layout, PathOf(sha256), difference) is { } aside)
        {
            log.Warn(Problem.Warning(Strings.DamagedArchive, SourceLocation.None, sha256, difference, aside));
        }
    }
}
