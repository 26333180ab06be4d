using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Python;
using Lava.Build.Unpacking;

namespace Lava.Build.Cache;

/// <summary>
/// Unpacked components, each a directory <c>trees/&lt;digest&gt;</c> with <c>tree</c> and, beside it, <c>manifest</c>. Made
/// aside, synced, renamed; never changed afterwards.
/// </summary>
public sealed class TreeCache(
    CacheLayout layout,
    ArchiveCache archives,
    PythonInterpreter? python,
    UnpackLimits limits,
    ProcessRunner processes,
    IBuildLog log)
{
    private const string StagingPrefix = ".staging-";

    /// <summary>How many archives more than there are processors are unpacked at once: creating files waits for the file system's journal now and then.</summary>
    private const int Spare = 1;

    /// <summary>How often, while trees are unpacked, the disk begins to write them: whenever as large a share of the archives' bytes is done.</summary>
    private const int WriteShares = 5;

    private string LockPath => Path.Combine(layout.Locks, "unpack");

    /// <summary>The name of a wanted tree in the cache.</summary>
    public string DigestOf(TreeRequest request) => request.Digest(python?.CacheTag);

    /// <summary>The directory of a tree's content.</summary>
    public string TreePath(string digest) => Path.Combine(layout.Trees, digest, "tree");

    /// <summary>The file that says what stands in a tree. It exists exactly if the tree does.</summary>
    public string ManifestPath(string digest) => Path.Combine(layout.Trees, digest, "manifest");

    /// <summary>Whether a wanted tree stands.</summary>
    public bool Contains(TreeRequest request) => File.Exists(ManifestPath(DigestOf(request)));

    /// <summary>Makes every wanted tree stand in the cache, from archives that do.</summary>
    /// <exception cref="LavaException">Archives are missing (LAVA2003), not what their pins say, or hostile (LAVA3xxx).</exception>
    public async Task EnsureAsync(IReadOnlyList<TreeRequest> requests, CancellationToken cancellation)
    {
        if (requests.All(Contains))
        {
            DeleteLeftoversIfIdle();
            return;
        }

        layout.Create();

        // One process unpacks at a time: others mostly want the same trees, and unpacking fills the machine anyway.
        using FileLock held = await FileLock.AcquireAsync(
            LockPath,
            "unpacking",
            holder => log.Say($"Waiting for another build that unpacks into the same cache ({holder})"),
            cancellation);
        DeleteLeftovers();
        TreeRequest[] missing =
        [
            .. requests.Where(request => !Contains(request)).DistinctBy(DigestOf),
        ];
        await MakeAsync(missing, cancellation);
    }

    /// <summary>Looks at every byte of the trees that stand, and sets those aside that are damaged, so that they are made anew when they are needed.</summary>
    /// <param name="requests">The trees; those that do not stand are passed over.</param>
    /// <param name="twin">For a tree, a directory with the same content whose every byte was looked at; null for none.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="LavaException">One is damaged, and this user may not set it aside (LAVA2005).</exception>
    public void SetDamagedAside(IReadOnlyList<TreeRequest> requests, Func<TreeRequest, string?> twin, CancellationToken cancellation)
    {
        TreeRequest[] distinct = [.. requests.DistinctBy(DigestOf)];
        Workers.For(
            distinct.Length,
            i =>
            {
                string digest = DigestOf(distinct[i]);
                if (FileStatus.Of(Path.Combine(layout.Trees, digest)) is not null
                    && TreeInspection.Inspect(TreePath(digest), ManifestPath(digest), InspectionDepth.Content, twin(distinct[i]), cancellation)
                        .Difference is { } difference)
                {
                    SetAside(digest, difference);
                }
            },
            cancellation);
    }

    /// <summary>Looks at every byte of the archives that stand, and sets those aside that are damaged.</summary>
    /// <exception cref="LavaException">One is damaged, and this user may not set it aside (LAVA2005).</exception>
    public void SetDamagedArchivesAside(IEnumerable<TreeRequest> requests, CancellationToken cancellation)
    {
        string[] digests = [.. requests.Select(request => request.Archive).Distinct()];
        Workers.For(digests.Length, i => archives.Verify(digests[i], cancellation), cancellation);
    }

    /// <summary>Remembers that trees and their archives were of use. What another user made may not be marked, and is passed over.</summary>
    public void MarkUsed(IEnumerable<TreeRequest> requests)
    {
        foreach (TreeRequest request in requests)
        {
            Posix.TryTouch(Path.Combine(layout.Trees, DigestOf(request)));
            archives.MarkUsed(request.Archive);
        }
    }

    /// <summary>Sets a tree aside that is not what its manifest says, so that it is made anew.</summary>
    /// <exception cref="LavaException">This user may not (LAVA2005).</exception>
    public void SetAside(string digest, string difference)
    {
        string tree = Path.Combine(layout.Trees, digest);
        if (DamagedEntry.SetAside(layout, tree, difference) is { } aside)
        {
            log.Warn(Problem.Warning(Strings.DamagedTree, SourceLocation.None, tree, difference, aside));
        }
    }

    private async Task MakeAsync(TreeRequest[] requests, CancellationToken cancellation)
    {
        string staging = Path.Combine(layout.Trees, StagingPrefix + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(staging);
        // The largest first, or one processor would still unpack it when the others have nothing left.
        requests = [.. requests.OrderByDescending(SizeOfArchive)];
        try
        {
            await using WriteBehind disk = new(staging);
            (string Root, TreeManifest Manifest)[] trees = await UnpackAsync(requests, staging, disk, cancellation);
            IReadOnlyList<TreeManifest> manifests = python is null
                ? [.. trees.Select(tree => tree.Manifest)]
                : await new PythonCompiler(python, processes, log).CompileAsync(trees, cancellation);
            await disk.EndAsync();
            Publish(requests, staging, manifests, disk, cancellation);
        }
        finally
        {
            FileTree.Delete(staging);
        }
    }

    private async Task<(string Root, TreeManifest Manifest)[]> UnpackAsync(
        TreeRequest[] requests, string staging, WriteBehind disk, CancellationToken cancellation)
    {
        List<Problem> problems = [];
        (string, TreeManifest)[] trees = new (string, TreeManifest)[requests.Length];
        long[] sizes = [.. requests.Select(SizeOfArchive)];
        long total = Math.Max(1, sizes.Sum());
        long unpacked = 0;
        await Workers.ForAsync(
            requests.Length,
            Environment.ProcessorCount + Spare,
            async (i, token) =>
            {
                try
                {
                    trees[i] = await UnpackAsync(requests[i], Path.Combine(staging, DigestOf(requests[i])), token);
                    long done = Interlocked.Add(ref unpacked, sizes[i]);
                    if (done * WriteShares / total > (done - sizes[i]) * WriteShares / total)
                    {
                        disk.Begin();
                    }
                }
                catch (LavaException failure)
                {
                    lock (problems)
                    {
                        problems.AddRange(failure.Problems);
                    }
                }
            },
            cancellation);
        return problems.Count == 0
            ? trees
            : throw new LavaException([.. problems.OrderBy(problem => problem.Text, StringComparer.Ordinal)]);
    }

    private long SizeOfArchive(TreeRequest request) => FileStatus.Of(archives.PathOf(request.Archive))?.Size ?? 0;

    private async Task<(string Root, TreeManifest Manifest)> UnpackAsync(TreeRequest request, string directory, CancellationToken cancellation)
    {
        if (!archives.Contains(request.Archive, null) || !archives.Verify(request.Archive, cancellation))
        {
            throw Problem.Error(Strings.ArchiveMissing, request.Location, request.Component, request.Archive).ToException();
        }

        string root = Path.Combine(directory, "tree");
        // Neither is made by the unpacker, and all users of the cache must get through.
        layout.MakeDirectory(directory);
        FileTree.MakeShared(root);
        UnpackRequest unpack = new(request.Component, archives.PathOf(request.Archive), request.Recipe, limits, request.Location);
        return (root, await Unpacker.UnpackAsync(unpack, root, processes, log, cancellation));
    }

    private void Publish(
        TreeRequest[] requests, string staging, IReadOnlyList<TreeManifest> manifests, WriteBehind disk, CancellationToken cancellation)
    {
        Workers.For(requests.Length, i => manifests[i].Write(Path.Combine(staging, DigestOf(requests[i]), "manifest")), cancellation);

        // Once for all of them: a tree must be durable before its name appears.
        disk.Sync();
        foreach (TreeRequest request in requests)
        {
            string digest = DigestOf(request);
            if (FileStatus.Of(Path.Combine(layout.Trees, digest)) is not null)
            {
                SetAside(digest, "its manifest is missing");
            }

            Posix.Rename(Path.Combine(staging, digest), Path.Combine(layout.Trees, digest));
        }

        Posix.SyncDirectory(layout.Trees);
    }

    // A build can be killed between its last rename and the deletion of what it staged in; nobody has to wait for such a thing to go.
    private void DeleteLeftoversIfIdle()
    {
        if (!Directory.Exists(layout.Trees) || !Directory.EnumerateDirectories(layout.Trees, StagingPrefix + "*").Any())
        {
            return;
        }

        try
        {
            using FileLock? held = FileLock.TryAcquire(LockPath, "removing leftovers");
            if (held is not null)
            {
                DeleteLeftovers();
            }
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException { HResult: Posix.EACCES or Posix.EROFS })
        {
            log.Detail($"Left to whoever may write to the cache: {failure.Message}");
        }
    }

    private void DeleteLeftovers()
    {
        foreach (string leftover in Directory.EnumerateDirectories(layout.Trees, StagingPrefix + "*"))
        {
            log.Detail($"Removing what an interrupted build left: {leftover}");
            FileTree.DeleteIfAllowed(leftover, log);
        }
    }
}
