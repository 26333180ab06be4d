namespace Lava.Build.Tests.Unpacking;

/// <summary>Attacks by parts that only ZIP has: ZIP64, data descriptors, Unicode names, and bytes that its directory does not name.</summary>
internal static partial class AttackMatrix
{
    private const int Later = 8;
    private static readonly byte[] Smuggled = new ZipBuilder().Member("../smuggled", "x").Unfinished();

    private static IEnumerable<Attack> ZipSizes() =>
    [
        Wide("that agrees in both headers", "f a", [4, 4], [4, 4]),
        Wide("other size in the member's own header", "LAVA3013", [4, 4], [5, 4]),
        Wide("other packed size in the member's own header", "LAVA3013", [4, 4], [4, 5]),
        Wide("other size in the directory", "LAVA3014", [5, 4], [4, 4]),
        Wide("wrong size in both headers", "LAVA3014", [5, 4], [5, 4]),
        Wide("negative size", "LAVA3001", [-1, 4], [-1, 4]),
        Wide("packed size of 8 EiB", "LAVA3001", [long.MaxValue, long.MaxValue], [long.MaxValue, long.MaxValue]),
        Wide("no size in the directory", "LAVA3001", [], [4, 4]),
        Wide("one size in the directory", "LAVA3001", [4], [4, 4]),
        Wide("no size in the member's own header", "LAVA3013", [4, 4], []),
        Wide("one size in the member's own header", "LAVA3013", [4, 4], [4]),
        OnlyZip("ZIP64 field", "size of 8 EiB", "LAVA3018", zip => zip.Member("a", "text", size: -1, extra: ZipFields.Wide(long.MaxValue), localSize: -1, localExtra: ZipFields.Wide(long.MaxValue, ZipBuilder.Deflate("text"u8.ToArray()).Length))),
        OnlyZip("ZIP64 field", "that is longer than the fields", "LAVA3001", zip => zip.Member("a", "text", method: 0, size: -1, localSize: 4, extra: ZipFields.Extra(1, [4, 0, 0, 0], 8))),
        OnlyZip("ZIP64 field", "two in the directory", "LAVA3013", zip => zip.Member("a", "text", method: 0, size: -1, localSize: 4, extra: [.. ZipFields.Wide(4), .. ZipFields.Wide(5)])),
        OnlyZip("ZIP64 field", "two in the member's own header", "LAVA3013", zip => zip.Member("a", "text", method: 0, localSize: -1, localExtra: [.. ZipFields.Wide(4, 4), .. ZipFields.Wide(5, 5)])),
        OnlyZip("ZIP64 field", "beside a wrong packed size of 32 bits", "LAVA3013", zip => zip.Member("a", "text", method: 0, localSize: -1, localPackedSize: 9, localExtra: ZipFields.Wide(4, 4))),
        OnlyZip("ZIP64 field", "beside right sizes of 32 bits, which hold", "f a", zip => zip.Member("a", "text", method: 0, extra: ZipFields.Wide(9, 9), localExtra: ZipFields.Wide(8, 8))),
        OnlyZip("ZIP64 field", "offset that is right", "f a", zip => zip.Member("a", "text", offset: -1, extra: ZipFields.Wide(zip.Position))),
        OnlyZip("ZIP64 field", "offset of another member", "LAVA3001", zip => zip.Member("a", "text", offset: -1, extra: ZipFields.Wide(0))),
        OnlyZip("ZIP64 field", "offset behind the archive", "LAVA3001", zip => zip.Member("a", "text", offset: -1, extra: ZipFields.Wide(long.MaxValue))),
        End64("that is right", "f a", new ZipEnd64()),
        End64("too few members", "LAVA3001", new ZipEnd64(Count: 1)),
        End64("too many members", "LAVA3001", new ZipEnd64(Count: 3)),
        End64("2^63 members", "LAVA3001", new ZipEnd64(Count: long.MinValue)),
        End64("other size", "LAVA3001", new ZipEnd64(Size: 52)),
        End64("size of 8 EiB", "LAVA3001", new ZipEnd64(Size: long.MaxValue)),
        End64("other start", "LAVA3001", new ZipEnd64(Start: 0)),
        End64("negative start", "LAVA3001", new ZipEnd64(Start: -1)),
        End64("second volume", "LAVA3001", new ZipEnd64(Disk: 1)),
        End64("wrong signature", "LAVA3001", new ZipEnd64(Signature: 1)),
        End64("that reaches over its locator", "LAVA3001", new ZipEnd64(Rest: 64)),
        End64("that ends before its locator", "LAVA3001", new ZipEnd64(Rest: 0)),
        End64("locator that points before it", "LAVA3001", new ZipEnd64(Shift: -8)),
        End64("locator that points behind it", "LAVA3001", new ZipEnd64(Shift: 8)),
        End64("locator that points behind the archive", "LAVA3001", new ZipEnd64(Shift: 1L << 40)),
        End64("locator that points before the archive", "LAVA3001", new ZipEnd64(Shift: -1L << 40)),
        End64("contradicted by the plain end", "LAVA3001", new ZipEnd64(PlainCount: 1)),
        OnlyZip("ZIP64 end", "none, though the plain end leaves its size open", "LAVA3001", zip => zip.Size(uint.MaxValue)),
    ];

    private static IEnumerable<Attack> ZipSecrets() =>
    [
        Descriptor("that is right", "f a", (crc, packed, size) => ZipFields.Descriptor(crc, packed, size)),
        Descriptor("without a signature", "f a", (crc, packed, size) => ZipFields.Descriptor(crc, packed, size, signed: false)),
        Descriptor("of 64 bits", "f a", (crc, packed, size) => ZipFields.Descriptor(crc, packed, size, wide: true)),
        Descriptor("of 64 bits without a signature", "f a", (crc, packed, size) => ZipFields.Descriptor(crc, packed, size, signed: false, wide: true)),
        Descriptor("wrong CRC", "LAVA3013", (crc, packed, size) => ZipFields.Descriptor(crc ^ 1, packed, size)),
        Descriptor("wrong packed size", "LAVA3013", (crc, packed, size) => ZipFields.Descriptor(crc, packed + 1, size)),
        Descriptor("wrong size", "LAVA3013", (crc, packed, size) => ZipFields.Descriptor(crc, packed, size + 1)),
        Descriptor("wrong size in 64 bits", "LAVA3013", (crc, packed, size) => ZipFields.Descriptor(crc, packed, size + (1L << 32), wide: true)),
        Descriptor("wrong size without a signature", "LAVA3013", (crc, packed, size) => ZipFields.Descriptor(crc, packed, 0, signed: false)),
        Descriptor("wrong signature", "LAVA3013", (crc, packed, size) => [1, .. ZipFields.Descriptor(crc, packed, size)[1..]]),
        Descriptor("none", "LAVA3013", (_, _, _) => []),
        Descriptor("cut short", "LAVA3013", (crc, packed, size) => ZipFields.Descriptor(crc, packed, size)[..^1]),
        Descriptor("with a member behind it that the directory does not name", "LAVA3013", (crc, packed, size) => [.. ZipFields.Descriptor(crc, packed, size), .. Smuggled]),
        OnlyZip("descriptor", "of a link, wrong size", "LAVA3013", zip => zip.Member("a", "first", mode: LinkMode, flags: Later, descriptor: (crc, packed, size) => ZipFields.Descriptor(crc, packed, 0))),
        OnlyZip("descriptor", "right, and wrong CRC in the directory", "LAVA3013", zip => zip.Member("a", "x", crc: 1, flags: Later, descriptor: (_, packed, size) => ZipFields.Descriptor(0x8cdc1683, packed, size))),
        OnlyZip("descriptor", "wrong CRC there and in the directory", "LAVA3014", zip => zip.Member("a", "x", crc: 1, flags: Later)),
        OnlyZip("descriptor", "beside a wrong size in the member's own header", "LAVA3013", zip => zip.Member("a", "x", flags: Later, localSize: 7)),
        OnlyZip("descriptor", "beside a wrong CRC in the member's own header", "LAVA3013", zip => zip.Member("a", "x", flags: Later, localCrc: 7)),
        OnlyZip("descriptor", "beside a wrong ZIP64 size in the member's own header", "LAVA3013", zip => zip.Member("a", "x", flags: Later, localSize: -1, localPackedSize: -1, localExtra: ZipFields.Wide(7, 0))),
        OnlyZip("descriptor", "beside the right size in the member's own header", "f a", zip => zip.Member("a", "x", flags: Later, localSize: 1)),
        OnlyZip("descriptor", "announced in the member's own header only", "f a", zip => zip.Member("a", "x", localFlags: Later)),
        OnlyZip("descriptor", "announced in the member's own header only, wrong size", "LAVA3013", zip => zip.Member("a", "x", localFlags: Later, descriptor: (crc, packed, size) => ZipFields.Descriptor(crc, packed, 7))),
        OnlyZip("descriptor", "announced in the member's own header only, none", "LAVA3013", zip => zip.Member("a", "x", localFlags: Later, descriptor: (_, _, _) => [])),
        OnlyZip("descriptor", "announced in the directory only", "f a", zip => zip.Member("a", "x", flags: Later, localFlags: 0, descriptor: (crc, packed, size) => ZipFields.Descriptor(crc, packed, size))),
        OnlyZip("descriptor", "announced in the directory only, wrong size", "LAVA3013", zip => zip.Member("a", "x", flags: Later, localFlags: 0, descriptor: (crc, packed, size) => ZipFields.Descriptor(crc, packed, 7))),
        OnlyZip("descriptor", "announced in the directory only, none", "f a", zip => zip.Member("a", "x", flags: Later, localFlags: 0)),
        OnlyZip("descriptor", "announced nowhere", "LAVA3001", zip => zip.Member("a", "x", descriptor: (crc, packed, size) => ZipFields.Descriptor(crc, packed, size))),
        OnlyZip("descriptor", "of an empty directory, none, which is no harm", "d d", zip => zip.Member("d/", method: 0, flags: Later, descriptor: (_, _, _) => [])),
        UnicodeName("the same", "f a", ZipFields.UnicodeName("a", "a")),
        UnicodeName("upwards", "LAVA3013", ZipFields.UnicodeName("a", "../escape")),
        UnicodeName("another", "LAVA3013", ZipFields.UnicodeName("a", "b")),
        UnicodeName("of nothing", "LAVA3013", ZipFields.UnicodeName("a", "")),
        UnicodeName("with a checksum of another name, which nobody takes", "f a", ZipFields.UnicodeName("a", "../escape", wrong: 1)),
        UnicodeName("of a version that is none, which nobody takes", "f a", ZipFields.UnicodeName("a", "../escape", version: 2)),
        UnicodeName("behind one that nobody takes", "LAVA3013", [.. ZipFields.UnicodeName("a", "a", wrong: 1), .. ZipFields.UnicodeName("a", "../escape")]),
        UnicodeName("cut short before the name", "f a", ZipFields.Extra(0x7075, [1, 2, 3])),
        UnicodeName("longer than the fields, which nobody takes", "f a", ZipFields.UnicodeName("a", "../escape")[..^1]),
        OnlyZip("Unicode name", "upwards, in the directory only", "LAVA3013", zip => zip.Member("a", "x", extra: ZipFields.UnicodeName("a", "../escape"))),
        OnlyZip("Unicode name", "upwards, in the member's own header only", "LAVA3013", zip => zip.Member("a", "x", localExtra: ZipFields.UnicodeName("a", "../escape"))),
        OnlyZip("Unicode name", "harmless, beside a name upwards", "LAVA3013", zip => zip.Member("../escape", "x", extra: ZipFields.UnicodeName("../escape", "a"))),
        OnlyZip("hidden bytes", "a member that the directory does not name, before all", "LAVA3001", _ => new ZipBuilder().Hidden(Smuggled).Member("first").Member("a")),
        OnlyZip("hidden bytes", "a member that the directory does not name, between two", "LAVA3001", zip => zip.Hidden(Smuggled).Member("a")),
        OnlyZip("hidden bytes", "a member that the directory does not name, behind all", "LAVA3001", zip => zip.Member("a").Hidden(Smuggled)),
        OnlyZip("hidden bytes", "one byte", "LAVA3001", zip => zip.Hidden([0]).Member("a")),
        OnlyZip("hidden bytes", "behind the end of deflated content", "LAVA3014", zip => zip.Member("a", "x", rawPacked: [.. ZipBuilder.Deflate([(byte)'x']), .. Smuggled])),
        OnlyZip("hidden bytes", "one byte behind the end of deflated content", "LAVA3014", zip => zip.Member("a", "x", rawPacked: [.. ZipBuilder.Deflate([(byte)'x']), 0])),
        OnlyZip("hidden bytes", "behind the end of a deflated link", "LAVA3014", zip => zip.Member("a", "first", mode: LinkMode, rawPacked: [.. ZipBuilder.Deflate("first"u8.ToArray()), 0])),
        OnlyZip("hidden bytes", "in a directory", "LAVA3014", zip => zip.Member("d/", rawPacked: [.. ZipBuilder.Deflate([]), .. Smuggled])),
        OnlyZip("hidden bytes", "none, in a directory deflated to nothing at all", "d d", zip => zip.Member("d/", rawPacked: [])),
    ];

    /// <summary>A stored member of four bytes whose sizes are given in 64 bits.</summary>
    private static Attack Wide(string what, string outcome, long[] central, long[] local) => OnlyZip("ZIP64 field", what, outcome, zip => zip.Member(
        "a", "text", method: 0, size: -1, packedSize: -1, extra: ZipFields.Wide(central), localExtra: ZipFields.Wide(local)));

    private static Attack End64(string what, string outcome, ZipEnd64 end) => OnlyZip("ZIP64 end", what, outcome, zip => zip.Member("a").End64(end));

    private static Attack Descriptor(string what, string outcome, Func<uint, long, long, byte[]> make) =>
        OnlyZip("descriptor", what, outcome, zip => zip.Member("a", "some text, and some text", flags: Later, descriptor: make));

    private static Attack UnicodeName(string what, string outcome, byte[] field) =>
        OnlyZip("Unicode name", what, outcome, zip => zip.Member("a", "x", extra: field, localExtra: field));

    private static Attack OnlyZip(string type, string what, string outcome, Func<ZipBuilder, ZipBuilder> attack) =>
        new(type, what, None("no such part"), Zip(outcome, attack));
}
