using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Cache;

/// <summary>
/// Builds share a lock of the cache as long as they work with it, and a prune takes it alone. Whoever cannot take it goes on without:
/// what is pruned meanwhile is made again.
/// </summary>
public static class CacheUse
{
    /// <summary>The name of the lock among those of the cache.</summary>
    internal const string LockName = "use";

    /// <summary>Lets no prune begin until the lock is given back; waits for one that is at it.</summary>
    /// <returns>The lock; null where there is no cache yet, or this user may not write in it.</returns>
    public static async Task<FileLock?> BeginAsync(CacheLayout layout, IBuildLog log, CancellationToken cancellation)
    {
        if (!Directory.Exists(layout.Locks))
        {
            return null;
        }

        try
        {
            return await FileLock.AcquireSharedAsync(
                PathIn(layout), holder => log.Say($"Waiting for the cache {layout.Root} ({holder})"), cancellation);
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException)
        {
            log.Detail($"The use of the cache is not told to others: {failure.Message}");
            return null;
        }
    }

    /// <summary>Takes the cache alone, or returns null if builds use it.</summary>
    internal static FileLock? TryBeginAlone(CacheLayout layout, string purpose) => FileLock.TryAcquire(PathIn(layout), purpose);

    private static string PathIn(CacheLayout layout) => Path.Combine(layout.Locks, LockName);
}
