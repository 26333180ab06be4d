using Lava.Build.Cache;
using Lava.Build.Platform;

namespace Lava.Build.Tests.Cache;

[TestClass]
public sealed class ArchiveCacheTests
{
    private const string Content = "the archive's bytes";
    private static readonly string Digest = Hashing.OfText(Content);

    [TestMethod]
    public async Task An_archive_stands_under_its_digest_and_cannot_be_written()
    {
        using CacheBench bench = new();
        Assert.AreEqual(Digest, await AddAsync(bench, Digest));
        string path = bench.Archives.PathOf(Digest);
        Assert.AreEqual(Path.Combine(bench.Layout.Archives, Digest), path);
        Assert.AreEqual(Content, await File.ReadAllTextAsync(path));
        Assert.AreEqual((UnixFileMode)0b100_100_100, File.GetUnixFileMode(path));
        Assert.IsTrue(bench.Archives.Contains(Digest, Content.Length));
        Assert.IsTrue(bench.Archives.Contains(Digest, null));
        Assert.IsTrue(bench.Archives.Verify(Digest, CancellationToken.None));
        Assert.IsEmpty(Directory.GetFiles(bench.Layout.Incoming));
    }

    [TestMethod]
    public async Task An_archive_of_unknown_digest_is_taken_as_it_is()
    {
        using CacheBench bench = new();
        Assert.AreEqual(Digest, await AddAsync(bench, null));
        Assert.IsTrue(bench.Archives.Contains(Digest, Content.Length));
    }

    [TestMethod]
    public async Task Nothing_is_kept_of_an_archive_with_another_digest()
    {
        using CacheBench bench = new();
        string expected = Hashing.OfText("other bytes");
        Assert.AreEqual(Digest, await AddAsync(bench, expected));
        Assert.IsFalse(bench.Archives.Contains(Digest, null));
        Assert.IsFalse(bench.Archives.Contains(expected, null));
        Assert.IsEmpty(Directory.GetFiles(bench.Layout.Incoming));
        Assert.IsEmpty(Directory.GetFiles(bench.Layout.Archives));
    }

    [TestMethod]
    public async Task The_same_archive_twice_is_one()
    {
        using CacheBench bench = new();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => AddAsync(bench, Digest))));
        Assert.HasCount(1, Directory.GetFiles(bench.Layout.Archives));
        Assert.AreEqual(Content, await File.ReadAllTextAsync(bench.Archives.PathOf(Digest)));
    }

    [TestMethod]
    public async Task An_archive_of_another_size_is_set_aside_and_counts_as_missing()
    {
        using CacheBench bench = new();
        await AddAsync(bench, Digest);
        Assert.IsFalse(bench.Archives.Contains(Digest, Content.Length + 1));
        AssertSetAside(bench);
        Assert.IsFalse(bench.Archives.Contains(Digest, Content.Length));
    }

    [TestMethod]
    public async Task An_archive_of_other_content_is_set_aside()
    {
        using CacheBench bench = new();
        await AddAsync(bench, Digest);
        CacheBench.Damage(bench.Archives.PathOf(Digest), Content.ToUpperInvariant());
        Assert.IsTrue(bench.Archives.Contains(Digest, Content.Length));
        Assert.IsFalse(bench.Archives.Verify(Digest, CancellationToken.None));
        AssertSetAside(bench);

        await AddAsync(bench, Digest);
        Assert.IsTrue(bench.Archives.Verify(Digest, CancellationToken.None));
    }

    [TestMethod]
    public async Task A_damaged_archive_is_set_aside_although_the_place_for_that_was_deleted()
    {
        using CacheBench bench = new();
        await AddAsync(bench, Digest);
        Directory.Delete(bench.Layout.Damaged);
        Assert.IsFalse(bench.Archives.Contains(Digest, 1));
        AssertSetAside(bench);
    }

    [TestMethod]
    public async Task Many_builds_that_find_the_same_damage_set_it_aside_once()
    {
        using CacheBench bench = new();
        await AddAsync(bench, Digest);
        bool[] found = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => bench.Archives.Contains(Digest, 1))));
        Assert.IsFalse(found.Any(has => has));
        AssertSetAside(bench);
    }

    [TestMethod]
    public void A_directory_in_the_place_of_an_archive_is_set_aside()
    {
        using CacheBench bench = new();
        Directory.CreateDirectory(bench.Archives.PathOf(Digest));
        Assert.IsFalse(bench.Archives.Contains(Digest, null));
        Assert.IsFalse(Path.Exists(bench.Archives.PathOf(Digest)));
        Assert.AreEqual("LAVA2002", bench.Log.Warnings.Single().Code);
    }

    [TestMethod]
    public void A_download_is_resumed_under_the_same_key_only()
    {
        using CacheBench bench = new();
        Assert.AreEqual(bench.Archives.ResumablePath("a"), bench.Archives.ResumablePath("a"));
        Assert.AreNotEqual(bench.Archives.ResumablePath("a"), bench.Archives.ResumablePath("b"));
        Assert.AreNotEqual(bench.Archives.FreshPath("a"), bench.Archives.ResumablePath("a"));
        Assert.AreEqual(bench.Layout.Incoming, Path.GetDirectoryName(bench.Archives.ResumablePath("../a/\n")));
    }

    [TestMethod]
    public async Task What_a_killed_build_left_goes_and_what_is_resumed_or_in_use_stays()
    {
        using CacheBench bench = new();
        string file = bench.Archives.FreshPath("file");
        string directory = Directory.CreateDirectory(bench.Archives.FreshPath("directory")).FullName;
        string used = bench.Archives.FreshPath("used");
        string part = bench.Archives.ResumablePath("part");
        foreach (string path in (string[])[file, Path.Combine(directory, "a.deb"), used, part])
        {
            await File.WriteAllTextAsync(path, Content);
        }

        using (await bench.Archives.LockAsync("used", CancellationToken.None))
        {
            bench.Archives.DeleteLeftovers();
            CollectionAssert.AreEquivalent((string[])[used, part], Directory.GetFileSystemEntries(bench.Layout.Incoming));
        }

        bench.Archives.DeleteLeftovers();
        Assert.AreEqual(part, Directory.GetFileSystemEntries(bench.Layout.Incoming).Single());
    }

    [TestMethod]
    public async Task One_build_at_a_time_fetches_the_same()
    {
        using CacheBench bench = new();
        FileLock first = await bench.Archives.LockAsync("a", CancellationToken.None);
        (await bench.Archives.LockAsync("b", CancellationToken.None)).Dispose();
        Task<FileLock> second = bench.Archives.LockAsync("a", CancellationToken.None);
        Assert.IsFalse(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
        Assert.Contains("fetching, process", bench.Log.Lines.Single());
    }

    [TestMethod]
    public void A_new_cache_is_the_users_own_and_an_old_one_keeps_its_mode()
    {
        using CacheBench bench = new();
        Assert.AreEqual((UnixFileMode)0b111_000_000, File.GetUnixFileMode(bench.Layout.Root));
        const UnixFileMode Shared = (UnixFileMode)0b111_111_101;
        string shared = Directory.CreateDirectory(bench.At("shared")).FullName;
        File.SetUnixFileMode(shared, Shared);
        new CacheLayout(shared).Create();
        Assert.AreEqual(Shared, File.GetUnixFileMode(shared));
        Assert.IsTrue(Directory.Exists(Path.Combine(shared, "trees")));
    }

    private static async Task<string> AddAsync(CacheBench bench, string? expected)
    {
        string incoming = bench.Archives.FreshPath(Guid.NewGuid().ToString());
        await File.WriteAllTextAsync(incoming, Content);
        return bench.Archives.Add(incoming, expected, CancellationToken.None);
    }

    private static void AssertSetAside(CacheBench bench)
    {
        Assert.IsFalse(File.Exists(bench.Archives.PathOf(Digest)));
        string aside = Directory.GetFiles(bench.Layout.Damaged).Single();
        Assert.StartsWith(Digest, Path.GetFileName(aside));
        Assert.AreEqual("LAVA2002", bench.Log.Warnings.Single().Code);
        Assert.Contains(aside, bench.Log.Warnings.Single().Text);
    }
}
