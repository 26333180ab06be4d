using Lava.Build.Cache;
using Lava.Build.Components;
using Lava.Build.Sources;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Puts the archives into the cache that are needed for trees which stand nowhere. Besides resolving, the only task that opens sockets.</summary>
[MSBuildMultiThreadableTask]
public sealed class FetchLavaComponents : TreeTask
{
    /// <summary>Whether every byte of what the cache and the store have is looked at first (<c>--force</c>).</summary>
    public bool Verify { get; set; }

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        SourceContexts contexts = await MakeContextsAsync(cancellation);
        TreeCache cache = await MakeTreesAsync(cancellation);
        IReadOnlyList<WantedTree> trees = WantedTrees(cache);
        if (Verify)
        {
            trees = VerifyTrees(cache, trees, cancellation);
        }

        PinnedComponent[] missing = [.. trees.Where(tree => !tree.Stands).Select(tree => tree.Component)];
        await ComponentFetcher.FetchAsync(missing, contexts, cancellation);
    }
}
