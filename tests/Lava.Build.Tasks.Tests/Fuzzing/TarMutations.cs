using System.Buffers.Binary;
using System.Formats.Tar;
using System.Text;
using Lava.Build.Tests.Unpacking;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Fuzzing;

/// <summary>Changes to tar archives that get past the checksums: fields, whole members, pax records.</summary>
internal static class TarMutations
{
    private const int Block = TarHeader.BlockSize;
    private static readonly (int At, int Size)[] NumberFields = [(100, 8), (108, 8), (116, 8), (124, 12), (136, 12), (329, 8), (337, 8), (482, 12)];
    private static readonly string[] PaxKeys =
        ["path", "linkpath", "size", "mtime", "GNU.sparse.major", "GNU.sparse.map", "GNU.sparse.realsize", "SCHILY.xattr.x", "hdrcharset", "charset", "", "uid"];

    private static readonly string[] Magics = ["ustar\000", "ustar  \0", "\0\0\0\0\0\0\0\0", "ustar\0  ", "tar\0\0\0\0\0"];

    /// <summary>Archives of every kind of member, good and not.</summary>
    internal static IEnumerable<byte[]> Seeds()
    {
        yield return new TarBuilder().Directory("./").Directory("./dir").File("./dir/f", "text").Link("./link", "dir/f").HardLink("./h", "dir/f").Finished();
        yield return new TarBuilder().File("first", "#!/bin/sh\necho\n", mode: 0b111_101_101).Pax(("path", "long/" + new string('p', 120)), ("mtime", "12.5"))
            .File("x", "pax").LongName("gnu/" + new string('g', 150)).LongTarget(new string('t', 150)).Link("x", "y").Finished();
        yield return new TarBuilder().GlobalPax(("comment", "global"), ("mtime", "1")).File("a", new string('a', 1500)).Member('7', "c", [1, 2, 3]).Finished();
        yield return new TarBuilder().Pax(("size", "4")).Member('0', "s", "four"u8.ToArray(), size: 4).File("after").Finished();
        yield return new TarBuilder().Member('0', "name", [9], prefix: "prefix/of/ustar").Member('0', "gnu", magic: "ustar  \0").Member('0', "v7/", magic: "\0\0\0\0\0\0\0\0").Finished();
        yield return new TarBuilder().File("bin/true", "\u007fELF\u0002\u0001\u0001 and nothing").File("b", "#!\n").Link("usr", "/usr").Link("up", "../..").Finished();
        string name = new string('l', 60) + "/" + new string('n', 60);
        yield return Written(new V7TarEntry(TarEntryType.V7RegularFile, "file"), new V7TarEntry(TarEntryType.SymbolicLink, "link") { LinkName = "file" });
        yield return Written(new UstarTarEntry(TarEntryType.RegularFile, name), new UstarTarEntry(TarEntryType.SymbolicLink, "link") { LinkName = "target" });
        yield return Written(new PaxTarEntry(TarEntryType.RegularFile, name), new PaxTarEntry(TarEntryType.SymbolicLink, "link") { LinkName = name + name });
        yield return Written(new GnuTarEntry(TarEntryType.RegularFile, name), new GnuTarEntry(TarEntryType.SymbolicLink, "link") { LinkName = name + name });
    }

    /// <summary>As another writer has it.</summary>
    private static byte[] Written(TarEntry file, TarEntry link)
    {
        using MemoryStream bytes = new();
        using (TarWriter writer = new(bytes, leaveOpen: true))
        {
            file.DataStream = new MemoryStream("content"u8.ToArray());
            file.ModificationTime = link.ModificationTime = DateTimeOffset.UnixEpoch;
            writer.WriteEntry(file);
            writer.WriteEntry(link);
        }

        return bytes.ToArray();
    }

    internal static byte[] Mutate(Random random, byte[] input, byte[] other)
    {
        int choice = random.Next(10);
        List<int> headers = choice < 9 ? Headers(input) : [];
        byte[] bytes;
        switch (choice)
        {
            case < 4 when headers.Count > 0:
                bytes = [.. input];
                ChangeField(random, bytes, ByteMutations.One(random, headers));
                return bytes;
            case < 7:
                int at = headers.Count == 0 || random.Next(4) == 0 ? random.Next((input.Length / Block) + 1) * Block : ByteMutations.One(random, headers);
                return ByteMutations.Insert(input, Math.Min(at, input.Length), Member(random));
            case < 9:
                // Whatever it was, with checksums that are right again.
                bytes = ByteMutations.Apply(random, input, other);
                foreach (int header in headers)
                {
                    FixChecksum(bytes, header);
                }

                return bytes;
            default:
                return ByteMutations.Apply(random, input, other);
        }
    }

    /// <summary>Where headers with right checksums stand.</summary>
    private static List<int> Headers(byte[] bytes)
    {
        List<int> headers = [];
        for (int at = 0; at + Block <= bytes.Length; at += Block)
        {
            if (bytes[at + 156] != 0 && TarHeader.Parse(bytes.AsSpan(at, Block)) is not null)
            {
                headers.Add(at);
            }
        }

        return headers;
    }

    private static void ChangeField(Random random, byte[] bytes, int header)
    {
        Span<byte> block = bytes.AsSpan(header, Block);
        switch (random.Next(6))
        {
            case 0:
                (int at, int size) = ByteMutations.One(random, NumberFields);
                PutNumber(random, block.Slice(at, size));
                break;
            case 1:
                block[156] = ByteMutations.One(random, "0123456789\0LKxgXSMDVNZ\u0001"u8.ToArray());
                break;
            case 2:
                Put(block[..100], HostileTexts.NameBytes(random));
                break;
            case 3:
                Put(block.Slice(157, 100), HostileTexts.NameBytes(random));
                break;
            case 4:
                Put(block.Slice(257, 8), Encoding.ASCII.GetBytes(ByteMutations.One(random, Magics)));
                break;
            default:
                Put(block.Slice(345, 155), HostileTexts.NameBytes(random));
                break;
        }

        FixChecksum(bytes, header);
    }

    private static void PutNumber(Random random, Span<byte> field)
    {
        long value = ByteMutations.Number(random);
        if (random.Next(3) > 0)
        {
            byte[] digits = Encoding.ASCII.GetBytes(Convert.ToString(value, 8));
            Put(field, digits.Length < field.Length ? digits : digits[^(field.Length - 1)..]);
            return;
        }

        field.Fill((byte)(value < 0 ? 0xff : 0));
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, value);
        int size = Math.Min(8, field.Length - 1);
        number[^size..].CopyTo(field[^size..]);
        field[0] = (byte)(value < 0 ? 0xff : 0x80);
    }

    private static byte[] Member(Random random)
    {
        TarBuilder tar = new();
        string name = HostileTexts.Name(random);
        string shortName = Short(name);
        return (random.Next(9) switch
        {
            0 => tar.Pax([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Record(random))]),
            1 => tar.GlobalPax(Record(random)),
            2 => tar.LongName(name),
            3 => tar.LongTarget(name),
            4 => tar.Directory(shortName),
            5 => tar.Link(shortName, Short(HostileTexts.Name(random))),
            6 => tar.HardLink(shortName, random.Next(2) == 0 ? "first" : Short(HostileTexts.Name(random))),
            7 => tar.Member((char)random.Next(1, 127), shortName, new byte[random.Next(3)]),
            _ => tar.File(shortName, name),
        }).Unfinished();
    }

    private static (string Key, string Value) Record(Random random) => (
        ByteMutations.One(random, PaxKeys),
        random.Next(2) == 0 ? HostileTexts.Name(random) : ByteMutations.Number(random).ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static string Short(string name) => name.Length > 30 ? name[..30] : name;

    private static void Put(Span<byte> field, ReadOnlySpan<byte> value)
    {
        field.Clear();
        value[..Math.Min(value.Length, field.Length)].CopyTo(field);
    }

    private static void FixChecksum(byte[] bytes, int header)
    {
        if (header + Block <= bytes.Length)
        {
            Span<byte> block = bytes.AsSpan(header, Block);
            byte[] sum = Encoding.ASCII.GetBytes(Convert.ToString(TarHeader.Checksum(block), 8).PadLeft(6, '0') + "\0 ");
            sum.CopyTo(block[148..]);
        }
    }
}
