using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Platform;

/// <summary>
/// An exclusive lock between processes: flock(2) on a file that also says who holds it. The kernel gives it back when the
/// holder ends, however it ends, so there are no stale locks.
/// </summary>
public sealed class FileLock : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private const int PollsForHolder = 4;
    private readonly SafeFileHandle _handle;

    private FileLock(SafeFileHandle handle) => _handle = handle;

    /// <summary>Takes the lock, waiting as long as another process has it.</summary>
    /// <param name="path">The lock file; made if missing, never deleted.</param>
    /// <param name="purpose">What the lock is taken for, for those who wait: one line.</param>
    /// <param name="onWait">Called once, with the holder's own words, if it has to wait.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public static async Task<FileLock> AcquireAsync(
        string path, string purpose, Action<string> onWait, CancellationToken cancellation)
    {
        SafeFileHandle handle = Posix.OpenWithoutLock(path);
        try
        {
            bool told = false;
            for (int polls = 0; !Posix.TryLock(handle, path); polls++)
            {
                // Whoever has just taken the lock needs a moment to say so; another program may never say anything.
                string holder = told ? "" : ReadHolder(handle);
                if (!told && (holder.Length > 0 || polls == PollsForHolder))
                {
                    onWait(holder.Length > 0 ? holder : "an unknown process");
                    told = true;
                }

                // flock(2) cannot be awaited, and a blocked thread could not be cancelled.
                await Task.Delay(PollInterval, cancellation);
            }

            WriteHolder(handle, purpose);
            return new FileLock(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Takes the lock, or returns null where that needs waiting.</summary>
    public static FileLock? TryAcquire(string path, string purpose)
    {
        SafeFileHandle handle = Posix.OpenWithoutLock(path);
        try
        {
            if (Posix.TryLock(handle, path))
            {
                WriteHolder(handle, purpose);
                return new FileLock(handle);
            }
        }
        catch
        {
            handle.Dispose();
            throw;
        }

        handle.Dispose();
        return null;
    }

    /// <summary>Gives the lock back.</summary>
    public void Dispose() => _handle.Dispose();

    private static string ReadHolder(SafeFileHandle handle)
    {
        byte[] buffer = new byte[1024];
        int length = RandomAccess.Read(handle, buffer, 0);
        return Encoding.UTF8.GetString(buffer, 0, length).Trim();
    }

    private static void WriteHolder(SafeFileHandle handle, string purpose)
    {
        string holder = string.Create(
            CultureInfo.InvariantCulture,
            $"{purpose}, process {Environment.ProcessId} of {Environment.UserName} on {Environment.MachineName}, since {DateTime.UtcNow:yyyy-MM-ddTHH:mm:ssZ}\n");
        RandomAccess.SetLength(handle, 0);
        RandomAccess.Write(handle, Encoding.UTF8.GetBytes(holder), 0);
    }
}
