using Lava.Build.Components;
using Lava.Build.Sources;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Puts the archives into the cache that are needed for trees which stand nowhere. Besides resolving, the only task that opens sockets.</summary>
[MSBuildMultiThreadableTask]
public sealed class FetchLavaComponents : TreeTask
{
    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        SourceContexts contexts = MakeContexts();
        IReadOnlyList<WantedTree> trees = WantedTrees(await MakeTreesAsync(cancellation));
        PinnedComponent[] missing = [.. trees.Where(tree => !tree.Stands).Select(tree => tree.Component)];
        await ComponentFetcher.FetchAsync(missing, contexts, cancellation);
    }
}
