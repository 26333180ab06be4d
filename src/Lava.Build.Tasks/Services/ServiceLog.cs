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
    private long _nextCopy;
    private bool _failed;

    /// <summary>Opens or makes the log.</summary>
    /// <param name="path">Its absolute path; the directory must exist.</param>
    /// <param name="user">Whose directory it is in, where that is not the caller's: only what that user may do is done there.</param>
    /// <param name="onFailure">Told once if it cannot be written.</param>
    /// <param name="limit">Bytes after which a new file is begun.</param>
    internal ServiceLog(string path, RunAs? user, Action<Exception> onFailure, long limit = DefaultLimit)
    {
        Path = path;
        _user = user;
        _onFailure = onFailure;
        _limit = limit;
        _nextCopy = limit;
        Try(Open);
    }

    /// <summary>The file that is written now.</summary>
    internal string Path { get; }

    /// <summary>How many bytes it has.</summary>
    internal long Length
    {
        get
        {
            using SafeFileHandle? file = OpenForReading();
            return file is null ? 0 : FileStatus.Of(file).Size;
        }
    }

    /// <summary>Appends a line.</summary>
    internal void Write(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line + "\n");
        lock (_gate)
        {
            if (_file is not null && _size > 0 && _size + bytes.Length > _limit)
            {
                // Where that fails the log goes on, larger than it should be.
                Try(Rotate);
            }

            Try(() =>
            {
                if (_file is null)
                {
                    Open();
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
                using SafeFileHandle? file = ForeignFile.Open(Path);
                FileStatus full = file is null ? default : FileStatus.Of(file);
                if (file is null || full.Size <= _nextCopy)
                {
                    return;
                }

                // A full disk has no room for a copy, and is not to be tried all the time.
                _nextCopy = full.Size + _limit;
                Copy(file);
                using SafeFileHandle emptied = Posix.OpenForAppend(Path, AtomicFile.PublicMode);
                if (FileStatus.Of(emptied).IsSameFile(full))
                {
                    RandomAccess.SetLength(emptied, 0);
                }

                _nextCopy = _limit;
            });
        }
    }

    /// <summary>The log opened for a program that writes to it by itself, and needs no rights of its own for that; null if that cannot be done.</summary>
    internal SafeFileHandle? OpenForProgram()
    {
        SafeFileHandle? handle = null;
        Try(() =>
        {
            using FileIdentity identity = FileIdentity.Of(_user);
            handle = OpenFile();
        });
        return handle;
    }

    /// <summary>The log opened for reading what programs write to it by themselves; null if there is none.</summary>
    internal SafeFileHandle? OpenForReading()
    {
        SafeFileHandle? handle = null;
        Try(() =>
        {
            using FileIdentity identity = FileIdentity.Of(_user);
            handle = ForeignFile.Open(Path);
        });
        return handle;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            Close();
        }
    }

    private void Open()
    {
        using FileIdentity identity = FileIdentity.Of(_user);
        _file = OpenFile();
        _size = FileStatus.Of(_file).Size;
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    private SafeFileHandle OpenFile()
    {
        try
        {
            return Posix.OpenForAppend(Path, AtomicFile.PublicMode);
        }
        catch (IOException failure) when (failure.HResult == Posix.EACCES && FileStatus.Of(Path) is { Kind: FileKind.File })
        {
            // It is from when the service ran as another user.
            ShiftOld();
            Posix.Rename(Path, Old(1));
            return Posix.OpenForAppend(Path, AtomicFile.PublicMode);
        }
    }

    private void Rotate()
    {
        using FileIdentity identity = FileIdentity.Of(_user);
        FileStatus own = FileStatus.Of(_file!);
        Close();
        // Somebody may have moved or deleted it.
        if (FileStatus.Of(Path) is { } standing && standing.IsSameFile(own))
        {
            ShiftOld();
            Posix.Rename(Path, Old(1));
        }
    }

    private void Copy(SafeFileHandle file)
    {
        string copy = $"{Path}.new";
        File.Delete(copy);
        try
        {
            using (FileStream from = new(file, FileAccess.Read, bufferSize: 0))
            using (FileStream to = new(Posix.CreateFile(copy, AtomicFile.PublicMode), FileAccess.Write, bufferSize: 0))
            {
                from.CopyTo(to);
            }

            ShiftOld();
            Posix.Rename(copy, Old(1));
        }
        catch
        {
            File.Delete(copy);
            throw;
        }
    }

    // Only as far as there is no gap: what fails here and is tried again must not push out one old file after the other.
    private void ShiftOld()
    {
        int free = 1;
        while (free < Kept && FileStatus.Of(Old(free)) is not null)
        {
            free++;
        }

        for (int number = free - 1; number >= 1; number--)
        {
            Posix.Rename(Old(number), Old(number + 1));
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
