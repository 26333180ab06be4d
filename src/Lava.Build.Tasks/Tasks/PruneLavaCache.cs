using System.Globalization;
using Lava.Build.Cache;
using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Removes from the cache what no build has used for some days.</summary>
[MSBuildMultiThreadableTask]
public sealed class PruneLavaCache : LavaTask
{
    private const int MostDays = 36_500;

    /// <summary>The cache's directory (<c>LavaCacheRoot</c>).</summary>
    [Required]
    public string CacheRoot { get; set; } = "";

    /// <summary>The days (<c>LavaCacheDays</c>); text, so that what is no number is told like all else.</summary>
    [Required]
    public string Days { get; set; } = "";

    /// <inheritdoc/>
    protected override Task RunAsync(CancellationToken cancellation)
    {
        LavaException.ThrowIfAny([.. PropertyChecks.CheckNumbers([("LavaCacheDays", Days, 0, MostDays)], ProjectFile)], BuildLog);
        CacheLayout layout = new(Absolute(CacheRoot));

        // The restore before this, in the same process, may use the cache until the build ends.
        CacheLease.Release(BuildEngine, layout);
        TimeSpan age = TimeSpan.FromDays(int.Parse(Days, CultureInfo.InvariantCulture));
        PruneOutcome outcome = new CachePruner(layout, BuildLog).Prune(age, cancellation);
        BuildLog.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"Removed {outcome.Archives} archives, {outcome.Trees} trees and {outcome.Others} other entries from {layout.Root}: {outcome.Bytes} bytes"));
        return Task.CompletedTask;
    }
}
