using Lava.Build.Cache;
using Lava.Build.Diagnostics;
using Lava.Build.Releases;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

/// <summary>Attacks by how an archive is packed, and by several archives together.</summary>
[TestClass]
public sealed class PackedAttackTests
{
    public static IEnumerable<object[]> Packings => AttackMatrix.Packings.Select(packing => new object[] { packing.Name });

    /// <summary>What bzip2 says of more bytes is a warning; a Debian package may have more members, and dpkg does not look for them.</summary>
    [TestMethod]
    [DataRow("tar.gz", "LAVA3001")]
    [DataRow("tar.xz", "LAVA3002")]
    [DataRow("tar.zst", "LAVA3002")]
    [DataRow("tar.bz2", null)]
    [DataRow("deb", null)]
    [DataRow("zip", "LAVA3001")]
    [DataRow("tar", null)]
    public async Task Garbage_behind_an_archive_is_refused_or_passed_over(string name, string? code)
    {
        using Workbench bench = new();
        using HostileBench cache = new();
        Packing packing = Packing(name);
        string archive = await PackAsync(bench, packing, new TarBuilder().File("a", "text"), new ZipBuilder().Member("a", "text"));
        await File.AppendAllTextAsync(archive, "garbage");
        if (code is null)
        {
            Assert.AreEqual("a", (await bench.UnpackAsync(archive, packing.Format)).Entries.Single().Path);
        }
        else
        {
            await cache.AssertRefusedAsync(archive, packing.Format, null, code, name);
        }
    }

    /// <summary>dpkg-deb looks no further than the end of what it decompresses, in gzip's case of all members; nor does the tar go on there.</summary>
    [TestMethod]
    [DataRow("deb", "garbage")]
    [DataRow("deb, gz", "garbage")]
    [DataRow("deb, xz", "garbage")]
    [DataRow("deb, zst", "garbage")]
    [DataRow("deb", null)]
    [DataRow("deb, gz", null)]
    [DataRow("deb, xz", null)]
    [DataRow("deb, zst", null)]
    public async Task Garbage_or_a_second_archive_behind_the_data_in_a_package_is_passed_over_as_dpkg_does(string name, string? garbage)
    {
        using Workbench bench = new();
        (ArchiveFormat format, string ending) = Packing(name).Data!.Value;
        byte[] data = await PackedAsync(new TarBuilder().File("a", "text"));
        byte[] behind = garbage is null ? await PackedAsync(new TarBuilder().File("../escape")) : System.Text.Encoding.ASCII.GetBytes(garbage);
        string archive = await bench.WriteAsync(new DebBuilder().Whole("data.tar" + ending, [.. data, .. behind]).Finished());
        Assert.AreEqual("a", (await bench.UnpackAsync(archive, ArchiveFormat.Deb)).Entries.Single().Path);

        async Task<byte[]> PackedAsync(TarBuilder tar) => await File.ReadAllBytesAsync(await bench.PackAsync(tar.Finished(), format));
    }

    [TestMethod]
    [DataRow("tar.gz")]
    [DataRow("tar.xz")]
    [DataRow("tar.zst")]
    [DataRow("tar.bz2")]
    [DataRow("deb, gz")]
    [DataRow("deb, xz")]
    [DataRow("deb, zst")]
    [DataRow("zip")]
    [TestCategory("Slow")]
    public async Task A_bomb_by_ratio_is_stopped(string name)
    {
        using Workbench bench = new();
        using HostileBench cache = new();
        Packing packing = Packing(name);
        byte[] blanks = new byte[UnpackLimits.RatioFloor + (1 << 20)];
        string archive = await PackAsync(
            bench, packing, new TarBuilder().Member('0', "blanks", blanks), new ZipBuilder().Member("blanks", rawContent: blanks));
        await cache.AssertRefusedAsync(archive, packing.Format, new UnpackLimits(Ratio: 20), "LAVA3019", name);
    }

    /// <summary>CVE-2025-45582: what one archive planted must not be met by the next.</summary>
    [TestMethod]
    [DynamicData(nameof(Packings))]
    public async Task A_link_that_one_archive_planted_is_not_there_for_the_next(string name)
    {
        using Workbench bench = new();
        Packing packing = Packing(name);
        string outside = Directory.CreateDirectory(bench.PathOf("outside")).FullName;
        string planted = await PackAsync(bench, packing, new TarBuilder().Link("x", outside), new ZipBuilder().Member("x", outside, mode: AttackMatrix.LinkMode));
        string next = await PackAsync(bench, packing, new TarBuilder().File("x/authorized_keys", "evil"), new ZipBuilder().Member("x/authorized_keys", "evil"));
        ReleaseTree one = await TreeAsync(planted, "one");
        ReleaseTree two = await TreeAsync(next, "two");
        Assert.IsEmpty(Directory.GetFileSystemEntries(outside));
        Assert.IsNull(new FileInfo(Path.Combine(bench.Tree, "x")).LinkTarget);

        // Nor do they meet in a release: a link and a directory are no one path.
        LavaException conflict = Assert.ThrowsExactly<LavaException>(() => MergedView.Build([one, two], []));
        Assert.AreEqual("LAVA4001", conflict.Problems.Single().Code);

        async Task<ReleaseTree> TreeAsync(string archive, string component) => new()
        {
            Component = component,
            StoreName = component,
            Manifest = await bench.UnpackAsync(archive, packing.Format),
        };
    }

    /// <summary>The same on the way that a build takes, from the cache to a release, whichever comes first.</summary>
    [TestMethod]
    [DataRow("{outside}")]
    [DataRow("../../../outside")]
    [DataRow("../../../../outside")]
    [DataRow("y")]
    [DataRow("y/..")]
    [DataRow(".")]
    public async Task What_one_archive_planted_leads_no_other_out_of_its_tree_or_of_the_release(string target)
    {
        foreach (bool first in (bool[])[true, false])
        {
            using ReleaseBench bench = new();
            string outside = Directory.CreateDirectory(bench.Cache.At("outside")).FullName;
            await File.WriteAllTextAsync(Path.Combine(outside, "kept"), "kept");
            TreeRequest planted = await bench.Cache.AddAsync(first ? "a" : "c", "y/own=own", $"x->{target.Replace("{outside}", outside, StringComparison.Ordinal)}");
            TreeRequest next = await bench.Cache.AddAsync("b", "x/evil=evil");
            TreeRequest[] requests = first ? [planted, next] : [next, planted];
            await bench.Trees.EnsureAsync(requests, CancellationToken.None);
            CollectionAssert.AreEqual((string[])["x/evil=evil"], CacheBench.Lines(bench.Trees.TreePath(bench.Trees.DigestOf(next))));
            LavaException refusal = await Assert.ThrowsExactlyAsync<LavaException>(() => bench.AssembleAsync(requests));
            Assert.AreEqual("LAVA4001", refusal.Problems.Single().Code);
            Assert.IsEmpty(bench.InCode().Where(name => name != ".store"));

            // Wherever it led, nothing has come there.
            CollectionAssert.AreEqual((string[])["kept=kept"], CacheBench.Lines(outside));
            string[] evil = Directory.GetFiles(bench.Cache.At(), "evil", SearchOption.AllDirectories);
            Assert.IsTrue(evil.All(path => path.EndsWith("/x/evil", StringComparison.Ordinal)), string.Join('\n', evil));
        }
    }

    private static Packing Packing(string name) => AttackMatrix.Packings.Single(packing => packing.Name == name);

    private static Task<string> PackAsync(Workbench bench, Packing packing, TarBuilder tar, ZipBuilder zip) =>
        AttackMatrix.PackAsync(bench, packing, packing.Format == ArchiveFormat.Zip ? zip.Finished() : tar.Finished());
}
