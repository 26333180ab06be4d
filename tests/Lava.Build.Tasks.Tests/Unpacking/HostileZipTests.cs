using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

[TestClass]
public sealed class HostileZipTests
{
    private const int LinkMode = AttackMatrix.LinkMode;

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

    /// <summary>Some readers look for a ZIP64 end only if the plain one leaves something open, others always.</summary>
    [TestMethod]
    public async Task A_ZIP64_end_in_the_comment_of_the_last_member_leads_no_two_readers_to_two_directories()
    {
        using Workbench bench = new();
        byte[] zip = new ZipBuilder().Member("a", comment: new byte[76]).Finished();
        Assert.AreEqual("a", (await bench.UnpackZipAsync(zip)).Entries.Single().Path);
        int end = zip.Length - 22 - 76;
        new ZipEnd64().Bytes(0, 0, end).CopyTo(zip, end);
        await Workbench.AssertFailsAsync("LAVA3001", () => bench.UnpackZipAsync(zip));
    }

    [TestMethod]
    public async Task A_cut_off_ZIP64_archive_with_descriptors_is_refused_wherever_it_was_cut()
    {
        using Workbench bench = new();
        byte[] zip = new ZipBuilder().Member("a", "some text", flags: 8)
            .Member("b", "more", method: 0, size: -1, packedSize: -1, extra: ZipFields.Wide(4, 4), localExtra: ZipFields.Wide(4, 4))
            .End64(new ZipEnd64()).Finished();
        Assert.HasCount(2, (await bench.UnpackZipAsync(zip)).Entries);
        for (int length = 0; length < zip.Length; length++)
        {
            byte[] cut = zip[..length];
            await Workbench.AssertFailsAsync("LAVA3001", () => bench.UnpackZipAsync(cut), $"{length} bytes");
        }
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
                Assert.IsNull(TreeVerifier.FindDifferenceInContent(bench.Tree, manifest, CancellationToken.None));
            }
            catch (Lava.Build.Diagnostics.LavaException failure)
            {
                StringAssert.StartsWith(failure.Problems.Single().Code, "LAVA30");
            }
        }
    }
}
