using Lava.Build.Cache;
using Lava.Build.Components;
using Lava.Build.Sources;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Lava.Build.Tasks;

/// <summary>Unpacks the archives of the lock file's components into the cache, under the one policy for hostile input.</summary>
[MSBuildMultiThreadableTask]
public sealed class UnpackLavaComponents : TreeTask
{
    /// <summary>One file of each unpacked component that exists exactly as long as its tree does.</summary>
    [Output]
    public ITaskItem[] Trees { get; private set; } = [];

    /// <inheritdoc/>
    protected override async System.Threading.Tasks.Task RunAsync(CancellationToken cancellation)
    {
        IReadOnlyList<PinnedComponent> components = ComponentFetcher.Pinned(ReadDescription().References, Absolute(LockFile), Architecture);
        TreeCache trees = await MakeTreesAsync(cancellation);
        TreeRequest[] requests = [.. components.Select(ComponentFetcher.TreeFor).OfType<TreeRequest>()];
        await trees.EnsureAsync(requests, cancellation);
        Trees = [.. requests.Select(request => new TaskItem(trees.ManifestPath(trees.DigestOf(request))))];
    }
}
