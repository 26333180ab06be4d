using System.Text;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

/// <summary>Attacks by what archives say of themselves, and by how much they hold.</summary>
internal static partial class AttackMatrix
{
    private const string OneHeader = "has one header";
    private const string NoSparse = "no sparse files";
    private static readonly byte[] Inner = new TarBuilder().File("smuggled", "in").Finished();

    private static IEnumerable<Attack> Contents() =>
    [
        new("two headers", "other local name", None(OneHeader), Zip("LAVA3013", zip => zip.Member("a", localName: "b"))),
        new("two headers", "other local CRC", None(OneHeader), Zip("LAVA3013", zip => zip.Member("a", "x", localCrc: 1))),
        new("two headers", "other local size", None(OneHeader), Zip("LAVA3013", zip => zip.Member("a", "x", localSize: 7))),
        new("two headers", "no local header", None(OneHeader), Zip("LAVA3013", zip => zip.Member("a", "x", localSignature: 1))),
        new("wrong CRC", "of a header", Tar("LAVA3001", tar => tar.Member('0', "a", wrongChecksum: true)), None("none of headers")),
        new("wrong CRC", "deflated", None("none in the tar itself: see below"), Zip("LAVA3014", zip => zip.Member("a", "x", crc: 1))),
        new("wrong CRC", "stored", None("none in the tar itself: see below"), Zip("LAVA3014", zip => zip.Member("a", "x", crc: 1, method: 0))),
        new("wrong CRC", "of a link", None("none in the tar itself: see below"), Zip("LAVA3014", zip => zip.Member("a", "x", crc: 1, mode: LinkMode))),
        new("size lie", "too small", Tar("LAVA3001", tar => tar.Member('0', "a", Noise(600), size: 1)), Zip("LAVA3014", zip => zip.Member("a", "xyz", size: 2))),
        new("size lie", "0", Tar("LAVA3001", tar => tar.Member('0', "a", Noise(600), size: 0)), Zip("LAVA3014", zip => zip.Member("a", "xyz", size: 0))),
        new("size lie", "too big", Tar("LAVA3001", tar => tar.Member('0', "a", Noise(600), size: 6000)), Zip("LAVA3014", zip => zip.Member("a", "xyz", size: 4))),
        new("size lie", "stored with two sizes", None(OneHeader), Zip("LAVA3014", zip => zip.Member("a", "xyz", size: 2, method: 0))),
        new("size lie", "directory with content", Tar("LAVA3014", tar => tar.Member('5', "a/", [1, 2, 3])), Zip("LAVA3014", zip => zip.Member("d/", "xyz"))),
        new("size lie", "symlink with content", Tar("LAVA3014", tar => tar.Member('2', "a", [1, 2, 3], target: "x")), None("its content is the target")),
        new("size lie", "negative, in base 256", Tar("LAVA3001", tar => tar.Raw(NegativeSize())), None("no signs")),
        new("size lie", "content beyond the archive", Tar("LAVA3001", tar => tar.Member('0', "a", size: 1 << 20)), Zip("LAVA3001", zip => zip.Member("a", "x", packedSize: 1 << 20))),
        new("pax size", "smuggled members behind a header of size 0 (CVE-2025-62518)", Tar("LAVA3014", tar => tar.Pax(("size", $"{Inner.Length}")).Member('0', "outer", Inner, size: 0)), None("no pax")),
        new("pax size", "smuggled members behind a pax size of 0", Tar("LAVA3014", tar => tar.Pax(("size", "0")).Member('0', "outer", Inner)), None("no pax")),
        new("pax size", "that agrees, and an archive as content", Tar("f outer", tar => tar.Pax(("size", $"{Inner.Length}")).Member('0', "outer", Inner)), None("no pax")),
        new("pax size", "two, of which the last holds", Tar("LAVA3014", tar => tar.Pax(("size", $"{Inner.Length}"), ("size", "0")).Member('0', "outer", Inner)), None("no pax")),
        new("pax size", "no number", Tar("LAVA3001", tar => tar.Pax(("size", "-1")).File("c")), None("no pax")),
        new("pax size", "of another extended header", Tar("LAVA3014", tar => tar.Pax(("size", "512")).Pax(("path", "x")).File("c")), None("no pax")),
        new("pax", "global name", Tar("LAVA3001", tar => tar.GlobalPax(("path", "a")).File("b")), None("no pax")),
        new("pax", "global size", Tar("LAVA3001", tar => tar.GlobalPax(("size", "0")).File("b", "x")), None("no pax")),
        new("pax", "malformed", Tar("LAVA3001", tar => tar.Member('x', "a", "99 path=b\n"u8.ToArray()).File("c")), None("no pax")),
        new("pax", "at the end", Tar("LAVA3001", tar => tar.Pax(("path", "a"))), None("no pax")),
        new("sparse", "old GNU", Tar("LAVA3008", tar => tar.Member('S', "sparse")), None(NoSparse)),
        new("sparse", "pax 0.0", Tar("LAVA3008", tar => tar.Pax(("GNU.sparse.size", "9"), ("GNU.sparse.numblocks", "1"), ("GNU.sparse.offset", "8"), ("GNU.sparse.numbytes", "1")).File("s", "x")), None(NoSparse)),
        new("sparse", "pax 0.1", Tar("LAVA3008", tar => tar.Pax(("GNU.sparse.size", "9"), ("GNU.sparse.numblocks", "1"), ("GNU.sparse.map", "8,1")).File("s", "x")), None(NoSparse)),
        new("sparse", "pax 1.0", Tar("LAVA3008", tar => tar.Pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "s"), ("GNU.sparse.realsize", "9")).File("s", "1\n8\n1\n")), None(NoSparse)),
        new("trailing data", "members behind the end, which are passed over", Tar("", tar => tar.Raw(new byte[1024]).File("second")), Zip("LAVA3001", zip => zip.Trailing([0]))),
        new("trailing data", "garbage in place of the end", Tar("LAVA3001", tar => tar.Raw([.. Enumerable.Repeat((byte)'#', 512)])), Zip("LAVA3001", zip => zip.Trailing("garbage"u8.ToArray()))),
        new("leading data", "before the archive", None("a damaged header: see wrong CRC"), new Cell("LAVA3001", () => [.. "#!/bin/sh\n"u8, .. new ZipBuilder().Member("a").Finished()])),
        new("unreadable", "encrypted", None("no encryption"), Zip("LAVA3015", zip => zip.Member("a", flags: 1))),
        new("unreadable", "other method", None("no methods"), Zip("LAVA3015", zip => zip.Member("a", method: 12))),
    ];

    private static IEnumerable<Attack> Bombs() =>
    [
        new("bomb by count", "files", Tar("LAVA3017", tar => tar.File("a").File("b")), Zip("LAVA3017", zip => zip.Member("a").Member("b")), new UnpackLimits(Entries: 2)),
        new("bomb by count", "directories that no member names", Tar("LAVA3017", tar => tar.File("a/b/c/d")), Zip("LAVA3017", zip => zip.Member("a/b/c/d")), new UnpackLimits(Entries: 4)),
        new("bomb by count", "hard links", Tar("LAVA3017", tar => tar.HardLink("a", "first").HardLink("b", "first")), None(NoHardLinks), new UnpackLimits(Entries: 2)),
        new("bomb by size", "claimed", Tar("LAVA3018", tar => tar.Member('0', "a", size: (1L << 33) - 1)), Zip("LAVA3018", zip => zip.Member("a", "x", size: int.MaxValue)), new UnpackLimits(Bytes: 1 << 20)),
        new("bomb by size", "in many files", Tar("LAVA3018", tar => tar.File("a", "12345").File("b", "67890")), Zip("LAVA3018", zip => zip.Member("a", "12345").Member("b", "67890")), new UnpackLimits(Bytes: 14)),
        new("bomb by overlap", "members that share content", None("members follow each other"), Zip("LAVA3001", zip => zip.Member("a", "x", offset: 0))),
        new("bomb by nesting", "an archive in it is a file", Tar("f inner.tar", tar => tar.Member('0', "inner.tar", Inner)), Zip("f inner.zip", zip => zip.Member("inner.zip", rawContent: new ZipBuilder().Member("a").Finished()))),
    ];

    private static byte[] Noise(int size) => [.. Enumerable.Repeat((byte)'n', size)];

    private static byte[] NegativeSize()
    {
        byte[] header = new TarBuilder().File("a").Unfinished();
        header.AsSpan(124, 12).Fill(0xff);
        byte[] sum = Encoding.ASCII.GetBytes(Convert.ToString(TarHeader.Checksum(header), 8).PadLeft(6, '0') + "\0 ");
        sum.CopyTo(header, 148);
        return header;
    }
}
