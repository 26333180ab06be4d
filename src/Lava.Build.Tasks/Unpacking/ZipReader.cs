using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Lava.Build.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Unpacking;

/// <summary>
/// Reads ZIP, strictly; .NET's inflater does the decompression. ZipArchive is not used because it hides where local headers are,
/// without which they cannot be compared with the directory.
/// </summary>
internal sealed class ZipReader : IArchiveReader
{
    /// <summary>A reader that does not start at the directory takes such bytes for members.</summary>
    internal const string Hidden = "it has bytes that belong to none of its members";

    private const uint LocalSignature = 0x04034b50;
    private const uint DescriptorSignature = 0x08074b50;
    private const int LocalSize = 30;
    private const int ShortTexts = 512;
    private const int EncryptionFlags = 0x2041;
    private const int DescriptorFlag = 8;
    private const int Stored = 0;
    private const int Deflated = 8;
    private const int LinkTargetLimit = 4096;

    private const int TypeMask = 0xF000;
    private const int TypeFifo = 0x1000;
    private const int TypeCharacterDevice = 0x2000;
    private const int TypeDirectory = 0x4000;
    private const int TypeBlockDevice = 0x6000;
    private const int TypeFile = 0x8000;
    private const int TypeLink = 0xA000;
    private const int TypeSocket = 0xC000;

    private readonly FileWindow _window;
    private readonly ArchiveFaults _faults;
    private readonly ZipDirectory _directory;
    private readonly List<ZipRecord> _records;
    private int _next;
    private ZipRecord? _current;
    private Stream? _content;
    private FileSlice? _packed;
    private long _left;
    private uint _crc;

    /// <summary>Reads the directory.</summary>
    /// <exception cref="LavaException">It is malformed (LAVA3001), or a name is no UTF-8 (LAVA3005).</exception>
    internal ZipReader(SafeFileHandle file, ArchiveFaults faults)
    {
        _window = new FileWindow(file);
        _faults = faults;
        _directory = new ZipDirectory(file, _window, faults);
        _records = _directory.Read();
    }

    public ArchiveMember? Next(CancellationToken cancellation)
    {
        _content?.Dispose();
        _content = null;
        if (_next == _records.Count)
        {
            return null;
        }

        ZipRecord record = _current = _records[_next++];
        CheckReadable(record);
        OpenContent(record);
        (MemberKind kind, string? oddity) = Kind(record);
        if (kind == MemberKind.Directory)
        {
            if (record.Size != 0)
            {
                throw Lies(record, "a directory has none");
            }

            // Nobody else looks.
            Read([], cancellation);
        }

        return new ArchiveMember(
            record.Name,
            kind,
            record.Size,
            (record.UnixMode & 0b001_001_001) != 0,
            record.ModifiedSeconds,
            kind == MemberKind.Link ? ReadTarget(record, cancellation) : null,
            oddity);
    }

    public int Read(Span<byte> buffer, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        ZipRecord record = _current!;
        int wanted = (int)Math.Min(buffer.Length, _left);
        int count;
        try
        {
            count = _content!.ReadAtLeast(buffer[..wanted], wanted, throwOnEndOfStream: false);
            _crc = Crc32.Append(_crc, buffer[..count]);
            _left -= count;
            if (count < wanted || (_left == 0 && _content.ReadByte() >= 0))
            {
                throw Lies(record, $"it should have {record.Size} bytes, and has {(count < wanted ? "fewer" : "more")}");
            }

            if (_left == 0 && !_packed!.IsRead)
            {
                throw Lies(record, "it ends before the last of its bytes in the archive");
            }
        }
        catch (InvalidDataException failure)
        {
            throw _faults.Rejected(Strings.MemberContentLies, record.Name, "it cannot be inflated").ToException(failure);
        }

        return _left > 0 || _crc == record.Crc
            ? count
            : throw Lies(record, $"its CRC-32 should be {record.Crc:x8}, and is {_crc:x8}");
    }

    public void Dispose()
    {
        _content?.Dispose();
        _window.Dispose();
    }

    private static (MemberKind Kind, string? Oddity) Kind(ZipRecord record)
    {
        bool slash = record.Name.EndsWith('/');
        return (record.UnixMode & TypeMask) switch
        {
            0 or TypeFile => (slash ? MemberKind.Directory : MemberKind.File, null),
            TypeDirectory => slash ? (MemberKind.Directory, null) : (MemberKind.Unknown, "a directory whose name does not end with '/'"),
            TypeLink => (MemberKind.Link, null),
            TypeFifo => (MemberKind.Special, "a FIFO"),
            TypeCharacterDevice => (MemberKind.Special, "a character device"),
            TypeBlockDevice => (MemberKind.Special, "a block device"),
            TypeSocket => (MemberKind.Special, "a socket"),
            _ => (MemberKind.Unknown, "of a type that Unix does not know"),
        };
    }

    private void CheckReadable(ZipRecord record)
    {
        if ((record.Flags & EncryptionFlags) != 0)
        {
            throw _faults.Rejected(Strings.MemberUnreadable, record.Name, "it is encrypted").ToException();
        }

        if (record.Method is not (Stored or Deflated))
        {
            throw _faults.Rejected(Strings.MemberUnreadable, record.Name, $"it is compressed by method {record.Method}").ToException();
        }

        if (record.Method == Stored && record.Size != record.PackedSize)
        {
            throw Lies(record, "it is stored, and has two different sizes");
        }
    }

    private void OpenContent(ZipRecord record)
    {
        Span<byte> local = stackalloc byte[LocalSize];
        _directory.ReadAt(record.Offset, local);
        if (BinaryPrimitives.ReadUInt32LittleEndian(local) != LocalSignature)
        {
            throw _faults.Rejected(Strings.MemberHeadersDiffer, record.Name, "there is no header before its content").ToException();
        }

        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(local[26..]);
        int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
        int textsLength = nameLength + extraLength;
        Span<byte> texts = textsLength <= ShortTexts ? stackalloc byte[textsLength] : new byte[textsLength];
        _directory.ReadAt(record.Offset + LocalSize, texts);
        CompareHeaders(record, local, texts[..nameLength], texts[nameLength..]);
        long start = record.Offset + LocalSize + texts.Length;
        if (start > record.Boundary || record.PackedSize > record.Boundary - start)
        {
            throw _faults.Damaged("two of its members overlap").ToException();
        }

        CompareDescriptor(record, BinaryPrimitives.ReadUInt16LittleEndian(local[6..]), start + record.PackedSize);
        _packed = new FileSlice(_window, start, record.PackedSize);
        _content = record.Method == Stored ? _packed : new DeflateStream(_packed, CompressionMode.Decompress);
        _left = record.Size;
        _crc = 0;
    }

    private void CompareHeaders(ZipRecord record, ReadOnlySpan<byte> local, ReadOnlySpan<byte> name, ReadOnlySpan<byte> extra)
    {
        if (!name.SequenceEqual(record.RawName))
        {
            throw Differs(record, $"the name before its content is '{ArchiveFaults.Printable(Encoding.UTF8.GetString(name))}'");
        }

        if (ZipExtra.FindAmbiguity(extra, name) is { } ambiguity)
        {
            throw Differs(record, ambiguity);
        }

        int flags = BinaryPrimitives.ReadUInt16LittleEndian(local[6..]);
        if (BinaryPrimitives.ReadUInt16LittleEndian(local[8..]) != record.Method || (flags & EncryptionFlags) != 0)
        {
            throw Differs(record, "the method before its content is another");
        }

        long packed = BinaryPrimitives.ReadUInt32LittleEndian(local[18..]);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(local[22..]);
        if (ZipExtra.Find(extra, ZipExtra.Wide) is { Length: >= 16 } wide)
        {
            size = size == ZipDirectory.Unknown32 ? BinaryPrimitives.ReadInt64LittleEndian(wide) : size;
            packed = packed == ZipDirectory.Unknown32 ? BinaryPrimitives.ReadInt64LittleEndian(wide[8..]) : packed;
        }

        // Written in one go: what was not known yet is 0, and follows the content.
        bool later = (flags & DescriptorFlag) != 0;
        if (!Fits(packed, record.PackedSize) || !Fits(size, record.Size))
        {
            throw Differs(record, "the size before its content is another");
        }

        if (!Fits(BinaryPrimitives.ReadUInt32LittleEndian(local[14..]), record.Crc))
        {
            throw Differs(record, "the CRC-32 before its content is another");
        }

        bool Fits(long local, long central) => local == central || (later && local == 0);
    }

    /// <summary>
    /// What follows the content is what a header announces, or nothing: a data descriptor (APPNOTE.TXT 4.3.9), with or without a
    /// signature, of 32 or 64 bits.
    /// </summary>
    private void CompareDescriptor(ZipRecord record, int localFlags, long start)
    {
        bool announced = ((localFlags | record.Flags) & DescriptorFlag) != 0;
        long length = record.Boundary - start;
        if (length == 0 && ((localFlags & DescriptorFlag) == 0 || record.PackedSize == 0))
        {
            // Some writers announce one for directories too, and write none; others for all in the directory only.
            return;
        }

        if (!announced)
        {
            throw _faults.Damaged(Hidden).ToException();
        }

        Span<byte> bytes = stackalloc byte[length is 12 or 16 or 20 or 24 ? (int)length : 0];
        _directory.ReadAt(start, bytes);
        if (bytes.Length is 16 or 24)
        {
            bytes = BinaryPrimitives.ReadUInt32LittleEndian(bytes) == DescriptorSignature ? bytes[4..] : [];
        }

        (long packed, long size) = bytes.Length switch
        {
            12 => (BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..])),
            20 => (BinaryPrimitives.ReadInt64LittleEndian(bytes[4..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[12..])),
            _ => (-1, -1),
        };
        if (packed != record.PackedSize || size != record.Size || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != record.Crc)
        {
            throw Differs(record, "its CRC-32 and sizes are announced behind its content, and are not there or are others");
        }
    }

    private string ReadTarget(ZipRecord record, CancellationToken cancellation)
    {
        if (record.Size > LinkTargetLimit)
        {
            throw _faults.Rejected(Strings.MemberNameTooLong, record.Name, $"its link target is longer than {LinkTargetLimit - 1} bytes")
                .ToException();
        }

        byte[] target = new byte[record.Size];
        Read(target, cancellation);
        return ArchiveText.TryDecode(target, out string? text)
            ? text
            : throw _faults.Rejected(Strings.MemberTextBad, record.Name, "its link target is not valid UTF-8").ToException();
    }

    private LavaException Differs(ZipRecord record, string what) =>
        _faults.Rejected(Strings.MemberHeadersDiffer, record.Name, what).ToException();

    private LavaException Lies(ZipRecord record, string what) =>
        _faults.Rejected(Strings.MemberContentLies, record.Name, what).ToException();
}
