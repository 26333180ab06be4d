using System.Collections.Concurrent;
using System.Globalization;
using Lava.Build.Cache;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Unpacking;

namespace Lava.Build.Releases;

/// <summary>How the store's files are made from the cache's.</summary>
public enum LinkMode
{
    /// <summary>The same file under another name: no time, no room.</summary>
    HardLink,

    /// <summary>A copy.</summary>
    Copy,
}

/// <summary>Puts trees into an instance's store. The instance's lock must be held.</summary>
public sealed class StoreWriter(InstanceLayout layout, TreeCache cache, CacheLayout cacheLayout, LinkMode mode, IBuildLog log)
{
    private const string StagingPrefix = ".staging-";
    private const int Attempts = 3;
    private const string TakenAway = "another build took it away";
    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);
    private int _copying = mode == LinkMode.Copy ? 1 : 0;
    private int _warned;

    /// <summary>Makes every tree stand in the store and reads what is in it.</summary>
    /// <param name="trees">The wanted trees and their names in the store.</param>
    /// <param name="depth">How closely to look at what stands there, and in the cache if at every byte.</param>
    /// <param name="cancellation">Ends the work; what is whole stays.</param>
    /// <returns>The manifests, in order.</returns>
    /// <exception cref="LavaException">A tree is in neither store nor cache, and its archive is not in the cache (LAVA2003).</exception>
    public async Task<IReadOnlyList<TreeManifest>> EnsureAsync(
        IReadOnlyList<(TreeRequest Request, string StoreName)> trees, InspectionDepth depth, CancellationToken cancellation)
    {
        FileTree.MakeShared(layout.Store);
        DeleteLeftovers();
        cache.MarkUsed(trees.Select(tree => tree.Request));
        TreeManifest?[] manifests = new TreeManifest?[trees.Count];
        if (depth != InspectionDepth.Manifest)
        {
            Inspect(trees, manifests, depth, cancellation);
        }
        else
        {
            Workers.For(
                trees.Count,
                i => manifests[i] = ReadIfStanding(
                    trees[i].StoreName, TreeInspection.ReadManifest(layout.StoreTree(trees[i].StoreName), ManifestPath(trees[i].StoreName))),
                cancellation);
        }

        Wanted[] missing =
        [
            .. trees.Select((tree, i) => new Wanted(i, tree.Request, cache.DigestOf(tree.Request), tree.StoreName)).Where(tree => manifests[tree.Index] is null),
        ];
        if (missing.Length > 0)
        {
            await MakeAsync(missing, manifests, cancellation);
        }

        return manifests!;
    }

    /// <summary>Looks at every entry of all trees that stand, other releases' too. One with a difference is made anew when it is wanted next.</summary>
    public void CheckAll(CancellationToken cancellation)
    {
        FileTree.MakeShared(layout.Store);
        string[] names = [.. Directory.EnumerateDirectories(layout.Store).Select(path => Path.GetFileName(path)).Where(name => File.Exists(ManifestPath(name)))];
        Workers.For(
            names.Length,
            i => ReadIfStanding(
                names[i], TreeInspection.Inspect(layout.StoreTree(names[i]), ManifestPath(names[i]), InspectionDepth.Entries, null, cancellation)),
            cancellation);
    }

    // Hard-linked files are the store's and the cache's at once: where one is damaged, so is the other.
    private void Inspect(
        IReadOnlyList<(TreeRequest Request, string StoreName)> trees, TreeManifest?[] manifests, InspectionDepth depth, CancellationToken cancellation)
    {
        Workers.For(
            trees.Count,
            i =>
            {
                string name = trees[i].StoreName;
                manifests[i] = ReadIfStanding(name, TreeInspection.Inspect(layout.StoreTree(name), ManifestPath(name), depth, null, cancellation));
            },
            cancellation);
        if (depth == InspectionDepth.Entries)
        {
            return;
        }

        Dictionary<TreeRequest, string?> twins = trees
            .Select((tree, i) => (tree.Request, Twin: manifests[i] is null ? null : layout.StoreTree(tree.StoreName)))
            .DistinctBy(tree => tree.Request)
            .ToDictionary(tree => tree.Request, tree => tree.Twin);
        TreeRequest[] requests = [.. twins.Keys];
        cache.SetDamagedArchivesAside(requests, cancellation);
        cache.SetDamagedAside(requests, twins.GetValueOrDefault, cancellation);
    }

    private TreeManifest? ReadIfStanding(string storeName, TreeInspection found)
    {
        string tree = layout.StoreTree(storeName);
        if (found.Difference is null)
        {
            return found.Manifest;
        }

        if (FileStatus.Of(tree) is not { } status)
        {
            return null;
        }

        if (_told.TryAdd(storeName, true))
        {
            log.Warn(Problem.Warning(Strings.DamagedStoreTree, SourceLocation.None, tree, found.Difference));
        }

        if (status.Kind == FileKind.Directory && FileStatus.Of(ManifestPath(storeName)) is { Kind: not FileKind.Directory })
        {
            // If the tree cannot be made from the cache, the next restore must see that it is missing. What stands of it stays in use till then.
            File.Delete(ManifestPath(storeName));
        }

        return null;
    }

    private string ManifestPath(string storeName) => Path.Combine(layout.StoreTree(storeName), StoreTree.ManifestName);

    private async Task MakeAsync(Wanted[] missing, TreeManifest?[] manifests, CancellationToken cancellation)
    {
        string staging = Path.Combine(layout.Store, StagingPrefix + Guid.NewGuid().ToString("N"));
        FileTree.MakeSharedFresh(staging);
        try
        {
            await using WriteBehind disk = new(staging);
            await LinkAsync(missing, manifests, staging, disk, cancellation);
            await disk.EndAsync();
            disk.Sync();
            foreach (Wanted tree in missing)
            {
                // A tree that has lost its manifest may be in use all the same: it makes way at once, and goes with the staging directory.
                FileTree.Put(Path.Combine(staging, tree.StoreName), layout.StoreTree(tree.StoreName));
            }

            Posix.SyncDirectory(layout.Store);
        }
        finally
        {
            FileTree.Delete(staging);
        }
    }

    // Files are shared with every other instance, so an edit made through one of them must not travel on unnoticed. Whatever
    // is found damaged, or was taken away by another program meanwhile, is made anew.
    private async Task LinkAsync(
        Wanted[] trees, TreeManifest?[] manifests, string staging, WriteBehind disk, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            await cache.EnsureAsync([.. trees.Select(tree => tree.Request)], cancellation);
            string?[] differences = new string?[trees.Length];
            int linked = 0;
            Workers.For(trees.Length, i =>
            {
                Wanted tree = trees[i];
                differences[i] = Link(tree, Path.Combine(staging, tree.StoreName), cancellation, out manifests[tree.Index]);
                if (Interlocked.Increment(ref linked) == trees.Length / 2)
                {
                    disk.Begin();
                }
            }, cancellation);
            if (differences.All(difference => difference is null))
            {
                return;
            }

            if (attempt == Attempts)
            {
                int first = Array.FindIndex(differences, difference => difference is not null);
                throw Problem.Error(
                    Strings.TreeChanges, trees[first].Request.Location, trees[first].Request.Component, cache.TreePath(trees[first].Digest), differences[first]!)
                    .ToException();
            }

            foreach ((Wanted tree, string? difference) in trees.Zip(differences).DistinctBy(pair => pair.First.Digest))
            {
                // What stands where it was taken away is another one.
                if (difference is not null and not TakenAway)
                {
                    cache.SetAside(tree.Digest, difference);
                }
            }

            trees = [.. trees.Where((_, i) => differences[i] is not null)];
        }
    }

    /// <summary>Makes one tree of the store, looking at each of its entries on the way.</summary>
    /// <returns>How the cache's tree differs from its manifest, in words; nothing stands at <paramref name="destination"/> then.</returns>
    private string? Link(Wanted tree, string destination, CancellationToken cancellation, out TreeManifest? manifest)
    {
        string manifestPath = cache.ManifestPath(tree.Digest);
        using OpenedDirectory? whole = OpenedDirectory.TryOpen(Path.GetDirectoryName(manifestPath)!);
        TreeInspection found = TreeInspection.ReadManifest(cache.TreePath(tree.Digest), manifestPath);
        manifest = found.Manifest;
        if (whole is null || manifest is null)
        {
            return found.Difference ?? (FileStatus.Of(Path.GetDirectoryName(manifestPath)!) is { Kind: not FileKind.Directory } ? "a link stands in its place" : TakenAway);
        }

        string? difference;
        try
        {
            FileTree.MakeSharedFresh(destination);
            using OpenedDirectory source = OpenedDirectory.Open(cache.TreePath(tree.Digest));
            using OpenedDirectory to = OpenedDirectory.Open(destination);
            difference = LinkEntries(source, to, manifest, cancellation);
            if (difference is null)
            {
                LinkFile(whole, Path.GetFileName(manifestPath), to, StoreTree.ManifestName);
            }

            // What was open all the time may have been set aside meanwhile, for damage that only reading finds.
            difference = source.Stands() ? difference : TakenAway;
        }
        catch (IOException failure) when (
            failure is FileNotFoundException or DirectoryNotFoundException || failure.HResult is Posix.ENOENT or Posix.ENOTDIR)
        {
            // Another build has set it aside, or somebody deleted the cache.
            difference = "it is gone";
        }

        difference = whole.Stands() ? difference : TakenAway;
        if (difference is not null)
        {
            manifest = null;
            FileTree.Delete(destination);
        }

        return difference;
    }

    private string? LinkEntries(OpenedDirectory source, OpenedDirectory destination, TreeManifest manifest, CancellationToken cancellation)
    {
        bool plain = false;
        foreach (TreeEntry entry in manifest.Entries)
        {
            cancellation.ThrowIfCancellationRequested();
            if (TreeVerifier.Difference(source, entry) is { } difference)
            {
                return difference;
            }

            switch (entry.Kind)
            {
                case EntryKind.Directory:
                    destination.MakeDirectory(entry.Path, FileTree.SharedMode);
                    // If the umask leaves one alone, it does so with all.
                    plain = plain || destination.Status(entry.Path)?.Mode == FileTree.SharedMode;
                    if (!plain)
                    {
                        destination.SetMode(entry.Path, FileTree.SharedMode);
                    }

                    break;
                case EntryKind.Link:
                    destination.SymbolicLink(entry.LinkTarget!, entry.Path);
                    break;
                default:
                    LinkFile(source, entry.Path, destination, entry.Path);
                    break;
            }
        }

        return null;
    }

    private void LinkFile(OpenedDirectory from, string name, OpenedDirectory to, string path)
    {
        if (Volatile.Read(ref _copying) == 0)
        {
            int error = from.TryHardLink(name, to, path);
            switch (error)
            {
                case 0:
                    return;
                case Posix.EPERM when from.Status(name) is { } status && status.Owner != Posix.EffectiveUser():
                    // Linux lets nobody link another user's file that he may not write (fs.protected_hardlinks). The next may be his own.
                    WarnOfCopies(string.Create(CultureInfo.InvariantCulture, $"they belong to another user, with the id {status.Owner}"));
                    break;
                case Posix.EXDEV or Posix.EPERM or Posix.EOPNOTSUPP:
                    Volatile.Write(ref _copying, 1);
                    WarnOfCopies(new System.ComponentModel.Win32Exception(error).Message);
                    break;
                case Posix.EMLINK:
                    // Only this file has as many names as it may have.
                    break;
                default:
                    throw Posix.Failure(error, to.Full(path));
            }
        }

        string source = from.Full(name);
        string copy = to.Full(path);
        try
        {
            File.Copy(source, copy);
        }
        catch (IOException failure) when (!failure.Message.Contains('/', StringComparison.Ordinal))
        {
            // .NET does not say which file the disk was too small for.
            throw new IOException($"{copy}: {failure.Message}", failure.HResult);
        }

        File.SetLastWriteTimeUtc(copy, File.GetLastWriteTimeUtc(source));
    }

    private void WarnOfCopies(string reason)
    {
        if (Interlocked.Exchange(ref _warned, 1) == 0)
        {
            log.Warn(Problem.Warning(Strings.HardLinksImpossible, SourceLocation.None, cacheLayout.Root, layout.Root, reason));
        }
    }

    private void DeleteLeftovers()
    {
        foreach (string leftover in Directory.EnumerateDirectories(layout.Store, StagingPrefix + "*"))
        {
            log.Detail($"Removing what an interrupted build left: {leftover}");
            FileTree.Delete(leftover);
        }
    }

    private sealed record Wanted(int Index, TreeRequest Request, string Digest, string StoreName);
}
