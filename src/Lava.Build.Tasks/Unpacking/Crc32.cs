using System.Buffers.Binary;

namespace Lava.Build.Unpacking;

/// <summary>CRC-32 as ZIP has it (APPNOTE.TXT 4.4.7; polynomial 0xEDB88320), eight bytes at a time.</summary>
internal static class Crc32
{
    private const int Slices = 8;
    private static readonly uint[] Table = MakeTable();

    /// <summary>Continues a checksum; the first one is 0.</summary>
    internal static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint[] table = Table;
        crc = ~crc;
        while (bytes.Length >= Slices)
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc;
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = table[0x700 + (int)(low & 0xff)] ^ table[0x600 + (int)((low >> 8) & 0xff)]
                ^ table[0x500 + (int)((low >> 16) & 0xff)] ^ table[0x400 + (int)(low >> 24)]
                ^ table[0x300 + (int)(high & 0xff)] ^ table[0x200 + (int)((high >> 8) & 0xff)]
                ^ table[0x100 + (int)((high >> 16) & 0xff)] ^ table[(int)(high >> 24)];
            bytes = bytes[Slices..];
        }

        foreach (byte value in bytes)
        {
            crc = table[(int)((crc ^ value) & 0xff)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[] MakeTable()
    {
        uint[] table = new uint[Slices * 256];
        for (uint value = 0; value < 256; value++)
        {
            uint crc = value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }

            table[value] = crc;
        }

        for (int index = 256; index < table.Length; index++)
        {
            uint previous = table[index - 256];
            table[index] = table[(int)(previous & 0xff)] ^ (previous >> 8);
        }

        return table;
    }
}
