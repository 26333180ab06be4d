using Lava.Build.Platform;
using Lava.Build.Tests.Cache;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Damage;

/// <summary>What happens to a build when modes were changed below it. As a real user: root reads whatever the mode is.</summary>
[TestClass]
public sealed class ModeDamageTests
{
    private const UnixFileMode Writable = UnixFileMode.UserWrite | TreeModes.File;

    [TestMethod]
    public async Task An_archive_that_its_owner_may_not_read_is_set_aside_and_fetched_again()
    {
        using SharedCache shared = await SharedCache.MakeAsync(SharedCache.SetGroup);
        string archive = shared.Bench.Archives.PathOf(shared.Request.Archive);
        byte[] content = await File.ReadAllBytesAsync(archive);
        File.SetUnixFileMode(archive, UnixFileMode.None);
        string[] told = await AssembleAsync(shared);
        Assert.HasCount(2, told);
        Assert.StartsWith($"LAVA2002: The cached archive {shared.Request.Archive} is damaged: it cannot be read (Access to the path '{archive}' is denied). It was set aside as", told[0]);
        Assert.StartsWith("LAVA2003", told[1]);
        Assert.IsFalse(File.Exists(archive));
        string aside = Directory.GetFiles(shared.Bench.Layout.Damaged).Single();
        CollectionAssert.AreEqual(content, await File.ReadAllBytesAsync(aside));

        // As a download does.
        string incoming = shared.Bench.Archives.FreshPath("again");
        await File.WriteAllBytesAsync(incoming, content);
        Assert.AreEqual(shared.Request.Archive, shared.Bench.Archives.Add(incoming, shared.Request.Archive, CancellationToken.None));
        Assert.IsEmpty(await AssembleAsync(shared));
        AssertWhole(shared);
    }

    [TestMethod]
    public async Task A_manifest_of_the_cache_that_its_owner_may_not_read_is_set_aside_with_its_tree_which_is_unpacked_again()
    {
        using SharedCache shared = await SharedCache.MakeAsync(SharedCache.SetGroup);
        string digest = shared.Request.Digest(null);
        string manifest = shared.Bench.Trees().ManifestPath(digest);
        Assert.AreEqual("", await shared.RunAsync(SharedCache.First, "022", "unpack", shared.Bench.Layout.Root, shared.Request.Archive));
        File.SetUnixFileMode(manifest, UnixFileMode.None);
        string told = (await AssembleAsync(shared)).Single();
        Assert.StartsWith($"LAVA2004: The cached tree '{Path.GetDirectoryName(manifest)}' is damaged: it cannot be read (Access to the path '{manifest}' is denied). It was set aside as", told);
        Assert.HasCount(1, Directory.GetDirectories(shared.Bench.Layout.Damaged));
        AssertWhole(shared);
        Assert.IsEmpty(await AssembleAsync(shared));
    }

    [TestMethod]
    public async Task A_manifest_of_the_store_that_its_owner_may_not_read_is_set_aside_with_its_tree_which_is_made_again()
    {
        using SharedCache shared = await SharedCache.MakeAsync(SharedCache.SetGroup);
        Assert.IsEmpty(await AssembleAsync(shared));
        string manifest = Path.Combine(Stored(shared), TreeManifest.FileName);

        // The one of the cache may be another name of the same file.
        string copy = manifest + ".copy";
        File.Copy(manifest, copy);
        Posix.Rename(copy, manifest);
        await Shells.Run.OutputAsync("chown", [$"{SharedCache.First}", manifest]);
        File.SetUnixFileMode(manifest, UnixFileMode.None);
        string told = (await AssembleAsync(shared)).Single();
        Assert.StartsWith("LAVA4040", told);
        Assert.Contains($"it cannot be read (Access to the path '{manifest}' is denied)", told);
        AssertWhole(shared);
        Assert.IsEmpty(await AssembleAsync(shared));
    }

    [TestMethod]
    [DataRow("archive")]
    [DataRow("manifest")]
    public async Task What_was_only_made_writable_is_whole_and_stays_as_it_is(string what)
    {
        using SharedCache shared = await SharedCache.MakeAsync(SharedCache.SetGroup);
        string path = shared.Bench.Archives.PathOf(shared.Request.Archive);
        if (what == "manifest")
        {
            await shared.RunAsync(SharedCache.First, "022", "unpack", shared.Bench.Layout.Root, shared.Request.Archive);
            path = shared.Bench.Trees().ManifestPath(shared.Request.Digest(null));
        }

        Assert.AreEqual(TreeModes.File, File.GetUnixFileMode(path));
        File.SetUnixFileMode(path, Writable);
        Assert.IsEmpty(await AssembleAsync(shared));
        Assert.AreEqual(Writable, File.GetUnixFileMode(path));
        Assert.IsEmpty(Directory.GetFileSystemEntries(shared.Bench.Layout.Damaged));
        AssertWhole(shared);
    }

    private static string Stored(SharedCache shared) => Path.Combine(shared.InstanceOf(SharedCache.First), "code/.store/a-1");

    /// <summary>Assembles as the first user; gives the lines that he is told.</summary>
    private static async Task<string[]> AssembleAsync(SharedCache shared) =>
        (await shared.RunAsync(SharedCache.First, "022", "assemble", shared.Bench.Layout.Root, shared.InstanceOf(SharedCache.First), shared.Request.Archive))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static void AssertWhole(SharedCache shared)
    {
        string digest = shared.Request.Digest(null);
        Assert.IsTrue(shared.Bench.Archives.Verify(shared.Request.Archive, CancellationToken.None));
        AssertWhole(shared.Bench.Trees().TreePath(digest), shared.Bench.Trees().ManifestPath(digest));
        AssertWhole(Stored(shared), Path.Combine(Stored(shared), TreeManifest.FileName));
    }

    private static void AssertWhole(string tree, string manifest) =>
        Assert.IsNull(TreeInspection.Inspect(tree, manifest, InspectionDepth.Content, null, CancellationToken.None).Difference);
}
