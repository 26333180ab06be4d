using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lava.Build.Unpacking;

/// <summary>
/// CRC-32 as ZIP has it (APPNOTE.TXT 4.4.7; polynomial 0xEDB88320), by carry-less multiplication where the processor has it, and
/// else eight bytes at a time.
/// </summary>
internal static class Crc32
{
    private const int Slices = 8;
    private const int Lane = 16;
    private static readonly uint[] Table = MakeTable();

    /// <summary>Continues a checksum; the first one is 0.</summary>
    internal static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        if (Pclmulqdq.IsSupported && bytes.Length >= 4 * Lane)
        {
            int folded = bytes.Length / Lane * Lane;
            crc = AppendByMultiplication(crc, bytes[..folded]);
            bytes = bytes[folded..];
        }

        return AppendByTable(crc, bytes);
    }

    /// <summary>
    /// Folds by remainders of powers of x, as in "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Intel, 2009), and
    /// reduces by Barrett's method; bits are reflected.
    /// </summary>
    /// <param name="crc">The checksum so far.</param>
    /// <param name="bytes">At least 64, and a multiple of 16.</param>
    // Compiled fully at once: in a build's short life the runtime would mostly count how often its parts run.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static uint AppendByMultiplication(uint crc, ReadOnlySpan<byte> bytes)
    {
        // x^(512+32), x^(512-32); x^(128+32), x^(128-32); x^64; the polynomial and its inverse.
        Vector128<ulong> by64 = Vector128.Create(0x1_5444_2bd4UL, 0x1_c6e4_1596UL);
        Vector128<ulong> by16 = Vector128.Create(0x1_7519_97d0UL, 0x0_ccaa_009eUL);
        Vector128<ulong> by8 = Vector128.Create(0x1_63cd_6124UL, 0);
        Vector128<ulong> barrett = Vector128.Create(0x1_db71_0641UL, 0x1_f701_1641UL);
        Vector128<ulong> low32 = Vector128.Create(0xffff_ffffUL, 0xffff_ffffUL);

        ReadOnlySpan<Vector128<ulong>> lanes = MemoryMarshal.Cast<byte, Vector128<ulong>>(bytes);
        Vector128<ulong> first = lanes[0] ^ Vector128.CreateScalar((ulong)~crc);
        Vector128<ulong> second = lanes[1];
        Vector128<ulong> third = lanes[2];
        Vector128<ulong> fourth = lanes[3];
        int next = 4;
        for (; next + 4 <= lanes.Length; next += 4)
        {
            first = Fold(first, by64) ^ lanes[next];
            second = Fold(second, by64) ^ lanes[next + 1];
            third = Fold(third, by64) ^ lanes[next + 2];
            fourth = Fold(fourth, by64) ^ lanes[next + 3];
        }

        Vector128<ulong> sum = Fold(Fold(Fold(first, by16) ^ second, by16) ^ third, by16) ^ fourth;
        for (; next < lanes.Length; next++)
        {
            sum = Fold(sum, by16) ^ lanes[next];
        }

        sum = Pclmulqdq.CarrylessMultiply(sum, by16, 0x10) ^ Sse2.ShiftRightLogical128BitLane(sum, 8);
        sum = Pclmulqdq.CarrylessMultiply(sum & low32, by8, 0x00) ^ Sse2.ShiftRightLogical128BitLane(sum, 4);
        Vector128<ulong> quotient = Pclmulqdq.CarrylessMultiply(sum & low32, barrett, 0x10);
        sum ^= Pclmulqdq.CarrylessMultiply(quotient & low32, barrett, 0x00);
        return ~sum.AsUInt32().GetElement(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Fold(Vector128<ulong> value, Vector128<ulong> powers) =>
        Pclmulqdq.CarrylessMultiply(value, powers, 0x00) ^ Pclmulqdq.CarrylessMultiply(value, powers, 0x11);

    /// <summary>Continues a checksum on any processor.</summary>
    internal static uint AppendByTable(uint crc, ReadOnlySpan<byte> bytes)
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
