using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Platform;

/// <summary>
/// A lock between processes: flock(2) on a file that also says who holds it. The kernel gives it back when the holder ends,
/// however it ends, so there are no stale locks.
/// </summary>
public sealed class FileLock : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Longer than any process takes to give a lock that it has made its mode, with whole seconds rounded.</summary>
    private static readonly TimeSpan BeingMade = TimeSpan.FromSeconds(3);

    private const int PollsForHolder = 4;
    private readonly SafeFileHandle _handle;

    private FileLock(SafeFileHandle handle) => _handle = handle;

    /// <summary>Takes the lock, waiting as long as another process has it.</summary>
    /// <param name="path">The lock file; made if missing. Whoever deletes it lets nobody in beside the holder of the file that takes its place.</param>
    /// <param name="purpose">What the lock is taken for, for those who wait: one line.</param>
    /// <param name="onWait">Called once, with the holder's own words, if it has to wait.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public static Task<FileLock> AcquireAsync(string path, string purpose, Action<string> onWait, CancellationToken cancellation) =>
        WaitAsync(path, purpose, onWait, cancellation);

    /// <summary>Takes the lock together with others who take it so; one who wants it alone waits for all of them, and they for that one.</summary>
    public static Task<FileLock> AcquireSharedAsync(string path, Action<string> onWait, CancellationToken cancellation) =>
        WaitAsync(path, null, onWait, cancellation);

    /// <summary>Takes the lock, or returns null where that needs waiting.</summary>
    public static FileLock? TryAcquire(string path, string purpose)
    {
        SafeFileHandle handle = Open(path);
        try
        {
            if (Posix.TryLock(handle, path) && Stands(handle, path))
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

    /// <summary>What the holder of a lock says of itself, whether or not it still has it; null if nothing is known.</summary>
    internal static string? HolderOf(string path)
    {
        using SafeFileHandle? handle = Posix.OpenWithoutLock(path);
        return handle is not null && ReadHolder(handle) is { Length: > 0 } holder ? holder : null;
    }

    /// <summary>Gives the lock back.</summary>
    public void Dispose() => _handle.Dispose();

    private static async Task<FileLock> WaitAsync(string path, string? purpose, Action<string> onWait, CancellationToken cancellation)
    {
        bool told = false;
        while (true)
        {
            SafeFileHandle handle = Open(path);
            try
            {
                for (int polls = 0; !Posix.TryLock(handle, path, shared: purpose is null); polls++)
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

                if (Stands(handle, path))
                {
                    if (purpose is not null)
                    {
                        WriteHolder(handle, purpose);
                    }

                    return new FileLock(handle);
                }
            }
            catch
            {
                handle.Dispose();
                throw;
            }

            // The file was deleted meanwhile, and others may hold the one that took its place.
            handle.Dispose();
        }
    }

    // Never O_CREAT on a file that exists: in a sticky directory the kernel refuses that for another user's (fs.protected_regular).
    private static SafeFileHandle Open(string path)
    {
        bool settled = false;
        while (true)
        {
            try
            {
                if (Posix.OpenWithoutLock(path) is { } standing)
                {
                    return standing;
                }
            }
            catch (IOException failure) when (failure.HResult == Posix.EACCES && !settled)
            {
                // Once more if it has its mode now: it may have got it just after it was tried.
                settled = !IsBeingMade(path);
                Thread.Yield();
                continue;
            }

            if (Posix.CreateWithoutLock(path) is { } made)
            {
                File.SetUnixFileMode(made, ModeIn(Path.GetDirectoryName(path)!));
                return made;
            }

            if (new FileInfo(path).LinkTarget is not null)
            {
                throw new IOException($"{path}: a link that leads nowhere stands in the place of a lock", Posix.ENOENT);
            }
        }
    }

    // Another user's lock is closed to others for the instant between its creation and its mode.
    private static bool IsBeingMade(string path) =>
        ModeIn(Path.GetDirectoryName(path)!) != AtomicFile.PrivateMode
        && FileStatus.Of(path) is { Mode: AtomicFile.PrivateMode } made
        && (DateTime.UtcNow - DateTime.UnixEpoch.AddSeconds(made.ModifiedSeconds)).Duration() < BeingMade;

    // Whoever may make files there may take the lock, whatever the umask; nobody else, who could keep builds waiting.
    private static UnixFileMode ModeIn(string directory)
    {
        UnixFileMode there = File.GetUnixFileMode(directory);
        UnixFileMode mode = AtomicFile.PrivateMode;
        if ((there & UnixFileMode.GroupWrite) != 0)
        {
            mode |= UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        }

        return (there & UnixFileMode.OtherWrite) == 0 ? mode : mode | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
    }

    private static bool Stands(SafeFileHandle handle, string path) =>
        FileStatus.Of(path) is { } standing && standing.IsSameFile(FileStatus.Of(handle));

    private static string ReadHolder(SafeFileHandle handle)
    {
        if (FileStatus.Of(handle).Kind != FileKind.File)
        {
            // A pipe, say, that would never end.
            return "";
        }

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
