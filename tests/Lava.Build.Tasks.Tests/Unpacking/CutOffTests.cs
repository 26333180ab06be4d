using Lava.Build.Diagnostics;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

[TestClass]
public sealed class CutOffTests
{
    public static IEnumerable<object[]> Formats => Workbench.TarFormats.Select(format => new object[] { format });

    [TestMethod]
    [DynamicData(nameof(Formats))]
    public async Task A_cut_off_archive_is_refused_unless_only_padding_is_missing(ArchiveFormat format)
    {
        using Workbench bench = new();
        byte[] random = new byte[3000];
        new Random(1).NextBytes(random);
        byte[] tar = new TarBuilder()
            .Directory("./").Directory("./d").Pax(("mtime", "12.5")).Member('0', "./d/f", random).LongName("./d/long").File("x", "text")
            .Link("./l", "d").HardLink("./h", "d/f").Finished();
        byte[] whole = await File.ReadAllBytesAsync(await bench.PackAsync(tar, format));
        TreeManifest expected = await bench.UnpackAsync(await bench.PackAsync(tar, format), format);
        string cut = bench.PathOf("cut");
        for (int length = 0; length < whole.Length; length += TarBuilder.Block)
        {
            await File.WriteAllBytesAsync(cut, whole[..length]);
            try
            {
                TreeManifest manifest = await bench.UnpackAsync(cut, format);
                CollectionAssert.AreEqual(expected.Entries.ToArray(), manifest.Entries.ToArray(), $"{length} bytes");
                Assert.IsTrue(format == ArchiveFormat.Tar && length > tar.Length - (2 * TarBuilder.Block), $"{format} of {length} bytes was taken");
            }
            catch (LavaException failure)
            {
                Problem problem = failure.Problems.Single();
                Assert.IsTrue(problem.Code is "LAVA3001" or "LAVA3002", problem.Text);
            }
        }
    }

    [TestMethod]
    public async Task An_archive_without_an_end_is_refused()
    {
        using Workbench bench = new();
        byte[] tar = new TarBuilder().File("a", "text").Unfinished();
        foreach (ArchiveFormat format in Workbench.TarFormats)
        {
            string archive = await bench.PackAsync(tar, format);
            await Workbench.AssertFailsAsync("LAVA3001", () => bench.UnpackAsync(archive, format), format.ToString());
        }
    }

    [TestMethod]
    public async Task A_gzip_archive_whose_checksum_is_wrong_is_refused()
    {
        using Workbench bench = new();
        byte[] tar = new TarBuilder().File("a", "text").Finished();
        byte[] whole = await File.ReadAllBytesAsync(await bench.PackAsync(tar, ArchiveFormat.TarGzip));
        string damaged = bench.PathOf("damaged");
        for (int fromEnd = 1; fromEnd <= 8; fromEnd++)
        {
            byte[] flipped = [.. whole];
            flipped[^fromEnd] ^= 1;
            await File.WriteAllBytesAsync(damaged, flipped);
            await Workbench.AssertFailsAsync("LAVA3001", () => bench.UnpackAsync(damaged, ArchiveFormat.TarGzip), $"byte {fromEnd} from the end");
        }
    }
}
