using System.Globalization;
using System.Text;
using Lava.Build.Platform;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Services;

/// <summary>
/// A log file of limited size: <c>name.log</c>, and before it <c>name.log.1</c> to <c>name.log.5</c>, the oldest last. May be used from
/// any thread. What cannot be written is dropped: a service goes on without its log.
/// </summary>
internal sealed class ServiceLog : IDisposable
{
    /// <summary>Bytes after which a new file is begun.</summary>
    internal const long DefaultLimit = 10 << 20;

    /// <summary>How many old files are kept.</summary>
    internal const int Kept = 5;

    private readonly Lock _gate = new();
    private readonly RunAs? _user;
    private readonly long _limit;
    private readonly Action<Exception> _onFailure;
    private SafeFileHandle? _file;
    private long _size;
    private bool _failed;

    /// <summary>Opens or makes the log.</summary>
    /// <param name="path">Its absolute path; the directory must exist.</param>
    /// <param name="user">Whose file it is, where that is not the caller.</param>
    /// <param name="onFailure">Told once if it cannot be written.</param>
    /// <param name="limit">Bytes after which a new file is begun.</param>
    internal ServiceLog(string path, RunAs? user, Action<Exception> onFailure, long limit = DefaultLimit)
    {
        Path = path;
        _user = user;
        _onFailure = onFailure;
        _limit = limit;
        Try(Open);
    }

    /// <summary>The file that is written now.</summary>
    internal string Path { get; }

    /// <summary>Appends a line.</summary>
    internal void Write(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line + "\n");
        lock (_gate)
        {
            Try(() =>
            {
                if (_file is null)
                {
                    Open();
                }
                else if (_size > 0 && _size + bytes.Length > _limit)
                {
                    Rotate();
                }

                Posix.Write(_file!, bytes, Path);
                _size += bytes.Length;
            });
        }
    }

    /// <summary>
    /// Begins anew what other processes write to by themselves, if it has grown over the limit: its content is copied, and the file is
    /// emptied. What is written in between is lost.
    /// </summary>
    internal void RotateInPlace()
    {
        lock (_gate)
        {
            Try(() =>
            {
                using FileIdentity identity = FileIdentity.Of(_user);
                if (FileStatus.Of(Path) is { } standing && standing.Size > _limit)
                {
                    ShiftOld();
                    File.Copy(Path, Old(1), overwrite: true);
                    using SafeFileHandle handle = Posix.OpenForAppend(Path, AtomicFile.PublicMode);
                    RandomAccess.SetLength(handle, 0);
                }
            });
        }
    }

    /// <summary>The log opened for a program that writes to it by itself; null if that cannot be done.</summary>
    internal SafeFileHandle? OpenForProgram()
    {
        SafeFileHandle? handle = null;
        Try(() =>
        {
            using FileIdentity identity = FileIdentity.Of(_user);
            handle = Posix.OpenForAppend(Path, AtomicFile.PublicMode);
        });
        return handle;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private void Open()
    {
        using FileIdentity identity = FileIdentity.Of(_user);
        _file = Posix.OpenForAppend(Path, AtomicFile.PublicMode);
        _size = FileStatus.Of(_file).Size;
    }

    private void Rotate()
    {
        using FileIdentity identity = FileIdentity.Of(_user);
        ShiftOld();
        Posix.Rename(Path, Old(1));
        _file!.Dispose();
        _file = null;
        _file = Posix.OpenForAppend(Path, AtomicFile.PublicMode);
        _size = 0;
    }

    private void ShiftOld()
    {
        for (int number = Kept - 1; number >= 1; number--)
        {
            if (File.Exists(Old(number)))
            {
                Posix.Rename(Old(number), Old(number + 1));
            }
        }
    }

    private string Old(int number) => $"{Path}.{number.ToString(CultureInfo.InvariantCulture)}";

    private void Try(Action work)
    {
        try
        {
            work();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            if (!_failed)
            {
                _failed = true;
                _onFailure(failure);
            }
        }
    }
}
