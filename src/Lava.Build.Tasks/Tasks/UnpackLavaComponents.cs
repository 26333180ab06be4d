using Lava.Build.Cache;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Unpacks the archives of the lock file's components into the cache, under the one policy for hostile input.</summary>
[MSBuildMultiThreadableTask]
public sealed class UnpackLavaComponents : TreeTask
{
    /// <summary>Each tree's digest in the cache, a slash, and its name in the store.</summary>
    /// <remarks>Not items: the <c>%3a</c> of an epoch, which is part of the name on disk, would become a colon.</remarks>
    [Output]
    public string[] Trees { get; private set; } = [];

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        await UseCacheAsync(cancellation);
        TreeCache cache = await MakeTreesAsync(cancellation);
        IReadOnlyList<WantedTree> trees = WantedTrees(cache);
        cache.MarkUsed(trees.Select(tree => tree.Request));
        await cache.EnsureAsync([.. trees.Where(tree => !tree.Stands).Select(tree => tree.Request)], cancellation);
        Trees = [.. trees.Select(tree => $"{tree.Digest}/{tree.StoreName}")];
    }
}
