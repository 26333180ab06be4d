using System.Globalization;
using Lava.Build.Diagnostics;

namespace Lava.Build.Unpacking;

/// <summary>
/// Reads tar, strictly. System.Formats.Tar is not used because it takes headers with wrong checksums and archives without an
/// end, replaces bytes that are not UTF-8, and drops ustar's prefix from members that have a pax header.
/// </summary>
/// <param name="input">The uncompressed archive.</param>
/// <param name="meter">Is told of all that is not content.</param>
/// <param name="faults">Makes the problems.</param>
internal sealed class TarReader(ForwardInput input, UnpackMeter meter, ArchiveFaults faults) : IArchiveReader
{
    /// <summary>Names are at most 4096 bytes; what else pax may carry, such as access lists, has room in the rest.</summary>
    private const int MetadataLimit = 1 << 20;

    private readonly byte[] _block = new byte[TarHeader.BlockSize];
    private long _content;
    private long _padding;
    private PaxRecords? _global;

    public ArchiveMember? Next(CancellationToken cancellation)
    {
        // Not their sum: of a member that is passed over, nothing but the end of the archive limits what its header gives.
        PassOver(_content, cancellation);
        PassOver(_padding, cancellation);
        (_content, _padding) = (0, 0);
        PaxRecords? pax = null;
        byte[]? name = null;
        byte[]? target = null;
        while (true)
        {
            if (ReadHeader(cancellation) is not { } header)
            {
                return pax is null && name is null && target is null
                    ? Drain(cancellation)
                    : throw Damaged("it ends after an extended header");
            }

            switch ((char)header.Type)
            {
                case 'x' when pax is null:
                    pax = ReadPax(header, cancellation);
                    break;
                case 'g':
                    _global = ReadGlobal(header, cancellation);
                    break;
                case 'L' when name is null:
                    name = ReadLong(header, cancellation);
                    break;
                case 'K' when target is null:
                    target = ReadLong(header, cancellation);
                    break;
                default:
                    return Describe(header, pax, pax?.Name ?? name ?? header.Name, pax?.Target ?? target ?? header.Target);
            }
        }
    }

    public int Read(Span<byte> buffer, CancellationToken cancellation)
    {
        int wanted = (int)Math.Min(buffer.Length, _content);
        int count = input.Fill(buffer[..wanted], cancellation);
        _content -= count;
        return count == wanted ? count : throw Truncated();
    }

    public void Dispose() => input.Dispose();

    private ArchiveMember Describe(TarHeader header, PaxRecords? pax, byte[] rawName, byte[] rawTarget)
    {
        string name = Decode(rawName, rawName, "its name is not valid UTF-8");
        (MemberKind kind, string? oddity) = Kind(header.Type, name);
        long size = pax?.Size ?? header.Size;
        if (size != header.Size && size <= TarHeader.OctalLimit)
        {
            // There is a pax size for what the header has no room for. Where both fit, a reader of the one sees members in the content
            // of the other.
            throw faults.Rejected(Strings.MemberContentLies, name, $"its header gives {header.Size} bytes of content, and its pax header {size}")
                .ToException();
        }

        if (kind is MemberKind.File or MemberKind.Unknown)
        {
            SetContent(size);
        }
        else if (size != 0)
        {
            // Writers disagree on whether content follows then, so two readers would see two archives.
            throw faults.Rejected(Strings.MemberContentLies, name, $"its header gives {size} bytes of content, which its kind cannot have")
                .ToException();
        }

        if (pax?.Sparse == true)
        {
            (kind, oddity) = (MemberKind.Unknown, "a sparse file of GNU tar");
        }

        return new ArchiveMember(
            name,
            kind,
            kind == MemberKind.File ? size : 0,
            (header.Mode & 0b001_001_001) != 0,
            pax?.ModifiedSeconds ?? _global?.ModifiedSeconds ?? header.ModifiedSeconds,
            kind is MemberKind.Link or MemberKind.HardLink ? Decode(rawTarget, rawName, "its link target is not valid UTF-8") : null,
            oddity);
    }

    private static (MemberKind Kind, string? Oddity) Kind(byte type, string name) => (char)type switch
    {
        // V7 had no type for directories, only a slash at the end of the name.
        '0' when name.EndsWith('/') => (MemberKind.Directory, null),
        '0' or '7' => (MemberKind.File, null),
        '1' => (MemberKind.HardLink, null),
        '2' => (MemberKind.Link, null),
        '3' => (MemberKind.Special, "a character device"),
        '4' => (MemberKind.Special, "a block device"),
        '5' => (MemberKind.Directory, null),
        '6' => (MemberKind.Special, "a FIFO"),
        'S' => (MemberKind.Unknown, "a sparse file of GNU tar"),
        'M' => (MemberKind.Unknown, "a part of a file of another volume"),
        char other => (MemberKind.Unknown, string.Create(CultureInfo.InvariantCulture, $"tar type {ArchiveFaults.Printable(other.ToString())}")),
    };

    /// <summary>The next header, or null if a block of zeros says that there is none.</summary>
    private TarHeader? ReadHeader(CancellationToken cancellation)
    {
        int count = input.Fill(_block, cancellation);
        if (count < _block.Length)
        {
            throw count == 0 ? Damaged("it has no end-of-archive mark; it was probably cut off") : Truncated();
        }

        meter.CountOverhead(count);
        return _block.AsSpan().ContainsAnyExcept((byte)0)
            ? TarHeader.Parse(_block) ?? throw Damaged("a tar header in it is wrong")
            : null;
    }

    private PaxRecords ReadPax(TarHeader header, CancellationToken cancellation) =>
        PaxRecords.Parse(ReadMetadata(header, cancellation)) ?? throw Damaged("a pax header in it is malformed");

    private PaxRecords ReadGlobal(TarHeader header, CancellationToken cancellation)
    {
        PaxRecords records = ReadPax(header, cancellation);
        return records is { Name: null, Target: null, Size: null, Sparse: false }
            ? records
            : throw Damaged("a global pax header in it gives all members one name, target or size");
    }

    private byte[] ReadLong(TarHeader header, CancellationToken cancellation)
    {
        byte[] text = ReadMetadata(header, cancellation);
        return text.AsSpan().TrimEnd((byte)0).ToArray();
    }

    private byte[] ReadMetadata(TarHeader header, CancellationToken cancellation)
    {
        if (header.Size > MetadataLimit)
        {
            throw Damaged(string.Create(CultureInfo.InvariantCulture, $"an extended header in it claims {header.Size} bytes"));
        }

        byte[] metadata = new byte[header.Size];
        SetContent(header.Size);
        Read(metadata, cancellation);
        meter.CountOverhead(metadata.Length);
        PassOver(_padding, cancellation);
        (_content, _padding) = (0, 0);
        return metadata;
    }

    private void SetContent(long size) => (_content, _padding) = (size, -size & (TarHeader.BlockSize - 1));

    private void PassOver(long count, CancellationToken cancellation)
    {
        while (count > 0)
        {
            int step = (int)Math.Min(count, ForwardInput.BufferSize);
            meter.CountOverhead(step);
            if (input.Skip(step, cancellation) < step)
            {
                throw Truncated();
            }

            count -= step;
        }
    }

    /// <summary>Reads what follows the end, so that a decompressor can check its own end and finish.</summary>
    private ArchiveMember? Drain(CancellationToken cancellation)
    {
        long count;
        do
        {
            count = input.Skip(ForwardInput.BufferSize, cancellation);
            meter.CountOverhead(count);
        }
        while (count > 0);

        return null;
    }

    private string Decode(byte[] text, byte[] member, string why) =>
        ArchiveText.TryDecode(text, out string? decoded)
            ? decoded
            : throw faults.Rejected(Strings.MemberTextBad, System.Text.Encoding.UTF8.GetString(member), why).ToException();

    private LavaException Truncated() => Damaged("it was cut off in the middle of a member");

    private LavaException Damaged(string detail) => faults.Damaged(detail).ToException();
}
