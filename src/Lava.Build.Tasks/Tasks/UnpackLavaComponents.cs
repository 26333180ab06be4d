using Lava.Build.Cache;
using Lava.Build.Diagnostics;
using Lava.Build.Sources;
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

    private static bool IsMissing(string code) => Strings.ArchiveMissing.StartsWith(code, StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        TreeCache cache = await MakeTreesAsync(cancellation);
        IReadOnlyList<WantedTree> trees = WantedTrees(cache);
        WantedTree[] missing = [.. trees.Where(tree => !tree.Stands)];
        TreeRequest[] requests = [.. missing.Select(tree => tree.Request)];
        try
        {
            await cache.EnsureAsync(requests, cancellation);
        }
        catch (LavaException failure) when (failure.Problems.All(problem => IsMissing(problem.Code)))
        {
            // Only here their content is looked at: archives that turned out to be damaged were set aside.
            await ComponentFetcher.FetchAsync([.. missing.Select(tree => tree.Component)], MakeContexts(), cancellation);
            await cache.EnsureAsync(requests, cancellation);
        }

        Trees = [.. trees.Select(tree => $"{tree.Digest}/{tree.StoreName}")];
    }
}
