using System.Buffers.Binary;
using System.Text;
using Lava.Build.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Unpacking;

/// <summary>A member as the central directory describes it (APPNOTE.TXT 4.3.12).</summary>
internal sealed record ZipRecord
{
    /// <summary>The name as it stands there.</summary>
    internal required byte[] RawName { get; init; }

    /// <summary>The name, decoded.</summary>
    internal required string Name { get; init; }

    /// <summary>General purpose bit flag.</summary>
    internal required int Flags { get; init; }

    /// <summary>Compression method: 0 stored, 8 deflated.</summary>
    internal required int Method { get; init; }

    /// <summary>CRC-32 of the content.</summary>
    internal required uint Crc { get; init; }

    /// <summary>Bytes in the archive.</summary>
    internal required long PackedSize { get; init; }

    /// <summary>Bytes of content.</summary>
    internal required long Size { get; init; }

    /// <summary>Where its local header starts.</summary>
    internal required long Offset { get; init; }

    /// <summary>st_mode, from the upper half of the external attributes; 0 if its maker had none.</summary>
    internal required int UnixMode { get; init; }

    /// <summary>Modification time, seconds since 1970 UTC.</summary>
    internal required long ModifiedSeconds { get; init; }

    /// <summary>Where the next thing in the archive starts, whatever it is.</summary>
    internal long Boundary { get; set; }
}

/// <summary>Reads a ZIP archive's central directory, strictly: it must fit the archive exactly, and no two members may overlap.</summary>
internal sealed class ZipDirectory(SafeFileHandle file, FileWindow window, ArchiveFaults faults)
{
    internal const uint Unknown32 = 0xFFFFFFFF;

    private const uint EndSignature = 0x06054b50;
    private const uint End64Signature = 0x06064b50;
    private const uint Locator64Signature = 0x07064b50;
    private const uint CentralSignature = 0x02014b50;
    private const int EndSize = 22;
    private const int End64Size = 56;

    /// <summary>What a ZIP64 end does not count when it gives its own size.</summary>
    private const int End64Head = 12;

    private const int Locator64Size = 20;
    private const int CentralSize = 46;
    private const int CommentLimit = 0xFFFF;
    private const int Unknown16 = 0xFFFF;

    /// <summary>Over a million members; it is read as a whole.</summary>
    private const long DirectoryLimit = 256L << 20;

    /// <summary>The members, in the directory's order.</summary>
    internal List<ZipRecord> Read()
    {
        (long start, long size, long count) = FindDirectory();
        if (size > DirectoryLimit || count > size / CentralSize)
        {
            throw Damaged("its directory has an impossible size");
        }

        byte[] directory = ReadAt(start, (int)size);
        List<ZipRecord> records = [];
        int at = 0;
        for (long index = 0; index < count; index++)
        {
            records.Add(ReadRecord(directory, ref at));
        }

        if (at != directory.Length)
        {
            throw Damaged("its directory holds more than its end says");
        }

        SetBoundaries(records, start);
        return records;
    }

    /// <summary>Reads bytes of the archive that must be there.</summary>
    internal void ReadAt(long offset, Span<byte> bytes)
    {
        int filled = 0;
        while (filled < bytes.Length)
        {
            int count = window.Read(offset + filled, bytes[filled..]);
            if (count == 0)
            {
                throw Damaged("it was cut off");
            }

            filled += count;
        }
    }

    private byte[] ReadAt(long offset, int length)
    {
        byte[] bytes = new byte[length];
        ReadAt(offset, bytes);
        return bytes;
    }

    private (long Start, long Size, long Count) FindDirectory()
    {
        long length = RandomAccess.GetLength(file);
        // Most archives have no comment.
        return FindEnd(length, (int)Math.Min(length, EndSize))
            ?? FindEnd(length, (int)Math.Min(length, EndSize + CommentLimit))
            ?? throw Damaged("it has no end of a ZIP archive; it was probably cut off");
    }

    private (long Start, long Size, long Count)? FindEnd(long length, int tailSize)
    {
        byte[] tail = ReadAt(length - tailSize, tailSize);
        for (int at = tail.Length - EndSize; at >= 0; at--)
        {
            ReadOnlySpan<byte> end = tail.AsSpan(at);
            if (U32(end) == EndSignature && U16(end[20..]) == end.Length - EndSize)
            {
                return ReadEnd(end, length - tailSize + at);
            }
        }

        return null;
    }

    private (long Start, long Size, long Count) ReadEnd(ReadOnlySpan<byte> end, long endOffset)
    {
        long count = U16(end[10..]);
        long size = U32(end[12..]);
        long start = U32(end[16..]);
        if (U16(end[4..]) is not 0 and not Unknown16 || U16(end[8..]) != count)
        {
            throw Damaged("it is a part of an archive of several volumes");
        }

        // Some readers look for a ZIP64 end only where this one leaves something open, others wherever a locator stands.
        byte[] locator = endOffset >= Locator64Size ? ReadAt(endOffset - Locator64Size, Locator64Size) : [];
        if (locator.Length == 0 || U32(locator) != Locator64Signature)
        {
            // Exactly 65,535 members, for example, need no ZIP64.
            return Checked(start, size, count, endOffset);
        }

        (long start64, long size64, long count64) = ReadEnd64(locator, endOffset - Locator64Size);
        return (start == Unknown32 || start == start64) && (size == Unknown32 || size == size64) && (count == Unknown16 || count == count64)
            ? (start64, size64, count64)
            : throw Damaged("its two ends contradict each other");
    }

    private (long Start, long Size, long Count) ReadEnd64(ReadOnlySpan<byte> locator, long locatorOffset)
    {
        long directoryEnd = (long)Math.Min(U64(locator[8..]), long.MaxValue);
        if (U32(locator[4..]) != 0 || directoryEnd > locatorOffset - End64Size)
        {
            throw Damaged("its ZIP64 end is not where it should be");
        }

        ReadOnlySpan<byte> end = ReadAt(directoryEnd, End64Size);
        ulong rest = (ulong)(locatorOffset - directoryEnd - End64Head);
        if (U32(end) != End64Signature || U64(end[4..]) != rest || U64(end[16..]) != 0 || U64(end[24..]) != U64(end[32..]))
        {
            throw Damaged("its ZIP64 end is malformed");
        }

        return Checked(Number(end[48..]), Number(end[40..]), Number(end[32..]), directoryEnd);

        static long Number(ReadOnlySpan<byte> bytes) => (long)Math.Min(U64(bytes), long.MaxValue);
    }

    private (long Start, long Size, long Count) Checked(long start, long size, long count, long directoryEnd) =>
        size <= directoryEnd && start == directoryEnd - size
            ? (start, size, count)
            : throw Damaged("its directory is not where its end says");

    private ZipRecord ReadRecord(byte[] directory, ref int at)
    {
        ReadOnlySpan<byte> rest = directory.AsSpan(at);
        if (rest.Length < CentralSize || U32(rest) != CentralSignature)
        {
            throw Damaged("its directory is malformed");
        }

        int nameLength = U16(rest[28..]);
        int extraLength = U16(rest[30..]);
        int total = CentralSize + nameLength + extraLength + U16(rest[32..]);
        if (rest.Length < total)
        {
            throw Damaged("its directory is malformed");
        }

        at += total;
        byte[] rawName = rest.Slice(CentralSize, nameLength).ToArray();
        if (!ArchiveText.TryDecode(rawName, out string? name))
        {
            throw faults.Rejected(Strings.MemberTextBad, Encoding.UTF8.GetString(rawName), "its name is not valid UTF-8").ToException();
        }

        ReadOnlySpan<byte> extra = rest.Slice(CentralSize + nameLength, extraLength);
        if (ZipExtra.FindAmbiguity(extra, rawName) is { } ambiguity)
        {
            throw faults.Rejected(Strings.MemberHeadersDiffer, name, ambiguity).ToException();
        }

        (long size, long packed, long offset) = ReadSizes(rest, extra);
        return new ZipRecord
        {
            RawName = rawName,
            Name = name,
            Flags = U16(rest[8..]),
            Method = U16(rest[10..]),
            Crc = U32(rest[16..]),
            PackedSize = packed,
            Size = size,
            Offset = offset,
            UnixMode = (int)(U32(rest[38..]) >> 16),
            ModifiedSeconds = ReadTime(U16(rest[12..]), U16(rest[14..]), extra),
        };
    }

    private (long Size, long Packed, long Offset) ReadSizes(ReadOnlySpan<byte> record, ReadOnlySpan<byte> extra)
    {
        Span<long> values = [U32(record[24..]), U32(record[20..]), U32(record[42..])];
        ReadOnlySpan<byte> wide = ZipExtra.Find(extra, ZipExtra.Wide);
        for (int index = 0; index < values.Length; index++)
        {
            if (values[index] != Unknown32)
            {
                continue;
            }

            if (wide.Length < 8 || U64(wide) > long.MaxValue)
            {
                throw Damaged("its directory lacks a ZIP64 size");
            }

            values[index] = (long)U64(wide);
            wide = wide[8..];
        }

        return (values[0], values[1], values[2]);
    }

    /// <summary>
    /// The extended timestamp (Info-ZIP's 0x5455), which is UTC, else the DOS time, which has no zone and is taken for UTC, so that
    /// a tree does not depend on where it is unpacked.
    /// </summary>
    private static long ReadTime(int time, int date, ReadOnlySpan<byte> extra)
    {
        ReadOnlySpan<byte> stamp = ZipExtra.Find(extra, ZipExtra.Timestamp);
        if (stamp.Length >= 5 && (stamp[0] & 1) != 0)
        {
            return BinaryPrimitives.ReadInt32LittleEndian(stamp[1..]);
        }

        int month = Math.Clamp((date >> 5) & 15, 1, 12);
        int year = 1980 + (date >> 9);
        int day = Math.Clamp(date & 31, 1, DateTime.DaysInMonth(year, month));
        DateTimeOffset moment = new(
            year, month, day, Math.Min(time >> 11, 23), Math.Min((time >> 5) & 63, 59), Math.Min((time & 31) * 2, 59), TimeSpan.Zero);
        return moment.ToUnixTimeSeconds();
    }

    private void SetBoundaries(List<ZipRecord> records, long directoryStart)
    {
        long boundary = directoryStart;
        foreach (ZipRecord record in records.OrderByDescending(record => record.Offset))
        {
            if (record.Offset >= boundary || record.PackedSize > boundary - record.Offset)
            {
                throw Damaged("two of its members overlap");
            }

            record.Boundary = boundary;
            boundary = record.Offset;
        }

        if (boundary != 0)
        {
            throw Damaged(ZipReader.Hidden);
        }
    }

    private static int U16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint U32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static ulong U64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes);

    private LavaException Damaged(string detail) => faults.Damaged(detail).ToException();
}
