namespace Lava.Build.Platform;

/// <summary>
/// Lets the disk write what stands in a staging directory while the processors make more of it. It spares time only: whoever publishes
/// something syncs once more, and finds little left to write.
/// </summary>
internal sealed class WriteBehind(string directory) : IAsyncDisposable
{
    private readonly List<Task> _syncs = [];

    /// <summary>Begins to write what stands there by now. May be called by any thread.</summary>
    internal void Begin()
    {
        lock (_syncs)
        {
            try
            {
                _syncs.Add(Workers.Begin(() =>
                {
                    Posix.SyncFileSystem(directory);
                    return true;
                }));
            }
            catch (TaskSchedulerException)
            {
                // The host lets this user have no more threads.
            }
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

    /// <summary>Waits, and passes over what the disk says: the caller has failed already, or heard it by <see cref="EndAsync"/>.</summary>
    public async ValueTask DisposeAsync() => await EndAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
