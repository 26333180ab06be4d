using Lava.Build.Cache;
using Lava.Build.Components;
using Lava.Build.Sources;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Puts the archives into the cache that are needed for trees which it lacks. The only task that opens sockets, beside resolving.</summary>
[MSBuildMultiThreadableTask]
public sealed class FetchLavaComponents : TreeTask
{
    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        IReadOnlyList<PinnedComponent> components = ComponentFetcher.Pinned(ReadDescription().References, Absolute(LockFile), Architecture);
        SourceContexts contexts = MakeContexts();
        TreeCache trees = await MakeTreesAsync(cancellation);
        PinnedComponent[] wanted =
        [
            .. components.Where(component => ComponentFetcher.TreeFor(component) is { } tree && !trees.Contains(tree)),
        ];
        await ComponentFetcher.FetchAsync(wanted, contexts, cancellation);
    }
}
