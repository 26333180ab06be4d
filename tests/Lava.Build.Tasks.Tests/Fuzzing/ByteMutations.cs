using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Lava.Build.Tests.Fuzzing;

/// <summary>Changes that need no knowledge of a format, other than that numbers, texts and blocks of 512 are common.</summary>
internal static class ByteMutations
{
    /// <summary>No input grows longer: what is looked for is found in small ones.</summary>
    internal const int SizeLimit = 256 << 10;

    private const int Block = 512;

    private static readonly long[] Numbers =
    [
        0, 1, 2, 7, 8, 127, 128, 255, 256, 511, 512, 513, 4095, 4096, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000,
        0xfffffffe, 0xffffffff, 0x100000000, long.MaxValue - 1, long.MaxValue, long.MinValue, -1, -2, -512,
    ];

    /// <summary>A number that readers get wrong.</summary>
    internal static long Number(Random random) => random.Next(4) == 0 ? random.NextInt64() >> random.Next(64) : Numbers[random.Next(Numbers.Length)];

    /// <summary>One of some things.</summary>
    internal static T One<T>(Random random, IReadOnlyList<T> things) => things[random.Next(things.Count)];

    /// <summary>Changes <paramref name="input"/> once.</summary>
    internal static byte[] Apply(Random random, byte[] input, byte[] other)
    {
        if (input.Length == 0)
        {
            return other.Length > 0 ? other : [0];
        }

        byte[] bytes = [.. input];
        int at = random.Next(bytes.Length);
        int count = Math.Min(1 + (int)(Math.Pow(random.NextDouble(), 3) * bytes.Length), bytes.Length - at);
        switch (random.Next(13))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 2:
                bytes[at] = One(random, "\0\n\r\t /.\\:'\"0129\u007f\u0080\u00ff"u8.ToArray());
                return bytes;
            case 3:
                return [.. bytes[..at], .. bytes[(at + count)..]];
            case 4:
                return Insert(bytes, random.Next(bytes.Length + 1), bytes[at..(at + count)]);
            case 5:
                byte[] noise = new byte[random.Next(1, 17)];
                random.NextBytes(noise);
                return Insert(bytes, at, noise);
            case 6:
                Array.Fill(bytes, bytes[random.Next(bytes.Length)], at, count);
                return bytes;
            case 7:
                return bytes[..at];
            case 8:
                return PutNumber(random, bytes, at);
            case 9:
                return PutDigits(random, bytes, at);
            case 10:
                return Blocks(random, bytes);
            case 11 when other.Length > 0:
                return Limit([.. bytes[..at], .. other[random.Next(other.Length)..]]);
            default:
                int from = other.Length == 0 ? 0 : random.Next(other.Length);
                return Insert(bytes, at, other[from..Math.Min(other.Length, from + random.Next(1, 1025))]);
        }
    }

    internal static byte[] Insert(byte[] bytes, int at, byte[] more) => Limit([.. bytes[..at], .. more, .. bytes[at..]]);

    internal static byte[] Limit(byte[] bytes) => bytes.Length > SizeLimit ? bytes[..SizeLimit] : bytes;

    private static byte[] PutNumber(Random random, byte[] bytes, int at)
    {
        int size = 1 << random.Next(4);
        Span<byte> number = stackalloc byte[8];
        long value = Number(random);
        if (random.Next(2) == 0)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, value);
            number = number[..size];
        }
        else
        {
            BinaryPrimitives.WriteInt64BigEndian(number, value);
            number = number[^size..];
        }

        number[..Math.Min(size, bytes.Length - at)].CopyTo(bytes.AsSpan(at));
        return bytes;
    }

    /// <summary>Puts another number where digits stand, or just somewhere.</summary>
    private static byte[] PutDigits(Random random, byte[] bytes, int at)
    {
        int start = bytes.AsSpan(at).IndexOfAnyInRange((byte)'0', (byte)'9');
        start = start < 0 ? at : at + start;
        int end = start;
        while (end < bytes.Length && char.IsAsciiDigit((char)bytes[end]))
        {
            end++;
        }

        byte[] digits = Encoding.ASCII.GetBytes(Number(random).ToString(CultureInfo.InvariantCulture));
        return Limit([.. bytes[..start], .. digits, .. bytes[end..]]);
    }

    /// <summary>Drops, doubles or exchanges blocks, as tar has them.</summary>
    private static byte[] Blocks(Random random, byte[] bytes)
    {
        int blocks = bytes.Length / Block;
        if (blocks < 2)
        {
            return bytes;
        }

        int one = random.Next(blocks) * Block;
        int other = random.Next(blocks) * Block;
        switch (random.Next(3))
        {
            case 0:
                return [.. bytes[..one], .. bytes[(one + Block)..]];
            case 1:
                return Insert(bytes, other, bytes[one..(one + Block)]);
            default:
                byte[] kept = bytes[one..(one + Block)];
                bytes.AsSpan(other, Block).CopyTo(bytes.AsSpan(one));
                kept.CopyTo(bytes, other);
                return bytes;
        }
    }
}
