using Lava.Build.Diagnostics;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

[TestClass]
public sealed class HostileTarTests
{
    private static readonly string LongPart = new('p', 256);
    private static readonly string LongName = string.Join('/', Enumerable.Repeat(new string('n', 200), 21));
    private static readonly string DeepName = string.Join('/', Enumerable.Repeat("d", 101));

    /// <summary>Every attack with the code it is refused with; each starts with a harmless file.</summary>
    private static readonly Dictionary<string, (string Code, Func<TarBuilder, TarBuilder> Attack)> Attacks = new()
    {
        ["absolute name"] = ("LAVA3003", tar => tar.File("/etc/passwd")),
        ["absolute directory"] = ("LAVA3003", tar => tar.Directory("/etc/")),
        ["absolute link"] = ("LAVA3003", tar => tar.Link("/link", "a")),
        ["parent"] = ("LAVA3004", tar => tar.File("../escape")),
        ["parent inside"] = ("LAVA3004", tar => tar.File("a/../../escape")),
        ["parent that stays inside"] = ("LAVA3004", tar => tar.File("a/../b")),
        ["parent at the end"] = ("LAVA3004", tar => tar.Directory("a/..")),
        ["newline in a name"] = ("LAVA3005", tar => tar.File("a\nb")),
        ["escape sequence in a name"] = ("LAVA3005", tar => tar.File("a\u001b[2Jb")),
        ["C1 control in a name"] = ("LAVA3005", tar => tar.File("a\u009bb")),
        ["tab in a name"] = ("LAVA3005", tar => tar.File("a\tb")),
        ["NUL in a pax name"] = ("LAVA3005", tar => tar.Pax(("path", "a\0b")).File("x")),
        ["NUL in a GNU long name"] = ("LAVA3005", tar => tar.LongName("a\0b").File("x")),
        ["newline in a link target"] = ("LAVA3005", tar => tar.Link("a", "b\nc")),
        ["newline in a hard link target"] = ("LAVA3005", tar => tar.HardLink("a", "first\n")),
        ["name that is no UTF-8"] = ("LAVA3005", tar => tar.Member('0', "", rawName: [(byte)'a', 0xff, (byte)'b'])),
        ["overlong UTF-8 slash"] = ("LAVA3005", tar => tar.Member('0', "", rawName: [(byte)'a', 0xc0, 0xaf, (byte)'b'])),
        ["part of 256 bytes"] = ("LAVA3006", tar => tar.LongName(LongPart).File("x")),
        ["part of 256 bytes in two-byte letters"] = ("LAVA3006", tar => tar.LongName(new string('é', 128)).File("x")),
        ["name over 4096 bytes"] = ("LAVA3006", tar => tar.Pax(("path", LongName)).File("x")),
        ["depth over 100"] = ("LAVA3006", tar => tar.LongName(DeepName).File("x")),
        ["link target of 4096 bytes"] = ("LAVA3006", tar => tar.LongTarget(new string('t', 4096)).Link("x", "")),
        ["character device"] = ("LAVA3007", tar => tar.Member('3', "dev/null")),
        ["block device"] = ("LAVA3007", tar => tar.Member('4', "dev/sda")),
        ["FIFO"] = ("LAVA3007", tar => tar.Member('6', "fifo")),
        ["GNU sparse file"] = ("LAVA3008", tar => tar.Member('S', "sparse")),
        ["pax sparse file"] = ("LAVA3008", tar => tar.Pax(("GNU.sparse.major", "1"), ("GNU.sparse.name", "s")).File("s")),
        ["part of a volume"] = ("LAVA3008", tar => tar.Member('M', "volume")),
        ["unknown type"] = ("LAVA3008", tar => tar.Member('Z', "what")),
        ["type that is a control character"] = ("LAVA3008", tar => tar.Member('\u001b', "what")),
        ["through a planted link"] = ("LAVA3009", tar => tar.Link("etc", "/etc").File("etc/passwd")),
        ["through a planted link, deep"] = ("LAVA3009", tar => tar.Link("a", "..").File("a/b/c/d")),
        ["through a planted link, by a directory"] = ("LAVA3009", tar => tar.Link("a", "/").Directory("a/b")),
        ["through a planted link, by a link"] = ("LAVA3009", tar => tar.Link("a", "/tmp").Link("a/b", "c")),
        ["through a planted link, by a hard link"] = ("LAVA3009", tar => tar.Link("a", "/tmp").HardLink("a/b", "first")),
        ["through a planted link, spelt otherwise"] = ("LAVA3009", tar => tar.Link("./a", "/tmp").File(".//a/./b")),
        ["below a file"] = ("LAVA3009", tar => tar.File("first/below")),
        ["file twice"] = ("LAVA3010", tar => tar.File("first")),
        ["file twice, spelt otherwise"] = ("LAVA3010", tar => tar.File("./first")),
        ["link over a directory"] = ("LAVA3010", tar => tar.Directory("d").Link("d", "/")),
        ["link over an implied directory"] = ("LAVA3010", tar => tar.File("d/f").Link("d", "/")),
        ["directory over a link"] = ("LAVA3010", tar => tar.Link("d", "/").Directory("d")),
        ["file over a link"] = ("LAVA3010", tar => tar.Link("l", "/etc/passwd").File("l", "x")),
        ["hard link over a file"] = ("LAVA3010", tar => tar.File("f").HardLink("f", "first")),
        ["name of the tree's manifest"] = ("LAVA3016", tar => tar.File("./.lava-manifest")),
        ["below the name of the tree's manifest"] = ("LAVA3016", tar => tar.File(".lava-manifest/x")),
        ["hard link outside"] = ("LAVA3011", tar => tar.HardLink("a", "/etc/passwd")),
        ["hard link upwards"] = ("LAVA3011", tar => tar.HardLink("a", "../../etc/passwd")),
        ["hard link to a link"] = ("LAVA3011", tar => tar.Link("l", "/etc/passwd").HardLink("a", "l")),
        ["hard link through a link"] = ("LAVA3011", tar => tar.Link("l", "/etc").HardLink("a", "l/passwd")),
        ["hard link to a directory"] = ("LAVA3011", tar => tar.Directory("d").HardLink("a", "d")),
        ["hard link to a later file"] = ("LAVA3011", tar => tar.HardLink("a", "later").File("later")),
        ["hard link to itself"] = ("LAVA3011", tar => tar.HardLink("a", "a")),
        ["hard link to nothing"] = ("LAVA3011", tar => tar.HardLink("a", "")),
        ["hard link with content"] = ("LAVA3014", tar => tar.Member('1', "a", [1, 2, 3], target: "first")),
        ["directory with content"] = ("LAVA3014", tar => tar.Member('5', "a/", [1, 2, 3])),
        ["no name"] = ("LAVA3016", tar => tar.File("")),
        ["root that is a file"] = ("LAVA3016", tar => tar.File(".", "x")),
        ["root that is a link"] = ("LAVA3016", tar => tar.Link(".", "/")),
        ["link with a slash at the end"] = ("LAVA3016", tar => tar.Link("a/", "/")),
        ["link to nothing"] = ("LAVA3016", tar => tar.Link("a", "")),
        ["wrong checksum"] = ("LAVA3001", tar => tar.Member('0', "a", wrongChecksum: true)),
        ["garbage"] = ("LAVA3001", tar => tar.Raw([.. Enumerable.Repeat((byte)'#', 512)])),
        ["extended header at the end"] = ("LAVA3001", tar => tar.Pax(("path", "a"))),
        ["global name"] = ("LAVA3001", tar => tar.GlobalPax(("path", "a")).File("b")),
        ["extended header of 8 GB"] = ("LAVA3001", tar => tar.Member('x', "a", size: (1L << 33) - 1)),
        ["malformed pax header"] = ("LAVA3001", tar => tar.Member('x', "a", "99 path=b\n"u8.ToArray()).File("c")),
        ["pax size that is no number"] = ("LAVA3001", tar => tar.Pax(("size", "-1")).File("c")),
    };

    public static IEnumerable<object[]> AttackNames => Attacks.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(AttackNames))]
    public async Task An_attack_is_refused_in_every_format_that_holds_tar(string name)
    {
        (string code, Func<TarBuilder, TarBuilder> attack) = Attacks[name];
        byte[] tar = attack(new TarBuilder().File("first", "harmless")).Finished();
        using Workbench bench = new();
        foreach (ArchiveFormat format in Workbench.TarFormats)
        {
            string archive = await bench.PackAsync(tar, format);
            Problem problem = await Workbench.AssertFailsAsync(code, () => bench.UnpackAsync(archive, format), $"{name} in {format}");
            StringAssert.Contains(problem.Text, archive);
            string[] left = Directory.GetFileSystemEntries(bench.Root, "*", SearchOption.TopDirectoryOnly);
            Assert.IsTrue(left.All(path => path.StartsWith(bench.PathOf("tree"), StringComparison.Ordinal)
                || path.StartsWith(bench.PathOf("archive"), StringComparison.Ordinal)));
        }
    }

    [TestMethod]
    public async Task A_planted_link_that_stripping_lays_over_a_directory_is_refused()
    {
        using Workbench bench = new();
        await Workbench.AssertFailsAsync("LAVA3009", () => bench.UnpackTarAsync(new TarBuilder().Link("a/x", "/etc").File("b/x/passwd"), strip: 1));
        await Workbench.AssertFailsAsync("LAVA3010", () => bench.UnpackTarAsync(new TarBuilder().Link("a/x", "/etc").File("b/x"), strip: 1));
        await Workbench.AssertFailsAsync("LAVA3010", () => bench.UnpackTarAsync(new TarBuilder().File("a/x/f").Link("b/x", "/etc"), strip: 1));
        await Workbench.AssertFailsAsync("LAVA3011", () => bench.UnpackTarAsync(new TarBuilder().File("a").HardLink("b/x", "a"), strip: 1));
    }

    [TestMethod]
    public async Task An_archive_that_is_something_else_is_refused_with_the_program_s_words()
    {
        using Workbench bench = new();
        string text = bench.PathOf("text");
        await File.WriteAllTextAsync(text, string.Concat(Enumerable.Repeat("This is not an archive.\n", 100)));
        foreach ((ArchiveFormat format, string code) in new[]
        {
            (ArchiveFormat.Tar, "LAVA3001"), (ArchiveFormat.TarGzip, "LAVA3001"), (ArchiveFormat.Zip, "LAVA3001"),
            (ArchiveFormat.TarXz, "LAVA3002"), (ArchiveFormat.TarZstandard, "LAVA3002"), (ArchiveFormat.TarBzip2, "LAVA3002"),
            (ArchiveFormat.Deb, "LAVA3002"),
        })
        {
            await Workbench.AssertFailsAsync(code, () => bench.UnpackAsync(text, format), format.ToString());
        }
    }
}
