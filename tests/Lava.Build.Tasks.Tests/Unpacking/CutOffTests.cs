using System.IO.Compression;
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
        byte[] random = RandomBytes(3000);
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
    public async Task A_gzip_archive_is_refused_wherever_it_was_cut()
    {
        using Workbench bench = new();
        byte[] whole = await File.ReadAllBytesAsync(await bench.PackAsync(new TarBuilder().File("a", "text").Finished(), ArchiveFormat.TarGzip));
        string cut = bench.PathOf("cut");
        foreach (byte[] archive in (byte[][])[whole, [.. whole, .. Gzip(new byte[10000])]])
        {
            for (int length = 0; length < archive.Length; length++)
            {
                if (length != whole.Length)
                {
                    await File.WriteAllBytesAsync(cut, archive[..length]);
                    await Workbench.AssertFailsAsync("LAVA3001", () => bench.UnpackAsync(cut, ArchiveFormat.TarGzip), $"{length} of {archive.Length} bytes");
                }
            }
        }
    }

    [TestMethod]
    public async Task A_gzip_archive_of_several_members_is_one_archive()
    {
        using Workbench bench = new();
        byte[] tar = new TarBuilder().File("a", new string('a', 3000)).Member('0', "b", RandomBytes(70_000)).Finished();
        TreeManifest expected = await bench.UnpackAsync(await bench.PackAsync(tar, ArchiveFormat.TarGzip), ArchiveFormat.TarGzip);
        string archive = bench.PathOf("members");
        foreach (int size in (int[])[1 << 16, 1000, 511, 17, 16, 15, 7])
        {
            await File.WriteAllBytesAsync(archive, [.. tar.Chunk(size).SelectMany(Gzip), .. Gzip([])]);
            TreeManifest manifest = await bench.UnpackAsync(archive, ArchiveFormat.TarGzip);
            CollectionAssert.AreEqual(expected.Entries.ToArray(), manifest.Entries.ToArray(), $"{size} bytes each");
        }
    }

    [TestMethod]
    [DataRow("\0")]
    [DataRow("garbage")]
    [DataRow("\u001f")]
    [DataRow("gzip ends here.\n")]
    public async Task What_follows_a_gzip_archive_and_is_none_is_refused(string more)
    {
        using Workbench bench = new();
        string archive = await bench.PackAsync(new TarBuilder().File("a", "text").Finished(), ArchiveFormat.TarGzip);
        await File.AppendAllTextAsync(archive, more);
        await Workbench.AssertFailsAsync("LAVA3001", () => bench.UnpackAsync(archive, ArchiveFormat.TarGzip));
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

    private static byte[] RandomBytes(int count)
    {
        byte[] random = new byte[count];
        new Random(1).NextBytes(random);
        return random;
    }

    private static byte[] Gzip(byte[] content)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
            gzip.Flush();
        }

        return packed.ToArray();
    }
}
