using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

[TestClass]
public sealed class HostileZipTests
{
    private const int LinkMode = 0xA1FF;

    private static readonly Dictionary<string, (string Code, Func<ZipBuilder, ZipBuilder> Attack)> Attacks = new()
    {
        ["absolute name"] = ("LAVA3003", zip => zip.Member("/etc/passwd")),
        ["parent"] = ("LAVA3004", zip => zip.Member("a/../../escape")),
        ["newline in a name"] = ("LAVA3005", zip => zip.Member("a\nb")),
        ["NUL in a name"] = ("LAVA3005", zip => zip.Member("a\0b")),
        ["newline in a link target"] = ("LAVA3005", zip => zip.Member("a", "b\nc", mode: LinkMode)),
        ["name that is no UTF-8"] = ("LAVA3005", zip => zip.Member("", rawName: [(byte)'a', 0xff])),
        ["part of 256 bytes"] = ("LAVA3006", zip => zip.Member(new string('p', 256))),
        ["name over 4096 bytes"] = ("LAVA3006", zip => zip.Member(string.Join('/', Enumerable.Repeat(new string('n', 200), 21)))),
        ["depth over 100"] = ("LAVA3006", zip => zip.Member(string.Join('/', Enumerable.Repeat("d", 101)))),
        ["link target of 5000 bytes"] = ("LAVA3006", zip => zip.Member("a", new string('t', 5000), mode: LinkMode)),
        ["character device"] = ("LAVA3007", zip => zip.Member("a", mode: 0x21A4)),
        ["block device"] = ("LAVA3007", zip => zip.Member("a", mode: 0x61A4)),
        ["FIFO"] = ("LAVA3007", zip => zip.Member("a", mode: 0x11A4)),
        ["socket"] = ("LAVA3007", zip => zip.Member("a", mode: 0xC1A4)),
        ["unknown type"] = ("LAVA3008", zip => zip.Member("a", mode: 0xF1A4)),
        ["directory without a slash"] = ("LAVA3008", zip => zip.Member("a", mode: 0x41ED)),
        ["through a planted link"] = ("LAVA3009", zip => zip.Member("etc", "/etc", mode: LinkMode).Member("etc/passwd")),
        ["below a file"] = ("LAVA3009", zip => zip.Member("first/below")),
        ["file twice"] = ("LAVA3010", zip => zip.Member("first")),
        ["directory over a link"] = ("LAVA3010", zip => zip.Member("d", "/", mode: LinkMode).Member("d/")),
        ["backslashes"] = ("LAVA3012", zip => zip.Member("a\\b")),
        ["backslashes upwards"] = ("LAVA3012", zip => zip.Member("..\\..\\escape")),
        ["drive letter"] = ("LAVA3012", zip => zip.Member("C:/windows")),
        ["other local name"] = ("LAVA3013", zip => zip.Member("a", localName: "b")),
        ["other local CRC"] = ("LAVA3013", zip => zip.Member("a", "x", localCrc: 1)),
        ["other local size"] = ("LAVA3013", zip => zip.Member("a", "x", localSize: 7)),
        ["no local header"] = ("LAVA3013", zip => zip.Member("a", "x", localSignature: 1)),
        ["wrong CRC, deflated"] = ("LAVA3014", zip => zip.Member("a", "x", crc: 1)),
        ["wrong CRC, stored"] = ("LAVA3014", zip => zip.Member("a", "x", crc: 1, method: 0)),
        ["wrong CRC of a link"] = ("LAVA3014", zip => zip.Member("a", "x", crc: 1, mode: LinkMode)),
        ["size too small"] = ("LAVA3014", zip => zip.Member("a", "xyz", size: 2)),
        ["size too small, 0"] = ("LAVA3014", zip => zip.Member("a", "xyz", size: 0)),
        ["size too big"] = ("LAVA3014", zip => zip.Member("a", "xyz", size: 4)),
        ["stored with two sizes"] = ("LAVA3014", zip => zip.Member("a", "xyz", size: 2, method: 0)),
        ["directory with content"] = ("LAVA3014", zip => zip.Member("d/", "xyz")),
        ["encrypted"] = ("LAVA3015", zip => zip.Member("a", flags: 1)),
        ["other method"] = ("LAVA3015", zip => zip.Member("a", method: 12)),
        ["no name"] = ("LAVA3016", zip => zip.Member("")),
        ["link to nothing"] = ("LAVA3016", zip => zip.Member("a", mode: LinkMode)),
        ["overlapping members"] = ("LAVA3001", zip => zip.Member("a", "x", offset: 0)),
        ["content beyond the archive"] = ("LAVA3001", zip => zip.Member("a", "x", packedSize: 1 << 20)),
    };

    public static IEnumerable<object[]> AttackNames => Attacks.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(AttackNames))]
    public async Task An_attack_is_refused(string name)
    {
        (string code, Func<ZipBuilder, ZipBuilder> attack) = Attacks[name];
        using Workbench bench = new();
        byte[] zip = attack(new ZipBuilder().Member("first", "harmless")).Finished();
        await Workbench.AssertFailsAsync(code, () => bench.UnpackZipAsync(zip), name);
    }

    [TestMethod]
    public async Task A_directory_that_does_not_fit_its_end_is_refused()
    {
        using Workbench bench = new();
        ZipBuilder zip = new ZipBuilder().Member("a").Member("b");
        await Workbench.AssertFailsAsync("LAVA3001", () => bench.UnpackZipAsync(zip.Finished(count: 1)));
        await Workbench.AssertFailsAsync("LAVA3001", () => bench.UnpackZipAsync(zip.Finished(count: 3)));
        await Workbench.AssertFailsAsync("LAVA3001", () => bench.UnpackZipAsync([.. "#!/bin/sh\n"u8, .. zip.Finished()]));
        await Workbench.AssertFailsAsync("LAVA3001", () => bench.UnpackZipAsync([.. zip.Finished(), 0]));
    }

    [TestMethod]
    public async Task A_cut_off_archive_is_refused_wherever_it_was_cut()
    {
        using Workbench bench = new();
        byte[] zip = new ZipBuilder().Member("a", "some text").Member("b", "more text", method: 0).Finished();
        for (int length = 0; length < zip.Length; length++)
        {
            byte[] cut = zip[..length];
            await Workbench.AssertFailsAsync("LAVA3001", () => bench.UnpackZipAsync(cut), $"{length} bytes");
        }
    }

    [TestMethod]
    public async Task Any_flipped_byte_is_harmless_or_refused()
    {
        using Workbench bench = new();
        byte[] zip = new ZipBuilder().Member("a", "some text").Member("l", "a", mode: LinkMode).Finished();
        for (int at = 0; at < zip.Length; at++)
        {
            byte[] flipped = [.. zip];
            flipped[at] ^= 0xff;
            try
            {
                TreeManifest manifest = await bench.UnpackZipAsync(flipped);
                Assert.IsNull(await TreeVerifier.FindDifferenceInContentAsync(bench.Tree, manifest, CancellationToken.None));
            }
            catch (Lava.Build.Diagnostics.LavaException failure)
            {
                StringAssert.StartsWith(failure.Problems.Single().Code, "LAVA30");
            }
        }
    }
}
