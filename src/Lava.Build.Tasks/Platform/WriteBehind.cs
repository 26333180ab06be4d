using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Platform;

/// <summary>
/// Lets the disk write what stands in a staging directory while the processors make more of it, so that the last sync, before anything
/// of it is published, finds little left to write.
/// </summary>
/// <remarks>The directory is opened at the beginning: Linux tells of a write that failed only those who had something open then.</remarks>
internal sealed class WriteBehind(string directory) : IAsyncDisposable
{
    private readonly SafeFileHandle _handle = Posix.OpenDirectoryAt(directory);
    private readonly List<Task> _syncs = [];

    /// <summary>Begins to write what stands there by now. May be called by any thread.</summary>
    internal void Begin()
    {
        lock (_syncs)
        {
            _syncs.Add(Workers.Begin(() =>
            {
                Sync();
                return true;
            }));
        }
    }

    /// <summary>Waits until all that was begun is done.</summary>
    /// <exception cref="IOException">The disk could not write.</exception>
    internal Task EndAsync()
    {
        lock (_syncs)
        {
            return Task.WhenAll(_syncs);
        }
    }

    /// <summary>Writes what stands there by now, and waits until that is done.</summary>
    /// <exception cref="IOException">The disk could not write, now or since the beginning.</exception>
    internal void Sync() => Posix.SyncFileSystem(_handle, directory);

    /// <summary>Waits, and passes over what the disk says: the caller has failed already, or heard it by <see cref="EndAsync"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _handle.Dispose();
    }
}
