using Lava.Build.Cache;
using Lava.Build.Components;
using Lava.Build.Platform;
using Lava.Build.Python;
using Lava.Build.Releases;
using Lava.Build.Sources;
using Lava.Build.Unpacking;

namespace Lava.Build.Tasks;

/// <summary>A task that works with unpacked components.</summary>
public abstract class TreeTask : SourceTask
{
    private static readonly UnpackLimits DefaultLimits = new();

    /// <summary>The host's Python (<c>LavaPython</c>): a path, or a name to look for in PATH.</summary>
    public string Python { get; set; } = "";

    /// <summary>How many entries one archive may have (<c>LavaMaxEntries</c>).</summary>
    public long MaxEntries { get; set; } = DefaultLimits.Entries;

    /// <summary>How many bytes one archive may unpack to (<c>LavaMaxUnpackedBytes</c>).</summary>
    public long MaxUnpackedBytes { get; set; } = DefaultLimits.Bytes;

    /// <summary>How many times larger than itself an archive may unpack to (<c>LavaMaxRatio</c>).</summary>
    public long MaxRatio { get; set; } = DefaultLimits.Ratio;

    /// <summary>The instance's store; what stands there is not needed in the cache.</summary>
    public string StoreRoot { get; set; } = "";

    /// <summary>The trees of the lock file's components.</summary>
    private protected IReadOnlyList<WantedTree> WantedTrees(TreeCache trees)
    {
        string store = Absolute(StoreRoot);
        List<WantedTree> wanted = [];
        foreach (PinnedComponent component in ComponentFetcher.Pinned(ReadDescription().References, Absolute(LockFile), Architecture))
        {
            if (ComponentFetcher.TreeFor(component) is { } request)
            {
                string digest = trees.DigestOf(request);
                string name = StoreTree.Name(component.Pin, digest);
                bool stands = trees.Contains(request) || File.Exists(Path.Combine(store, name, StoreTree.ManifestName));
                wanted.Add(new WantedTree(component, request, digest, name, stands));
            }
        }

        return wanted;
    }

    /// <summary>
    /// Looks at every byte of wanted trees and their archives, and sets those of the cache aside that are damaged. One of the store stays
    /// for the build to replace; here it only counts as missing.
    /// </summary>
    private protected IReadOnlyList<WantedTree> VerifyTrees(TreeCache cache, IReadOnlyList<WantedTree> trees, CancellationToken cancellation)
    {
        string store = Absolute(StoreRoot);
        string?[] whole = new string?[trees.Count];
        Workers.For(
            trees.Count,
            i =>
            {
                string root = Path.Combine(store, trees[i].StoreName);
                TreeInspection inspection = TreeInspection.Inspect(
                    root, Path.Combine(root, StoreTree.ManifestName), InspectionDepth.Content, null, cancellation);
                whole[i] = inspection.Difference is null ? root : null;
            },
            cancellation);
        Dictionary<string, string?> twins = trees.Zip(whole).DistinctBy(pair => pair.First.Digest).ToDictionary(pair => pair.First.Digest, pair => pair.Second);
        TreeRequest[] requests = [.. trees.Select(tree => tree.Request)];
        cache.SetDamagedArchivesAside(requests, cancellation);
        cache.SetDamagedAside(requests, request => twins[cache.DigestOf(request)], cancellation);
        return [.. trees.Select((tree, i) => tree with { Stands = whole[i] is not null || cache.Contains(tree.Request) })];
    }

    /// <summary>The host's Python, or null if it has none.</summary>
    private protected async Task<PythonInterpreter?> FindPythonAsync(CancellationToken cancellation)
    {
        HostEnvironment host = Host;
        PythonRecord record = new(Cache.State("python"));
        return Python.Length == 0 ? null : await PythonInterpreter.FindAsync(Python, record, new ProcessRunner(host), host, cancellation);
    }

    /// <summary>The cache's trees.</summary>
    private protected async Task<TreeCache> MakeTreesAsync(CancellationToken cancellation) =>
        MakeTrees(await FindPythonAsync(cancellation));

    /// <summary>The cache's trees, compiled for <paramref name="python"/>.</summary>
    private protected TreeCache MakeTrees(PythonInterpreter? python) => new(
        Cache,
        new ArchiveCache(Cache, BuildLog),
        python,
        new UnpackLimits(MaxEntries, MaxUnpackedBytes, MaxRatio),
        new ProcessRunner(Host),
        BuildLog);
}

/// <summary>A component's tree, and whether it stands in the cache or the store already.</summary>
internal sealed record WantedTree(PinnedComponent Component, TreeRequest Request, string Digest, string StoreName, bool Stands);
