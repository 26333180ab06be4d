using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Unpacking;

/// <summary>Reads the dynamic section of ELF files (System V gABI, chapters 4 and 5) of either class and byte order.</summary>
internal sealed class ElfReader
{
    private const int StringLimit = 4096;
    private const int SegmentCountLimit = 4096;
    private const int DynamicLimit = 1 << 20;

    /// <summary>Of the names of all libraries that a file needs, in characters; LibreOffice's need 3,000. Each may name the same long text.</summary>
    private const int NeededLimit = 1 << 16;

    private const uint SegmentLoad = 1;
    private const uint SegmentDynamic = 2;
    private const uint SegmentInterpreter = 3;

    private const ulong TagNull = 0;
    private const ulong TagNeeded = 1;
    private const ulong TagStringTable = 5;
    private const ulong TagName = 14;

    private readonly SafeFileHandle _file;
    private readonly bool _wide;
    private readonly bool _littleEndian;

    private ElfReader(SafeFileHandle file, bool wide, bool littleEndian)
    {
        _file = file;
        _wide = wide;
        _littleEndian = littleEndian;
    }

    /// <summary>What every ELF file starts with.</summary>
    internal static ReadOnlySpan<byte> Magic => "\u007fELF"u8;

    /// <summary>Reads the facts of an open file; null if it is not ELF or is malformed.</summary>
    internal static ElfFacts? Read(SafeFileHandle file)
    {
        Span<byte> identity = stackalloc byte[16];
        if (!TryFill(file, 0, identity) || !identity.StartsWith(Magic) || identity[4] is not (1 or 2) || identity[5] is not (1 or 2))
        {
            return null;
        }

        return new ElfReader(file, wide: identity[4] == 2, littleEndian: identity[5] == 1).Read();
    }

    private ElfFacts? Read()
    {
        Span<byte> header = stackalloc byte[_wide ? 64 : 52];
        if (!TryFill(_file, 0, header))
        {
            return null;
        }

        ulong offset = _wide ? U64(header[32..]) : U32(header[28..]);
        int size = U16(header[(_wide ? 54 : 42)..]);
        int count = U16(header[(_wide ? 56 : 44)..]);
        if (count == 0)
        {
            return new ElfFacts(null, null, []);
        }

        if (size < (_wide ? 56 : 32) || count > SegmentCountLimit || !TryRead(offset, (ulong)size * (ulong)count, out byte[] table))
        {
            return null;
        }

        List<Segment> segments = [];
        for (int index = 0; index < count; index++)
        {
            segments.Add(ReadSegment(table.AsSpan(index * size)));
        }

        string? loader = null;
        foreach (Segment segment in segments)
        {
            if (segment.Type == SegmentInterpreter && (loader = ReadString(segment.Offset)) is null)
            {
                return null;
            }
        }

        foreach (Segment segment in segments)
        {
            if (segment.Type == SegmentDynamic)
            {
                return ReadDynamic(segment, segments, loader);
            }
        }

        return new ElfFacts(loader, null, []);
    }

    private ElfFacts? ReadDynamic(Segment dynamic, List<Segment> segments, string? loader)
    {
        if (dynamic.Size > DynamicLimit || !TryRead(dynamic.Offset, dynamic.Size, out byte[] table))
        {
            return null;
        }

        int width = _wide ? 8 : 4;
        List<ulong> needed = [];
        ulong? name = null;
        ulong? strings = null;
        for (int at = 0; at + (2 * width) <= table.Length; at += 2 * width)
        {
            ulong tag = Word(table.AsSpan(at));
            ulong value = Word(table.AsSpan(at + width));
            if (tag == TagNull)
            {
                break;
            }

            switch (tag)
            {
                case TagNeeded:
                    needed.Add(value);
                    break;
                case TagName:
                    name = value;
                    break;
                case TagStringTable:
                    strings = FileOffset(value, segments);
                    break;
            }
        }

        if (needed.Count == 0 && name is null)
        {
            return new ElfFacts(loader, null, []);
        }

        if (strings is not { } start)
        {
            return null;
        }

        string? ownName = name is { } nameAt ? ReadString(unchecked(start + nameAt)) : null;
        List<string> neededNames = [];
        int length = 0;
        foreach (ulong at in needed)
        {
            if (ReadString(unchecked(start + at)) is not { } text || (length += text.Length) > NeededLimit)
            {
                return null;
            }

            neededNames.Add(text);
        }

        return name is not null && ownName is null ? null : new ElfFacts(loader, ownName, neededNames);
    }

    private Segment ReadSegment(ReadOnlySpan<byte> entry) => _wide
        ? new Segment(U32(entry), U64(entry[8..]), U64(entry[16..]), U64(entry[32..]))
        : new Segment(U32(entry), U32(entry[4..]), U32(entry[8..]), U32(entry[16..]));

    private static ulong? FileOffset(ulong address, List<Segment> segments)
    {
        foreach (Segment segment in segments)
        {
            if (segment.Type == SegmentLoad && address >= segment.Address && address - segment.Address < segment.Size)
            {
                return unchecked(segment.Offset + (address - segment.Address));
            }
        }

        return null;
    }

    /// <summary>A text that ends with NUL; null if it has no end, is empty, or is no text that a manifest could hold.</summary>
    private string? ReadString(ulong offset)
    {
        if (offset > long.MaxValue - StringLimit)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[StringLimit];
        int count = RandomAccess.Read(_file, bytes, (long)offset);
        int end = bytes[..count].IndexOf((byte)0);
        return end > 0 && ArchiveText.TryDecode(bytes[..end], out string? text) && !ArchiveText.HasControl(text) ? text : null;
    }

    private bool TryRead(ulong offset, ulong size, out byte[] bytes)
    {
        bytes = [];
        long length = RandomAccess.GetLength(_file);
        if (size > (ulong)length || offset > (ulong)length - size)
        {
            return false;
        }

        bytes = new byte[size];
        return TryFill(_file, (long)offset, bytes);
    }

    private static bool TryFill(SafeFileHandle file, long offset, Span<byte> bytes)
    {
        int filled = 0;
        while (filled < bytes.Length)
        {
            int count = RandomAccess.Read(file, bytes[filled..], offset + filled);
            if (count == 0)
            {
                return false;
            }

            filled += count;
        }

        return true;
    }

    private ulong Word(ReadOnlySpan<byte> bytes) => _wide ? U64(bytes) : U32(bytes);

    private ushort U16(ReadOnlySpan<byte> bytes) =>
        _littleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private uint U32(ReadOnlySpan<byte> bytes) =>
        _littleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);

    private ulong U64(ReadOnlySpan<byte> bytes) =>
        _littleEndian ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : BinaryPrimitives.ReadUInt64BigEndian(bytes);

    private readonly record struct Segment(uint Type, ulong Offset, ulong Address, ulong Size);
}
