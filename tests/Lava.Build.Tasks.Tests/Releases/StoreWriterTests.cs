using Lava.Build.Cache;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Releases;
using Lava.Build.Tests.Shells;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Releases;

[TestClass]
public sealed class StoreWriterTests
{
    private const string StoreName = "a-1.0-0123456789ab";
    private static readonly string[] Lines = ["usr/bin/run*=#!/bin/sh\n", "usr/share/a->../bin/run", "usr/share/empty/", "usr/share/text=words"];

    [TestMethod]
    public async Task Hard_links_share_the_caches_files()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", Lines);
        TreeManifest manifest = (await bench.Store.EnsureAsync([(request, StoreName)], InspectionDepth.Manifest, CancellationToken.None)).Single();
        string cached = bench.Trees.TreePath(bench.Trees.DigestOf(request));
        string stored = bench.Layout.StoreTree(StoreName);
        Assert.IsNull(TreeVerifier.FindDifference(stored, manifest));
        Assert.AreEqual("../bin/run", new FileInfo(Path.Combine(stored, "usr/share/a")).LinkTarget);
        Assert.IsTrue(Directory.Exists(Path.Combine(stored, "usr/share/empty")));
        Assert.AreEqual(await InodeAsync(Path.Combine(cached, "usr/share/text")), await InodeAsync(Path.Combine(stored, "usr/share/text")));
        CollectionAssert.AreEqual(new[] { StoreName }, bench.InStore());
        Assert.IsEmpty(bench.Log.Warnings);
    }

    [TestMethod]
    public async Task Copies_share_nothing_and_are_the_same()
    {
        using ReleaseBench bench = new() { LinkMode = LinkMode.Copy };
        TreeRequest request = await bench.Cache.AddAsync("a", Lines);
        TreeManifest manifest = (await bench.Store.EnsureAsync([(request, StoreName)], InspectionDepth.Manifest, CancellationToken.None)).Single();
        string cached = bench.Trees.TreePath(bench.Trees.DigestOf(request));
        string stored = bench.Layout.StoreTree(StoreName);
        Assert.AreNotEqual(await InodeAsync(Path.Combine(cached, "usr/share/text")), await InodeAsync(Path.Combine(stored, "usr/share/text")));
        Assert.IsNull(TreeVerifier.FindDifference(stored, manifest));
        Assert.IsEmpty(bench.Log.Warnings);
    }

    [TestMethod]
    public async Task What_stands_in_the_store_needs_no_cache()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", Lines);
        await bench.Store.EnsureAsync([(request, StoreName)], InspectionDepth.Manifest, CancellationToken.None);
        Directory.Delete(bench.Cache.Layout.Root, recursive: true);
        IReadOnlyList<TreeManifest> manifests = await bench.Store.EnsureAsync([(request, StoreName)], InspectionDepth.Manifest, CancellationToken.None);
        Assert.IsNull(TreeVerifier.FindDifference(bench.Layout.StoreTree(StoreName), manifests.Single()));
    }

    [TestMethod]
    public async Task What_is_nowhere_is_an_error()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", Lines);
        File.Delete(bench.Cache.Archives.PathOf(request.Archive));
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(
            () => bench.Store.EnsureAsync([(request, StoreName)], InspectionDepth.Manifest, CancellationToken.None));
        Assert.AreEqual("LAVA2003", failure.Problems.Single().Code);
        Assert.IsEmpty(bench.InStore());
    }

    [TestMethod]
    [DataRow("content")]
    [DataRow("mode")]
    [DataRow("missing")]
    [DataRow("manifest")]
    public async Task A_damaged_tree_of_the_cache_is_made_again_and_never_reaches_the_store(string damage)
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", Lines);
        await bench.Trees.EnsureAsync([request], CancellationToken.None);
        string digest = bench.Trees.DigestOf(request);
        string file = Path.Combine(bench.Trees.TreePath(digest), "usr/share/text");
        switch (damage)
        {
            case "content":
                CacheBench.Damage(file, "other words");
                break;
            case "mode":
                File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.SetUser);
                break;
            case "missing":
                File.Delete(file);
                break;
            default:
                CacheBench.Damage(bench.Trees.ManifestPath(digest), "lava-build tree");
                break;
        }

        // Any part of the cache may be deleted at any time.
        Directory.Delete(bench.Cache.Layout.Damaged);
        TreeManifest manifest = (await bench.Store.EnsureAsync([(request, StoreName)], InspectionDepth.Manifest, CancellationToken.None)).Single();
        string stored = bench.Layout.StoreTree(StoreName);
        Assert.IsNull(TreeVerifier.FindDifferenceInContent(bench.Trees.TreePath(digest), manifest, CancellationToken.None));
        Assert.IsNull(TreeVerifier.FindDifference(stored, manifest));
        Assert.AreEqual("words", await File.ReadAllTextAsync(Path.Combine(stored, "usr/share/text")));
        Assert.AreEqual("LAVA2004", bench.Log.Warnings.Single().Code);
        Assert.HasCount(1, Directory.GetDirectories(bench.Cache.Layout.Damaged));
    }

    [TestMethod]
    public async Task A_damaged_manifest_of_the_store_is_told_and_its_tree_made_again()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", Lines);
        await bench.Store.EnsureAsync([(request, StoreName)], InspectionDepth.Manifest, CancellationToken.None);
        string path = Path.Combine(bench.Layout.StoreTree(StoreName), StoreTree.ManifestName);
        CacheBench.Damage(path, "");
        TreeManifest manifest = (await bench.Store.EnsureAsync([(request, StoreName)], InspectionDepth.Manifest, CancellationToken.None)).Single();
        Assert.Contains("LAVA4040", bench.Log.Warnings.Select(warning => warning.Code));
        Assert.IsNull(TreeVerifier.FindDifference(bench.Layout.StoreTree(StoreName), manifest));
        Assert.IsEmpty(Directory.GetDirectories(bench.Layout.Store, ".staging-*"));
    }

    [TestMethod]
    public async Task What_a_killed_build_left_is_removed()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", Lines);
        foreach (string leftover in (string[])[".staging-0123/x", $"{StoreName}/usr"])
        {
            Directory.CreateDirectory(Path.Combine(bench.Layout.Store, leftover));
            await File.WriteAllTextAsync(Path.Combine(bench.Layout.Store, leftover, "half"), "");
        }

        await bench.Store.EnsureAsync([(request, StoreName)], InspectionDepth.Manifest, CancellationToken.None);
        CollectionAssert.AreEqual(new[] { StoreName }, bench.InStore());
        Assert.IsFalse(File.Exists(Path.Combine(bench.Layout.StoreTree(StoreName), "usr/half")));

        // It may have been killed after its last rename.
        Directory.CreateDirectory(Path.Combine(bench.Layout.Store, ".staging-4567"));
        await bench.Store.EnsureAsync([(request, StoreName)], InspectionDepth.Manifest, CancellationToken.None);
        CollectionAssert.AreEqual(new[] { StoreName }, bench.InStore());
    }

    [TestMethod]
    public async Task On_another_file_system_files_are_copied_with_one_warning()
    {
        using ReleaseBench cached = new();
        using ElsewhereDirectory elsewhere = new();
        if (!elsewhere.IsOtherFileSystemThan(cached.Cache.At()))
        {
            Assert.Inconclusive("/dev/shm is no other file system than the temporary directory's.");
        }

        InstanceLayout layout = new(Path.Combine(elsewhere.Path, "instance"));
        StoreWriter store = new(layout, cached.Trees, cached.Cache.Layout, LinkMode.HardLink, cached.Log);
        TreeRequest a = await cached.Cache.AddAsync("a", Lines);
        TreeRequest b = await cached.Cache.AddAsync("b", "other=file");
        IReadOnlyList<TreeManifest> manifests = await store.EnsureAsync([(a, "a-1"), (b, "b-1")], InspectionDepth.Manifest, CancellationToken.None);
        Assert.IsNull(TreeVerifier.FindDifferenceInContent(cached.Trees.TreePath(cached.Trees.DigestOf(a)), manifests[0], CancellationToken.None));
        Assert.IsNull(TreeVerifier.FindDifference(layout.StoreTree("a-1"), manifests[0]));
        Assert.IsNull(TreeVerifier.FindDifference(layout.StoreTree("b-1"), manifests[1]));
        Problem warning = cached.Log.Warnings.Single();
        Assert.AreEqual("LAVA4032", warning.Code);
        Assert.Contains(cached.Cache.Layout.Root, warning.Text);
        Assert.Contains(layout.Root, warning.Text);
    }

    [TestMethod]
    public async Task A_cancelled_run_leaves_only_what_is_whole_and_the_next_one_completes_it()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", Lines);
        await Assert.ThrowsAsync<OperationCanceledException>(
            () => bench.Store.EnsureAsync([(request, StoreName)], InspectionDepth.Manifest, new CancellationToken(canceled: true)));
        Assert.IsEmpty(bench.InStore());
        await bench.Store.EnsureAsync([(request, StoreName)], InspectionDepth.Manifest, CancellationToken.None);
        CollectionAssert.AreEqual(new[] { StoreName }, bench.InStore());
    }

    [TestMethod]
    [DataRow("lava-server", "2023.01-2", "lava-server-2023.01-2-0123456789ab")]
    [DataRow("vim", "2:9.0", "vim-2%3a9.0-0123456789ab")]
    [DataRow("@scope/name", "1", "@scope+name-1-0123456789ab")]
    public void Names_in_the_store_are_one_directory_each(string component, string version, string expected)
    {
        Lava.Build.Components.Pin pin = new() { Name = component, Source = "deb", Version = version };
        Assert.AreEqual(expected, StoreTree.Name(pin, "0123456789abcdef"));
    }

    private static Task<string> InodeAsync(string path) => Run.OutputAsync("stat", ["-c", "%d:%i", path]);

    /// <summary>A directory on a file system in memory.</summary>
    private sealed class ElsewhereDirectory : IDisposable
    {
        public string Path { get; } = Directory.Exists("/dev/shm")
            ? Directory.CreateDirectory($"/dev/shm/lava-build-{Guid.NewGuid():N}").FullName
            : Directory.CreateTempSubdirectory("lava-build-").FullName;

        public bool IsOtherFileSystemThan(string other)
        {
            string probe = System.IO.Path.Combine(other, "probe");
            File.WriteAllText(probe, "");
            using OpenedDirectory from = OpenedDirectory.Open(other);
            using OpenedDirectory to = OpenedDirectory.Open(Path);
            return from.TryHardLink("probe", to, "probe") == Posix.EXDEV;
        }

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
