using System.Buffers.Binary;
using System.Text;
using Lava.Build.Unpacking;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Tests.Unpacking;

[TestClass]
public sealed class ElfReaderTests
{
    private const int Base = 0x1000;

    [TestMethod]
    [DataRow(true, true)]
    [DataRow(true, false)]
    [DataRow(false, true)]
    [DataRow(false, false)]
    public void Both_classes_and_byte_orders_are_read(bool wide, bool littleEndian)
    {
        ElfFacts? facts = Read(Build(wide, littleEndian, "/lib/ld.so.1", "libme.so.2", "libc.so.6", "libm.so.6"));
        Assert.AreEqual(new ElfFacts("/lib/ld.so.1", "libme.so.2", ["libc.so.6", "libm.so.6"]), facts);
    }

    [TestMethod]
    public void A_program_of_this_system_is_read()
    {
        ElfFacts? facts = Read(File.ReadAllBytes("/bin/true"));
        Assert.IsNotNull(facts?.Loader);
        Assert.IsTrue(facts.Needed.Any(name => name.StartsWith("libc.", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void A_malformed_file_has_no_facts_and_is_no_failure()
    {
        byte[] whole = Build(wide: true, littleEndian: true, "/lib/ld.so.1", "libme.so.2", "libc.so.6");
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.IsNull(Read(whole[..length]), $"{length} bytes");
        }

        Assert.IsNull(Read(Build(wide: true, littleEndian: true, "/lib/ld\n", "libme", "libc")));
        Assert.IsNull(Read(Build(wide: true, littleEndian: true, "/lib/ld", "libme", "lib\tc")));
        Random random = new(1);
        for (int attempt = 0; attempt < 3000; attempt++)
        {
            byte[] damaged = [.. whole];
            for (int count = random.Next(1, 6); count > 0; count--)
            {
                damaged[random.Next(4, damaged.Length)] = (byte)(random.Next(2) == 0 ? 0xff : random.Next(256));
            }

            Read(damaged);
        }
    }

    [TestMethod]
    public void A_file_that_needs_the_same_long_name_thousands_of_times_has_no_facts()
    {
        string name = new('n', 4000);
        Assert.IsNotNull(Read(Build(wide: true, littleEndian: true, "/lib/ld", "libme", [.. Enumerable.Repeat(name, 16)])));
        Assert.IsNull(Read(Build(wide: true, littleEndian: true, "/lib/ld", "libme", [.. Enumerable.Repeat(name, 17)])));
    }

    [TestMethod]
    [DataRow("#!/bin/sh\n", "/bin/sh")]
    [DataRow("#! /usr/bin/env  python3 \r\n", "/usr/bin/env  python3")]
    [DataRow("#!/usr/bin/perl\t-w\n", "/usr/bin/perl -w")]
    [DataRow("#!/bin/sh", "/bin/sh")]
    [DataRow("#!\n", "")]
    [DataRow("#!a\0b\n", null)]
    [DataRow(" #!/bin/sh\n", null)]
    [DataRow("", null)]
    public void The_interpreter_is_the_rest_of_the_first_line(string content, string? expected) =>
        Assert.AreEqual(expected, TreeWriter.Interpreter(Encoding.UTF8.GetBytes(content)));

    [TestMethod]
    [DataRow("a_1.0_all.DEB", ArchiveFormat.Deb)]
    [DataRow("a-1.0.tgz", ArchiveFormat.TarGzip)]
    [DataRow("a-1.0-py3-none-any.whl", ArchiveFormat.Zip)]
    [DataRow("a.tar.zst", ArchiveFormat.TarZstandard)]
    [DataRow("a.gz", null)]
    [DataRow(".zip", null)]
    [DataRow("a", null)]
    public void The_format_is_guessed_by_the_name(string name, ArchiveFormat? expected) =>
        Assert.AreEqual(expected, ArchiveFormats.FromFileName(name));

    /// <summary>A file of each class and byte order.</summary>
    internal static IEnumerable<byte[]> Samples() =>
        from wide in (bool[])[true, false]
        from littleEndian in (bool[])[true, false]
        select Build(wide, littleEndian, "/lib/ld.so.1", "libme.so.2", "libc.so.6", "libm.so.6");

    private static ElfFacts? Read(byte[] content)
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "file");
        File.WriteAllBytes(path, content);
        using SafeFileHandle handle = File.OpenHandle(path);
        return ElfReader.Read(handle);
    }

    /// <summary>A file of three segments: all of it loaded, its loader's name, its dynamic section.</summary>
    private static byte[] Build(bool wide, bool littleEndian, string loader, string name, params string[] needed)
    {
        int word = wide ? 8 : 4;
        int headerSize = wide ? 64 : 52;
        int segmentSize = wide ? 56 : 32;
        int dynamicStart = headerSize + (3 * segmentSize);
        int dynamicSize = (3 + needed.Length) * 2 * word;
        int textStart = dynamicStart + dynamicSize;
        StringBuilder texts = new("\0");
        int loaderAt = Text(loader);
        List<(ulong Tag, ulong Value)> tags = [.. needed.Select(text => (1ul, (ulong)Text(text)))];
        tags.Add((14, (ulong)Text(name)));
        tags.Add((5, (ulong)(Base + textStart)));
        tags.Add((0, 0));
        byte[] bytes = new byte[textStart + texts.Length];
        "\u007fELF"u8.CopyTo(bytes);
        bytes[4] = (byte)(wide ? 2 : 1);
        bytes[5] = (byte)(littleEndian ? 1 : 2);
        bytes[6] = 1;
        Word(wide ? 32 : 28, (ulong)headerSize);
        Put(wide ? 54 : 42, 2, (ulong)segmentSize);
        Put(wide ? 56 : 44, 2, 3);
        Segment(0, 1, 0, Base, bytes.Length);
        Segment(1, 3, textStart + loaderAt, Base + textStart + loaderAt, loader.Length + 1);
        Segment(2, 2, dynamicStart, Base + dynamicStart, dynamicSize);
        for (int index = 0; index < tags.Count; index++)
        {
            Word(dynamicStart + (index * 2 * word), tags[index].Tag);
            Word(dynamicStart + (index * 2 * word) + word, tags[index].Value);
        }

        Encoding.ASCII.GetBytes(texts.ToString()).CopyTo(bytes, textStart);
        return bytes;

        int Text(string text)
        {
            int at = texts.Length;
            texts.Append(text).Append('\0');
            return at;
        }

        void Segment(int index, uint type, int offset, int address, int size)
        {
            int at = headerSize + (index * segmentSize);
            Put(at, 4, type);
            Word(at + (wide ? 8 : 4), (ulong)offset);
            Word(at + (wide ? 16 : 8), (ulong)address);
            Word(at + (wide ? 32 : 16), (ulong)size);
        }

        void Word(int at, ulong value) => Put(at, word, value);

        void Put(int at, int size, ulong value)
        {
            Span<byte> eight = stackalloc byte[8];
            if (littleEndian)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(eight, value);
                eight[..size].CopyTo(bytes.AsSpan(at));
            }
            else
            {
                BinaryPrimitives.WriteUInt64BigEndian(eight, value);
                eight[^size..].CopyTo(bytes.AsSpan(at));
            }
        }
    }
}
