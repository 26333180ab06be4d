using System.Buffers;
using System.Security.Cryptography;
using Lava.Build.Platform;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Unpacking;

/// <summary>
/// Writes a tree into a fresh, private directory. Knows nothing of what is allowed: it is given only paths whose parents it has
/// made itself as directories. Nothing is synced.
/// </summary>
internal sealed class TreeWriter(OpenedDirectory root) : IDisposable
{
    /// <summary>Linux reads no longer first line than this (BINPRM_BUF_SIZE), other programs do; longer ones are no script's.</summary>
    private const int InterpreterLimit = 4096;

    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(ForwardInput.BufferSize);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Modes that the umask was seen to leave alone.</summary>
    private readonly HashSet<UnixFileMode> _plainModes = [];

    /// <summary>The nearest time that every file system can hold: 1970 to 2038.</summary>
    internal static long StorableTime(long modifiedSeconds) => Math.Clamp(modifiedSeconds, 0, int.MaxValue);

    /// <summary>Makes a directory. Its time is set by <see cref="SetDirectoryTime"/> once nothing is put into it any more.</summary>
    internal void WriteDirectory(string path)
    {
        root.MakeDirectory(path, TreeModes.Directory);
        if (!_plainModes.Contains(TreeModes.Directory) && !IsPlain(TreeModes.Directory, root.StatusOf(path).Mode))
        {
            root.SetMode(path, TreeModes.Directory);
        }
    }

    /// <summary>Sets a directory's modification time.</summary>
    internal void SetDirectoryTime(string path, long modifiedSeconds) => root.SetModified(path, modifiedSeconds);

    /// <summary>Makes a symlink, its text exactly as given.</summary>
    internal void WriteLink(string path, string target, long modifiedSeconds)
    {
        root.SymbolicLink(target, path);
        root.SetModified(path, modifiedSeconds);
    }

    /// <summary>Makes <paramref name="path"/> another name of a file of this tree, or a copy where the file system has no such thing.</summary>
    internal void WriteHardLink(string existing, string path)
    {
        switch (root.TryHardLink(existing, root, path))
        {
            case 0:
                break;
            case Posix.EMLINK or Posix.EPERM or Posix.EOPNOTSUPP:
                File.Copy(root.Full(existing), root.Full(path));
                break;
            case int error:
                throw Posix.Failure(error, root.Full(path));
        }
    }

    /// <summary>Makes a file of the reader's current content, hashing it as it is written.</summary>
    /// <returns>Its entry, with all that can be known of its content.</returns>
    internal TreeEntry WriteFile(
        string path, ArchiveMember member, IArchiveReader reader, UnpackMeter meter, CancellationToken cancellation)
    {
        UnixFileMode mode = member.Executable ? TreeModes.Program : TreeModes.File;
        // Reading is for the ELF reader, which may have to look behind what the buffer holds.
        using SafeFileHandle handle = root.CreateFile(path, mode);
        Span<byte> buffer = _buffer.AsSpan(0, ForwardInput.BufferSize);
        string? interpreter = null;
        bool elf = false;
        long size = 0;
        int count;
        do
        {
            count = reader.Read(buffer, cancellation);
            meter.CountContent(count);
            if (size == 0)
            {
                interpreter = Interpreter(buffer[..count]);
                elf = buffer[..count].StartsWith(ElfReader.Magic);
            }

            root.Write(handle, buffer[..count], path);
            _hash.AppendData(buffer[..count]);
            size += count;
        }
        while (count == buffer.Length);

        if (!_plainModes.Contains(mode) && !IsPlain(mode, File.GetUnixFileMode(handle)))
        {
            File.SetUnixFileMode(handle, mode);
        }

        root.SetModified(handle, member.ModifiedSeconds, path);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.GetHashAndReset(digest);
        return new TreeEntry(path, EntryKind.File, member.Executable, size, member.ModifiedSeconds, Convert.ToHexStringLower(digest))
        {
            Interpreter = interpreter,
            Elf = elf ? ElfReader.Read(handle) : null,
        };
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _hash.Dispose();
    }

    /// <summary>The rest of a first line that starts with <c>#!</c>, trimmed; null if there is none, or it is no text.</summary>
    internal static string? Interpreter(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("#!"u8))
        {
            return null;
        }

        ReadOnlySpan<byte> line = head[2..];
        int end = line.IndexOf((byte)'\n');
        line = end < 0 ? line : line[..end];
        if (line.Length > InterpreterLimit || !ArchiveText.TryDecode(line, out string? text))
        {
            return null;
        }

        // A tab separates arguments just as a blank does, and would be taken for the end of a column in a manifest.
        text = text.Replace('\t', ' ').Trim();
        return ArchiveText.HasControl(text) ? null : text;
    }

    /// <summary>Whether the umask takes nothing from a mode; later things of that mode need no look then.</summary>
    private bool IsPlain(UnixFileMode wanted, UnixFileMode actual)
    {
        if (actual != wanted)
        {
            return false;
        }

        _plainModes.Add(wanted);
        return true;
    }
}
