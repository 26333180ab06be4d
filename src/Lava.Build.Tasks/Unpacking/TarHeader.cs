using System.Buffers.Binary;

namespace Lava.Build.Unpacking;

/// <summary>
/// One header block of a tar archive: ustar (POSIX.1-1988), which pax extends, GNU, or V7.
/// </summary>
internal sealed class TarHeader
{
    /// <summary>Everything in a tar archive comes in blocks of this many bytes.</summary>
    internal const int BlockSize = 512;

    /// <summary>The biggest size that a header can give in octal digits.</summary>
    internal const long OctalLimit = (1L << 33) - 1;

    private const int ChecksumStart = 148;
    private const int ChecksumEnd = 156;

    private static ReadOnlySpan<byte> PosixMagic => "ustar\0"u8;

    private TarHeader(byte type, byte[] name, byte[] target, long size, long mode, long modifiedSeconds)
    {
        Type = type;
        Name = name;
        Target = target;
        Size = size;
        Mode = mode;
        ModifiedSeconds = modifiedSeconds;
    }

    /// <summary>The type flag; NUL counts as '0'.</summary>
    internal byte Type { get; }

    /// <summary>The name, with ustar's prefix.</summary>
    internal byte[] Name { get; }

    /// <summary>The link's target.</summary>
    internal byte[] Target { get; }

    /// <summary>Bytes of content that follow, without padding.</summary>
    internal long Size { get; }

    /// <summary>Permission bits, and whatever else stands there.</summary>
    internal long Mode { get; }

    /// <summary>Whole seconds since 1970 UTC; may be negative.</summary>
    internal long ModifiedSeconds { get; }

    /// <summary>Reads a block; null if its checksum or one of its numbers is wrong.</summary>
    internal static TarHeader? Parse(ReadOnlySpan<byte> block)
    {
        if (!TryParseNumber(block[ChecksumStart..ChecksumEnd], out long checksum) || checksum != Checksum(block)
            || !TryParseNumber(block.Slice(124, 12), out long size) || size < 0
            || !TryParseNumber(block.Slice(100, 8), out long mode)
            || !TryParseNumber(block.Slice(136, 12), out long modified))
        {
            return null;
        }

        byte[] name = Text(block[..100]);
        byte type = block[156] == 0 ? (byte)'0' : block[156];

        // GNU's magic has a space instead of the NUL, and times where POSIX has the prefix.
        ReadOnlySpan<byte> prefix = block.Slice(257, 6).SequenceEqual(PosixMagic) ? Text(block.Slice(345, 155)) : [];
        byte[] full = prefix.IsEmpty ? name : [.. prefix, (byte)'/', .. name];
        return new TarHeader(type, full, Text(block.Slice(157, 100)), size, mode, modified);
    }

    /// <summary>The sum of all bytes, those of the checksum itself taken as blanks.</summary>
    internal static long Checksum(ReadOnlySpan<byte> block)
    {
        long sum = (ChecksumEnd - ChecksumStart) * (long)' ';
        foreach (byte value in block[..ChecksumStart])
        {
            sum += value;
        }

        foreach (byte value in block[ChecksumEnd..BlockSize])
        {
            sum += value;
        }

        return sum;
    }

    /// <summary>Octal digits between blanks and NULs, or GNU's base-256: big-endian two's complement after a marker bit.</summary>
    private static bool TryParseNumber(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        if (field[0] is 0x80 or 0xff)
        {
            long sign = field[0] == 0xff ? -1 : 0;
            ReadOnlySpan<byte> extension = field[1..^Math.Min(8, field.Length - 1)];
            value = field.Length > 8 ? BinaryPrimitives.ReadInt64BigEndian(field[^8..]) : ReadShort(field[1..], sign);
            return !extension.ContainsAnyExcept((byte)sign) && (field.Length <= 8 || value < 0 == sign < 0);
        }

        ReadOnlySpan<byte> digits = field.Trim(" \0"u8);
        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return false;
            }

            value = (value << 3) | (long)(digit - '0');
        }

        return true;
    }

    private static long ReadShort(ReadOnlySpan<byte> bytes, long sign)
    {
        long value = sign;
        foreach (byte digit in bytes)
        {
            value = (value << 8) | digit;
        }

        return value;
    }

    private static byte[] Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return (end < 0 ? field : field[..end]).ToArray();
    }
}
