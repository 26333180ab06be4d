using System.Text;
using Lava.Build.Diagnostics;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

[TestClass]
public sealed class LimitsTests
{
    [TestMethod]
    public async Task As_many_entries_as_allowed_are_unpacked_and_no_more()
    {
        using Workbench bench = new();
        TarBuilder tar = new TarBuilder().File("a").File("b/c/d");
        await bench.UnpackTarAsync(tar, limits: new UnpackLimits(Entries: 4));
        await Workbench.AssertFailsAsync("LAVA3017", () => bench.UnpackTarAsync(tar, limits: new UnpackLimits(Entries: 3)));
        byte[] zip = new ZipBuilder().Member("a").Member("b").Finished();
        await bench.UnpackZipAsync(zip, new UnpackLimits(Entries: 2));
        await Workbench.AssertFailsAsync("LAVA3017", () => bench.UnpackZipAsync(zip, new UnpackLimits(Entries: 1)));
    }

    [TestMethod]
    public async Task As_many_bytes_as_allowed_are_unpacked_and_not_one_more()
    {
        using Workbench bench = new();
        TarBuilder tar = new TarBuilder().File("a", "12345").File("b", "67890");
        await bench.UnpackTarAsync(tar, limits: new UnpackLimits(Bytes: 10));
        await Workbench.AssertFailsAsync("LAVA3018", () => bench.UnpackTarAsync(tar, limits: new UnpackLimits(Bytes: 9)));
        Assert.IsFalse(File.Exists(Path.Combine(bench.Tree, "b")));
        byte[] zip = new ZipBuilder().Member("a", "12345").Member("b", "67890").Finished();
        await bench.UnpackZipAsync(zip, new UnpackLimits(Bytes: 10));
        await Workbench.AssertFailsAsync("LAVA3018", () => bench.UnpackZipAsync(zip, new UnpackLimits(Bytes: 9)));
    }

    [TestMethod]
    public async Task Another_name_of_a_file_counts_as_the_copy_that_it_may_become()
    {
        using Workbench bench = new();
        TarBuilder tar = new TarBuilder().File("a", "12345").HardLink("b", "a");
        await bench.UnpackTarAsync(tar, limits: new UnpackLimits(Bytes: 10));
        await Workbench.AssertFailsAsync("LAVA3018", () => bench.UnpackTarAsync(tar, limits: new UnpackLimits(Bytes: 9)));
    }

    [TestMethod]
    public void Names_that_would_fill_memory_are_refused()
    {
        UnpackMeter meter = new(new UnpackLimits(), 1, new ArchiveFaults(new UnpackRequest("thing", "archive", new TreeRecipe(ArchiveFormat.Tar), new UnpackLimits(), new SourceLocation("a.proj", 7))));
        string name = new('n', 1 << 16);
        TreeEntry entry = new("a", EntryKind.File) { Elf = new ElfFacts(null, null, [name]) };
        int counted = 0;
        LavaException failure = Assert.ThrowsExactly<LavaException>(() =>
        {
            for (; counted < 1 << 20; counted++)
            {
                meter.CountText(entry);
            }
        });
        Assert.AreEqual("LAVA3022", failure.Problems.Single().Code);
        Assert.AreEqual((int)(UnpackLimits.Text / (name.Length + 1)), counted);
    }

    [TestMethod]
    public async Task A_claim_of_more_than_allowed_is_refused_before_anything_is_written()
    {
        using Workbench bench = new();
        TarBuilder tar = new TarBuilder().Member('0', "a", size: (1L << 33) - 1);
        await Workbench.AssertFailsAsync("LAVA3018", () => bench.UnpackTarAsync(tar, limits: new UnpackLimits(Bytes: 1 << 20)));
        Assert.IsFalse(File.Exists(Path.Combine(bench.Tree, "a")));
    }

    [TestMethod]
    [DataRow(ArchiveFormat.TarGzip)]
    [DataRow(ArchiveFormat.TarXz)]
    [DataRow(ArchiveFormat.TarZstandard)]
    [DataRow(ArchiveFormat.TarBzip2)]
    public async Task A_bomb_is_stopped_soon_after_the_ratio_counts(ArchiveFormat format)
    {
        using Workbench bench = new();
        byte[] tar = new TarBuilder().Member('0', "blanks", new byte[65 << 20]).Finished();
        string archive = await bench.PackAsync(tar, format);
        await Workbench.AssertFailsAsync("LAVA3019", () => bench.UnpackAsync(archive, format, limits: new UnpackLimits(Ratio: 20)));
        Assert.IsLessThanOrEqualTo(UnpackLimits.RatioFloor, new FileInfo(Path.Combine(bench.Tree, "blanks")).Length);
    }

    [TestMethod]
    public async Task Blanks_behind_the_end_count_too()
    {
        using Workbench bench = new();
        byte[] tar = [.. new TarBuilder().File("a").Finished(), .. new byte[65 << 20]];
        string archive = await bench.PackAsync(tar, ArchiveFormat.TarGzip);
        await Workbench.AssertFailsAsync("LAVA3019", () => bench.UnpackAsync(archive, ArchiveFormat.TarGzip, limits: new UnpackLimits(Ratio: 20)));
    }

    [TestMethod]
    public async Task A_small_archive_of_blanks_is_harmless()
    {
        using Workbench bench = new();
        byte[] zip = new ZipBuilder().Member("blanks", new string(' ', 8 << 20)).Finished();
        TreeManifest manifest = await bench.UnpackZipAsync(zip, new UnpackLimits(Ratio: 2));
        Assert.AreEqual(8 << 20, manifest.Entries.Single().Size);
        Assert.AreEqual(Encoding.ASCII.GetByteCount(new string(' ', 8 << 20)), new FileInfo(Path.Combine(bench.Tree, "blanks")).Length);
    }
}
