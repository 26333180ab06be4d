using System.Buffers.Binary;
using System.Text;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

/// <summary>A ZIP64 end: what it says of the archive if that is not true.</summary>
/// <param name="Count">Members.</param>
/// <param name="Size">Bytes of the directory.</param>
/// <param name="Start">Where the directory starts.</param>
/// <param name="Rest">Bytes of this end behind its own size.</param>
/// <param name="Disk">Number of the volume.</param>
/// <param name="Signature">What it starts with.</param>
/// <param name="Shift">How far behind this end the locator points.</param>
/// <param name="PlainCount">Members by the plain end, which leaves it open.</param>
internal sealed record ZipEnd64(
    long? Count = null, long? Size = null, long? Start = null, long Rest = 44, int Disk = 0, uint Signature = 0x06064b50, long Shift = 0, int PlainCount = 0xFFFF)
{
    /// <summary>The end and its locator.</summary>
    internal byte[] Bytes(int count, int size, int start)
    {
        byte[] bytes = new byte[76];
        Span<byte> end = bytes;
        BinaryPrimitives.WriteUInt32LittleEndian(end, Signature);
        BinaryPrimitives.WriteInt64LittleEndian(end[4..], Rest);
        BinaryPrimitives.WriteInt32LittleEndian(end[16..], Disk);
        BinaryPrimitives.WriteInt64LittleEndian(end[24..], Count ?? count);
        BinaryPrimitives.WriteInt64LittleEndian(end[32..], Count ?? count);
        BinaryPrimitives.WriteInt64LittleEndian(end[40..], Size ?? size);
        BinaryPrimitives.WriteInt64LittleEndian(end[48..], Start ?? start);
        BinaryPrimitives.WriteUInt32LittleEndian(end[56..], 0x07064b50);
        BinaryPrimitives.WriteInt64LittleEndian(end[64..], start + size + Shift);
        BinaryPrimitives.WriteInt32LittleEndian(end[72..], 1);
        return bytes;
    }
}

/// <summary>Parts of ZIP archives beside headers (APPNOTE.TXT 4.3.9 and 4.5).</summary>
internal static class ZipFields
{
    internal static byte[] Extra(int id, byte[] data, int? length = null)
    {
        byte[] head = new byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(head, (ushort)id);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(2), (ushort)(length ?? data.Length));
        return [.. head, .. data];
    }

    /// <summary>What did not fit 32 bits.</summary>
    internal static byte[] Wide(params long[] values) => Extra(1, [.. values.SelectMany(BitConverter.GetBytes)]);

    internal static byte[] UnicodeName(string headerName, string name, int version = 1, uint wrong = 0) => Extra(
        0x7075, [(byte)version, .. BitConverter.GetBytes(Crc32.Append(0, Encoding.UTF8.GetBytes(headerName)) ^ wrong), .. Encoding.UTF8.GetBytes(name)]);

    internal static byte[] Descriptor(uint crc, long packed, long size, bool signed = true, bool wide = false)
    {
        byte[] signature = signed ? [.. "PK\u0007\u0008"u8] : [];
        return wide
            ? [.. signature, .. BitConverter.GetBytes(crc), .. BitConverter.GetBytes(packed), .. BitConverter.GetBytes(size)]
            : [.. signature, .. BitConverter.GetBytes(crc), .. BitConverter.GetBytes((uint)packed), .. BitConverter.GetBytes((uint)size)];
    }
}
