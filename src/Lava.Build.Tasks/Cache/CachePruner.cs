using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Cache;

/// <summary>What a prune removed.</summary>
/// <param name="Archives">Archives.</param>
/// <param name="Trees">Trees.</param>
/// <param name="Others">Parts of downloads, damaged entries, and what interrupted builds left.</param>
/// <param name="Bytes">The room that is free now. Files that stores have too took none.</param>
public sealed record PruneOutcome(int Archives, int Trees, int Others, long Bytes);

/// <summary>
/// Removes from the cache what no build has used for a time. Builds that start meanwhile wait; while builds run, only what was not
/// used within a day goes, whatever is asked for. What another user made stays, unless root prunes.
/// </summary>
public sealed class CachePruner(CacheLayout layout, IBuildLog log)
{
    private const string DoomedPrefix = ".pruned-";
    private static readonly TimeSpan LeastBesideBuilds = TimeSpan.FromDays(1);
    private readonly uint _user = Posix.EffectiveUser();
    private int _archives;
    private int _trees;
    private int _others;
    private long _bytes;

    /// <summary>Removes what was last used longer ago than <paramref name="age"/>; all, if that is zero.</summary>
    public PruneOutcome Prune(TimeSpan age, CancellationToken cancellation)
    {
        if (!Directory.Exists(layout.Root))
        {
            return new PruneOutcome(0, 0, 0, 0);
        }

        layout.Create();
        string doomed = Path.Combine(layout.Trees, DoomedPrefix + Guid.NewGuid().ToString("N"));
        using (FileLock? alone = CacheUse.TryBeginAlone(layout, "pruning"))
        {
            if (alone is null && age < LeastBesideBuilds)
            {
                log.Say("Other builds use the cache, so what was used within a day stays");
                age = LeastBesideBuilds;
            }

            long limit = age == TimeSpan.Zero ? long.MaxValue : DateTimeOffset.UtcNow.Subtract(age).ToUnixTimeSeconds();
            Collect(doomed, limit, alone is not null, cancellation);
            if (alone is not null)
            {
                DeleteLocks(limit);
            }
        }

        // What has lost its name is nobody's, so this needs no lock; a prune that is killed here is completed by the next.
        foreach (string left in Directory.EnumerateDirectories(layout.Trees, DoomedPrefix + "*"))
        {
            cancellation.ThrowIfCancellationRequested();
            _bytes += Delete(left);
        }

        return new PruneOutcome(_archives, _trees, _others, _bytes);
    }

    private void Collect(string doomed, long limit, bool alone, CancellationToken cancellation)
    {
        layout.MakeDirectory(doomed);
        foreach ((string directory, Action count) in ((string, Action)[])
            [(layout.Archives, () => _archives++), (layout.Trees, () => _trees++), (layout.Incoming, () => _others++), (layout.Damaged, () => _others++)])
        {
            foreach (string entry in Directory.EnumerateFileSystemEntries(directory, "*", new EnumerationOptions { AttributesToSkip = 0 }))
            {
                cancellation.ThrowIfCancellationRequested();
                bool leftover = Path.GetFileName(entry).StartsWith('.');
                if (entry.StartsWith(Path.Combine(layout.Trees, DoomedPrefix), StringComparison.Ordinal)
                    || FileStatus.Of(entry) is not { } status
                    || !(leftover && alone) && status.ModifiedSeconds > limit)
                {
                    continue;
                }

                if (TryMove(entry, status, Path.Combine(doomed, Guid.NewGuid().ToString("N"))))
                {
                    (leftover ? () => _others++ : count)();
                }
            }
        }
    }

    private bool TryMove(string entry, FileStatus status, string to)
    {
        if (_user != 0 && status.Owner != _user)
        {
            log.Detail($"{entry} stays: it belongs to the user with the id {status.Owner}");
            return false;
        }

        try
        {
            Posix.Rename(entry, to);
            log.Detail($"Removing {entry}");
            return true;
        }
        catch (IOException failure) when (failure.HResult == Posix.ENOENT || DamagedEntry.IsRefused(failure))
        {
            log.Detail($"{entry} stays: {failure.Message}");
            return false;
        }
    }

    // Only those that nobody holds; each is deleted by its holder, so nobody comes to hold what is gone.
    private void DeleteLocks(long limit)
    {
        foreach (string path in Directory.EnumerateFiles(layout.Locks))
        {
            if (Path.GetFileName(path) != CacheUse.LockName
                && FileStatus.Of(path) is { } status && status.ModifiedSeconds <= limit && (_user == 0 || status.Owner == _user))
            {
                using FileLock? held = FileLock.TryAcquire(path, "pruning");
                if (held is not null)
                {
                    File.Delete(path);
                }
            }
        }
    }

    private long Delete(string directory)
    {
        long bytes = Directory.EnumerateFiles(directory, "*", new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.ReparsePoint,
            IgnoreInaccessible = true,
        }).Sum(file => FileStatus.Of(file) is { Links: 1 } status ? status.Room : 0);
        FileTree.DeleteIfAllowed(directory, log);
        return bytes;
    }
}
