using System.Buffers.Binary;
using System.IO.Compression;
using Lava.Build.Tests.Unpacking;

namespace Lava.Build.Tests.Fuzzing;

/// <summary>Changes to ZIP archives that keep them readable: fields of both headers, in one or in both, and the end.</summary>
internal static class ZipMutations
{
    private const int LinkMode = 0xA1FF;
    private static readonly int[] Modes = [0, 0x81A4, 0x8FFF, 0x41ED, 0x43FF, LinkMode, 0x11A4, 0x21A4, 0x61A4, 0xC1A4, 0xF1A4, 0x1];

    /// <summary>Fields of a directory's record, and where the member's own header has the same; -1 where it has not.</summary>
    private static readonly (int Central, int Local, int Size)[] Fields =
        [(4, -1, 2), (6, 4, 2), (8, 6, 2), (10, 8, 2), (12, 10, 2), (14, 12, 2), (16, 14, 4), (20, 18, 4), (24, 22, 4), (28, 26, 2), (30, 28, 2), (32, -1, 2), (34, -1, 2), (38, -1, 4), (42, -1, 4)];

    internal static IEnumerable<byte[]> Seeds()
    {
        yield return new ZipBuilder().Member("first", "harmless").Member("dir/").Member("dir/f", new string('x', 3000)).Member("link", "dir/f", mode: LinkMode).Finished();
        yield return new ZipBuilder().Member("a", "stored", method: 0).Member("bin/p", "#!/bin/sh\n", mode: 0x81ED).Member("e").Finished();
        yield return new ZipBuilder().Member("thing-1.dist-info/RECORD", "a,,\n").Member("é", "utf-8", flags: 0x800).Finished();
        yield return new ZipBuilder().Member("later", "sizes behind the content", flags: 8).Member("link", "..", mode: LinkMode).Finished();
        yield return new ZipBuilder().Finished();
        using MemoryStream packed = new();
        using (ZipArchive zip = new(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (string name in (string[])["bin/run", "share/", "share/é"])
            {
                using StreamWriter writer = new(zip.CreateEntry(name).Open());
                writer.Write(name.EndsWith('/') ? "" : name);
            }
        }

        yield return packed.ToArray();
    }

    internal static byte[] Mutate(Random random, byte[] input, byte[] other)
    {
        int end = input.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        List<int> records = Records(input);
        switch (random.Next(6))
        {
            case 0 or 1 when records.Count > 0:
                return ChangeField(random, [.. input], ByteMutations.One(random, records));
            case 2 when records.Count > 0:
                return ChangeName(random, [.. input], ByteMutations.One(random, records));
            case 3 when end >= 0 && end + 22 <= input.Length:
                byte[] bytes = [.. input];
                PutNumber(bytes, end + random.Next(4, 20), random.Next(2) == 0 ? 2 : 4, ByteMutations.Number(random));
                return bytes;
            case 4:
                return Packed(random);
            default:
                return ByteMutations.Apply(random, input, other);
        }
    }

    private static byte[] Packed(Random random)
    {
        ZipBuilder zip = new();
        for (int count = random.Next(1, 6); count > 0; count--)
        {
            bool plain = random.Next(3) > 0;
            int mode = ByteMutations.One(random, Modes);
            zip.Member(
                plain ? $"f{count}" : HostileTexts.Name(random),
                mode == LinkMode ? HostileTexts.Name(random) : new string('c', random.Next(5)),
                plain ? 0x81A4 : mode,
                random.Next(3) == 0 ? 0 : 8,
                random.Next(8) == 0 ? random.Next(0x10000) : 0);
        }

        return zip.Finished();
    }

    private static List<int> Records(byte[] bytes)
    {
        List<int> records = [];
        for (int at = 0; at + 46 <= bytes.Length; at++)
        {
            if (bytes.AsSpan(at).StartsWith("PK\u0001\u0002"u8))
            {
                records.Add(at);
            }
        }

        return records;
    }

    private static byte[] ChangeField(Random random, byte[] bytes, int record)
    {
        (int central, int local, int size) = ByteMutations.One(random, Fields);
        long value = central == 38 ? (long)ByteMutations.One(random, Modes) << 16 : ByteMutations.Number(random);
        PutNumber(bytes, record + central, size, value);
        uint start = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(record + 42));
        if (local >= 0 && random.Next(2) == 0 && start + 30 <= bytes.Length)
        {
            PutNumber(bytes, (int)start + local, size, value);
        }

        return bytes;
    }

    /// <summary>Another name of the same length, in both headers or in one.</summary>
    private static byte[] ChangeName(Random random, byte[] bytes, int record)
    {
        int length = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(record + 28));
        long start = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(record + 42));
        byte[] name = HostileTexts.NameBytes(random);
        for (int at = 0; at < Math.Min(length, name.Length); at++)
        {
            Put(record + 46 + at, name[at]);
            if (random.Next(50) > 0)
            {
                Put(start + 30 + at, name[at]);
            }
        }

        return bytes;

        void Put(long at, byte value)
        {
            if (at < bytes.Length)
            {
                bytes[at] = value;
            }
        }
    }

    private static void PutNumber(byte[] bytes, int at, int size, long value)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, value);
        size = Math.Min(size, bytes.Length - at);
        number[..size].CopyTo(bytes.AsSpan(at));
    }
}
