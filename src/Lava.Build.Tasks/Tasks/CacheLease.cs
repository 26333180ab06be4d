using Lava.Build.Cache;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>
/// Says from the first task that works with a cache to the end of the whole build that it is in use: what a restore brought there
/// must still be there when the build comes to it.
/// </summary>
internal static class CacheLease
{
    private static readonly SemaphoreSlim Gate = new(1, 1);

    /// <summary>Takes the lease if this build has not got it yet. An engine that keeps nothing for tasks does without.</summary>
    internal static async Task TakeAsync(IBuildEngine engine, CacheLayout layout, IBuildLog log, CancellationToken cancellation)
    {
        if (engine is not IBuildEngine4 keeper)
        {
            return;
        }

        await Gate.WaitAsync(cancellation);
        try
        {
            if (keeper.GetRegisteredTaskObject(Key(layout), RegisteredTaskObjectLifetime.Build) is null
                && await CacheUse.BeginAsync(layout, log, cancellation) is { } use)
            {
                // The engine disposes it.
                keeper.RegisterTaskObject(Key(layout), use, RegisteredTaskObjectLifetime.Build, allowEarlyCollection: false);
            }
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>Gives the lease back before the end of the build.</summary>
    internal static void Release(IBuildEngine engine, CacheLayout layout)
    {
        if (engine is IBuildEngine4 keeper && keeper.UnregisterTaskObject(Key(layout), RegisteredTaskObjectLifetime.Build) is FileLock use)
        {
            use.Dispose();
        }
    }

    private static string Key(CacheLayout layout) => $"Lava.Build: use of {layout.Root}";
}
