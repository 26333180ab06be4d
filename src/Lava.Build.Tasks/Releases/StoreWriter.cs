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
    private int _copying = mode == LinkMode.Copy ? 1 : 0;

    /// <summary>Makes every tree stand in the store and reads what is in it.</summary>
    /// <param name="trees">The wanted trees and their names in the store.</param>
    /// <param name="cancellation">Ends the work; what is whole stays.</param>
    /// <returns>The manifests, in order.</returns>
    /// <exception cref="LavaException">A tree is in neither store nor cache, and its archive is not in the cache (LAVA2003).</exception>
    public async Task<IReadOnlyList<TreeManifest>> EnsureAsync(
        IReadOnlyList<(TreeRequest Request, string StoreName)> trees, CancellationToken cancellation)
    {
        FileTree.MakeShared(layout.Store);
        TreeManifest?[] manifests = new TreeManifest?[trees.Count];
        await Parallel.ForAsync(0, trees.Count, cancellation, (i, _) =>
        {
            manifests[i] = ReadIfStanding(trees[i].StoreName);
            return ValueTask.CompletedTask;
        });
        (TreeRequest Request, string StoreName)[] missing = [.. trees.Where((_, i) => manifests[i] is null)];
        if (missing.Length > 0)
        {
            await MakeAsync(missing, cancellation);
        }

        return [.. trees.Zip(manifests, (tree, manifest) => manifest ?? TreeManifest.Read(ManifestPath(tree.StoreName)))];
    }

    private TreeManifest? ReadIfStanding(string storeName)
    {
        string manifest = ManifestPath(storeName);
        try
        {
            return File.Exists(manifest) ? TreeManifest.Read(manifest) : null;
        }
        catch (LavaException)
        {
            log.Warn(Problem.Warning(Strings.DamagedStoreTree, SourceLocation.None, layout.StoreTree(storeName)));
            return null;
        }
    }

    private string ManifestPath(string storeName) => Path.Combine(layout.StoreTree(storeName), StoreTree.ManifestName);

    private async Task MakeAsync((TreeRequest Request, string StoreName)[] missing, CancellationToken cancellation)
    {
        DeleteLeftovers();
        TreeRequest[] requests = [.. missing.Select(tree => tree.Request)];
        await cache.EnsureAsync(requests, cancellation);
        if (SetDamagedAside(requests))
        {
            await cache.EnsureAsync(requests, cancellation);
        }

        string staging = Path.Combine(layout.Store, StagingPrefix + Guid.NewGuid().ToString("N"));
        FileTree.MakeShared(staging);
        try
        {
            await Parallel.ForEachAsync(missing, cancellation, (tree, token) =>
            {
                Link(cache.DigestOf(tree.Request), Path.Combine(staging, tree.StoreName), token);
                return ValueTask.CompletedTask;
            });
            Posix.SyncFileSystem(staging);
            foreach ((_, string name) in missing)
            {
                // A tree that has lost its manifest may be in use all the same: it makes way at once, and goes with the staging directory.
                FileTree.Put(Path.Combine(staging, name), layout.StoreTree(name));
            }

            Posix.SyncDirectory(layout.Store);
        }
        finally
        {
            FileTree.Delete(staging);
        }
    }

    // Files are shared with every other instance, so an edit made through one of them must not travel on unnoticed.
    private bool SetDamagedAside(TreeRequest[] requests)
    {
        bool found = false;
        foreach (string digest in requests.Select(cache.DigestOf).Distinct())
        {
            if (FindDifference(digest) is { } difference)
            {
                cache.SetAside(digest, difference);
                found = true;
            }
        }

        return found;
    }

    private string? FindDifference(string digest)
    {
        try
        {
            return TreeVerifier.FindDifference(cache.TreePath(digest), TreeManifest.Read(cache.ManifestPath(digest)));
        }
        catch (LavaException)
        {
            return "its manifest is damaged";
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            // Another build has set it aside, or somebody deleted the cache.
            return "it is gone";
        }
    }

    private void Link(string digest, string destination, CancellationToken cancellation)
    {
        string source = cache.TreePath(digest);
        TreeManifest manifest = TreeManifest.Read(cache.ManifestPath(digest));
        FileTree.MakeShared(destination);
        foreach (TreeEntry entry in manifest.Entries)
        {
            cancellation.ThrowIfCancellationRequested();
            string path = $"{destination}/{entry.Path}";
            switch (entry.Kind)
            {
                case EntryKind.Directory:
                    FileTree.MakeShared(path);
                    break;
                case EntryKind.Link:
                    Posix.SymbolicLink(entry.LinkTarget!, path);
                    break;
                default:
                    LinkFile($"{source}/{entry.Path}", path);
                    break;
            }
        }

        LinkFile(cache.ManifestPath(digest), Path.Combine(destination, StoreTree.ManifestName));
    }

    private void LinkFile(string source, string path)
    {
        if (Volatile.Read(ref _copying) == 0)
        {
            int error = Posix.TryHardLink(source, path);
            switch (error)
            {
                case 0:
                    return;
                case Posix.EXDEV or Posix.EPERM or Posix.EOPNOTSUPP:
                    FallBackToCopying(new System.ComponentModel.Win32Exception(error).Message);
                    break;
                case Posix.EMLINK:
                    // Only this file has as many names as it may have.
                    break;
                default:
                    throw new IOException($"{path}: {new System.ComponentModel.Win32Exception(error).Message}", error);
            }
        }

        try
        {
            File.Copy(source, path);
        }
        catch (IOException failure) when (!failure.Message.Contains('/', StringComparison.Ordinal))
        {
            // .NET does not say which file the disk was too small for.
            throw new IOException($"{path}: {failure.Message}", failure.HResult);
        }

        File.SetLastWriteTimeUtc(path, File.GetLastWriteTimeUtc(source));
    }

    private void FallBackToCopying(string reason)
    {
        if (Interlocked.Exchange(ref _copying, 1) == 0)
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
}
