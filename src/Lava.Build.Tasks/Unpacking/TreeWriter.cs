using System.Buffers;
using System.Security.Cryptography;
using Lava.Build.Platform;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Unpacking;

/// <summary>
/// Writes a tree into a fresh, private directory. Knows nothing of what is allowed: it is given only paths whose parents it has
/// made itself as directories. Nothing is synced.
/// </summary>
internal sealed class TreeWriter(string root) : IDisposable
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
        string full = Full(path);
        Posix.MakeDirectory(full, TreeModes.Directory);
        if (!_plainModes.Contains(TreeModes.Directory))
        {
            Settle(TreeModes.Directory, File.GetUnixFileMode(full), () => File.SetUnixFileMode(full, TreeModes.Directory));
        }
    }

    /// <summary>Sets a directory's modification time.</summary>
    internal void SetDirectoryTime(string path, long modifiedSeconds) => Posix.SetModified(Full(path), modifiedSeconds);

    /// <summary>Makes a symlink, its text exactly as given.</summary>
    internal void WriteLink(string path, string target, long modifiedSeconds)
    {
        string full = Full(path);
        Posix.SymbolicLink(target, full);
        Posix.SetModified(full, modifiedSeconds);
    }

    /// <summary>Makes <paramref name="path"/> another name of a file of this tree, or a copy where the file system has no such thing.</summary>
    internal void WriteHardLink(string existing, string path)
    {
        if (Posix.TryHardLink(Full(existing), Full(path)) != 0)
        {
            File.Copy(Full(existing), Full(path));
        }
    }

    /// <summary>Makes a file of the reader's current content, hashing it as it is written.</summary>
    /// <returns>Its entry, with all that can be known of its content.</returns>
    internal TreeEntry WriteFile(
        string path, ArchiveMember member, IArchiveReader reader, UnpackMeter meter, CancellationToken cancellation)
    {
        UnixFileMode mode = member.Executable ? TreeModes.Program : TreeModes.File;
        string full = Full(path);
        // Reading is for the ELF reader, which may have to look behind what the buffer holds.
        using SafeFileHandle handle = Posix.CreateFile(full, mode);
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

            Posix.Write(handle, buffer[..count], full);
            _hash.AppendData(buffer[..count]);
            size += count;
        }
        while (count == buffer.Length);

        if (!_plainModes.Contains(mode))
        {
            Settle(mode, File.GetUnixFileMode(handle), () => File.SetUnixFileMode(handle, mode));
        }

        Posix.SetModified(handle, member.ModifiedSeconds, full);
        return new TreeEntry(
            path, EntryKind.File, member.Executable, size, member.ModifiedSeconds, Convert.ToHexStringLower(_hash.GetHashAndReset()))
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

    /// <summary>Undoes what the umask took from a mode; if it took nothing, later things need no look.</summary>
    private void Settle(UnixFileMode wanted, UnixFileMode actual, Action set)
    {
        if (actual == wanted)
        {
            _plainModes.Add(wanted);
        }
        else
        {
            set();
        }
    }

    private string Full(string path) => $"{root}/{path}";
}
