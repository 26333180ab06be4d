using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

[TestClass]
public sealed class HostileTarTests
{
    [TestMethod]
    public async Task A_member_that_is_passed_over_and_claims_all_the_bytes_there_can_be_ends_behind_the_archive()
    {
        using Workbench bench = new();
        TarBuilder tar = new TarBuilder().Pax(("size", "9223372036854775807")).Member('0', "dropped").File("top/inner", "shown");
        await Workbench.AssertFailsAsync("LAVA3001", () => bench.UnpackTarAsync(tar, strip: 1));
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
