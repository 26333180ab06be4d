using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Instances;

/// <summary>Lets one process at a time change an instance.</summary>
public static class InstanceLock
{
    /// <summary>Takes the lock; says for whom it waits.</summary>
    /// <param name="layout">The instance; its code directory is made if missing.</param>
    /// <param name="purpose">What for, in a word or two, for those who wait.</param>
    /// <param name="log">Where the waiting is told.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public static Task<FileLock> AcquireAsync(InstanceLayout layout, string purpose, IBuildLog log, CancellationToken cancellation)
    {
        // What is below is for other users' services to read, whatever the umask; the instance's own directory is as private as that.
        Directory.CreateDirectory(layout.Root);
        FileTree.MakeShared(layout.Code);
        return FileLock.AcquireAsync(
            layout.Lock, purpose, holder => log.Say($"Waiting for the instance {layout.Root} ({holder})"), cancellation);
    }
}
