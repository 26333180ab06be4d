using Lava.Build.Cache;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Releases;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Damage;

/// <summary>Each thing that a release stands on, with each damage it can meet: noticed, told, made good, and nothing lost.</summary>
[TestClass]
public sealed class DamageTests
{
    private static readonly string[] Lines =
        ["usr/bin/run*=#!/bin/sh\necho ran\n", "usr/share/a/text=words", "usr/share/a/link->text", "usr/share/a/empty/", "opt/tool/data=more words"];

    private static readonly string[] Others = ["usr/share/b=other", "usr/bin/other*=#!/bin/sh\n"];

    public static IEnumerable<object[]> OfTrees =>
        Each(["usr/share/a/text", "usr/bin/run"], Damages.OfFiles)
            .Concat(Each([".lava-manifest"], Damages.OfFiles.Except(["mode", "byte, untimed"])))
            .Concat(Each(["usr/share/a", "usr/share/a/empty"], Damages.OfDirectories))
            .Concat(Each(["usr/share/a/link"], Damages.OfLinks))
            .Concat(Each([""], ["deleted", "file", "directory", "link", "dangling"]));

    public static IEnumerable<object[]> OfReleases =>
        Each(["bin/run", "bin/activate", "release.json", "manifest.txt"], Damages.OfFiles)
            .Concat(Each(["usr/share/a", "opt"], Damages.OfLinks))
            .Concat(Each(["usr", "usr/share"], Damages.OfDirectories))
            .Concat(Each([""], ["deleted", "mode", "file", "directory", "link", "dangling"]));

    public static IEnumerable<object[]> OfArchives => Damages.OfFiles.Except(["mode", "byte, untimed"]).Select(damage => new object[] { damage });

    [TestMethod]
    [DynamicData(nameof(OfTrees))]
    public async Task A_damaged_tree_of_the_store_is_made_good_when_all_is_looked_at(string path, string damage)
    {
        using Instance instance = await Instance.MakeAsync();
        Damages.Do(damage, Path.Combine(instance.Bench.Layout.StoreTree(instance.StoreName), path).TrimEnd('/'));
        instance.Bench.Verify = true;
        await instance.AssembleAgainAsync();

        // Deleted as a whole, it is not damaged but missing.
        Assert.AreEqual((path, damage) != ("", "deleted"), instance.Codes.Contains("LAVA4040"), instance.Told);
        await instance.AssertWholeAsync();
        await instance.AssertQuietAsync();
    }

    [TestMethod]
    [DynamicData(nameof(OfTrees))]
    public async Task A_damaged_tree_of_the_cache_is_set_aside_when_all_is_looked_at(string path, string damage)
    {
        using Instance instance = await Instance.MakeAsync();
        string tree = Path.Combine(instance.Bench.Cache.Layout.Trees, instance.Digest);
        Damages.Do(damage, path == ".lava-manifest" ? Path.Combine(tree, "manifest") : Path.Combine(tree, "tree", path).TrimEnd('/'));
        instance.Bench.Verify = true;
        await instance.AssembleAgainAsync();
        Assert.Contains("LAVA2004", instance.Codes, instance.Told);
        await instance.AssertWholeAsync();
        await instance.AssertQuietAsync();
        Assert.HasCount(1, Directory.GetFileSystemEntries(instance.Bench.Cache.Layout.Damaged));
    }

    [TestMethod]
    [DynamicData(nameof(OfReleases))]
    public async Task A_damaged_release_is_made_good_by_any_build(string path, string damage)
    {
        using Instance instance = await Instance.MakeAsync();
        Damages.Do(damage, Path.Combine(instance.Bench.Layout.Release(instance.Release), path).TrimEnd('/'));
        await instance.AssembleAgainAsync();
        Assert.AreEqual((path, damage) != ("", "deleted"), instance.Codes.Contains("LAVA4039"), instance.Told);
        await instance.AssertWholeAsync();
        await instance.AssertQuietAsync();
    }

    [TestMethod]
    [DynamicData(nameof(OfArchives))]
    public async Task A_damaged_archive_is_set_aside_when_all_is_looked_at_and_its_tree_is_as_good_as_before(string damage)
    {
        using Instance instance = await Instance.MakeAsync();
        string archive = instance.Bench.Cache.Archives.PathOf(instance.Request.Archive);
        Damages.Do(damage, archive);
        instance.Bench.Verify = true;
        await instance.AssembleAgainAsync();

        // What is not there is no damage, and a link to the right content does no harm.
        bool told = damage is not ("deleted" or "dangling" or "link");
        Assert.AreEqual(told, instance.Codes.Contains("LAVA2002"), instance.Told);
        Assert.AreEqual(damage == "link", instance.Bench.Cache.Archives.Verify(instance.Request.Archive, CancellationToken.None));
        await instance.AssertWholeAsync();
        await instance.AssertQuietAsync();
    }

    [TestMethod]
    [DataRow("usr/share/a/text", "byte")]
    [DataRow(".lava-manifest", "truncated")]
    [DataRow(".lava-manifest", "directory")]
    public async Task What_cannot_be_made_good_here_is_an_error_that_a_restore_cures(string path, string damage)
    {
        using Instance instance = await Instance.MakeAsync();
        string stored = instance.Bench.Layout.StoreTree(instance.StoreName);
        byte[] archive = await File.ReadAllBytesAsync(instance.Bench.Cache.Archives.PathOf(instance.Request.Archive));
        Directory.Delete(instance.Bench.Cache.Layout.Root, recursive: true);
        Damages.Do(damage, Path.Combine(stored, path));
        instance.Bench.Verify = true;
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(instance.AssembleAgainAsync);
        Assert.AreEqual("LAVA2003", failure.Problems.Single().Code);
        Assert.Contains("dotnet restore", failure.Problems.Single().Text);

        // Restore goes by the manifest; what still stands of the tree stays in use.
        Assert.IsFalse(File.Exists(Path.Combine(stored, StoreTree.ManifestName)));
        Assert.IsTrue(File.Exists(Path.Combine(instance.Bench.Layout.Current, "usr/share/a/text")));
        await File.WriteAllBytesAsync(instance.Bench.Cache.Archives.PathOf(instance.Request.Archive), archive);
        await instance.AssembleAgainAsync();
        await instance.AssertWholeAsync();
    }

    [TestMethod]
    public async Task What_was_added_to_a_release_stays_until_all_is_looked_at_and_is_then_kept_beside_it()
    {
        using Instance instance = await Instance.MakeAsync();
        string release = instance.Bench.Layout.Release(instance.Release);
        await File.WriteAllTextAsync(Path.Combine(release, "usr/added"), "notes");
        await instance.AssembleAgainAsync();
        Assert.IsTrue(File.Exists(Path.Combine(release, "usr/added")));
        instance.Bench.Verify = true;
        await instance.AssembleAgainAsync();
        Assert.Contains("'usr/added' does not belong there", instance.Told);
        Assert.IsFalse(File.Exists(Path.Combine(release, "usr/added")));
        string aside = instance.Bench.InCode().Single(name => name.StartsWith(".damaged-", StringComparison.Ordinal));
        Assert.AreEqual("notes", await File.ReadAllTextAsync(Path.Combine(instance.Bench.Layout.Code, aside, "usr/added")));
        await instance.AssertWholeAsync();
    }

    [TestMethod]
    public async Task What_a_command_made_in_a_release_is_looked_after_too()
    {
        using Instance instance = await Instance.MakeAsync("mkdir made; echo one > made/one; chmod 640 made/one; ln -s one made/two; rm opt; mkdir opt");
        await instance.AssertQuietAsync();
        Damages.Do("byte", Path.Combine(instance.Bench.Layout.Release(instance.Release), "made/one"));
        await instance.AssembleAgainAsync();
        Assert.Contains("the content of 'made/one' was changed", instance.Told);
        await instance.AssertQuietAsync();
        Damages.Do("text", Path.Combine(instance.Bench.Layout.Release(instance.Release), "made/two"));
        await instance.AssembleAgainAsync();
        Assert.Contains("'made/two' leads to 'elsewhere' instead of 'one'", instance.Told);
        await instance.AssertQuietAsync();
    }

    [TestMethod]
    public async Task Whatever_byte_of_a_record_changes_it_is_noticed()
    {
        using Instance instance = await Instance.MakeAsync();
        string release = instance.Bench.Layout.Release(instance.Release);
        string path = Path.Combine(release, ReleaseRecord.FileName);
        byte[] whole = await File.ReadAllBytesAsync(path);
        ReleaseContents contents = ReleaseContents.Build(instance.Description, await instance.TreesAsync(), new Dictionary<string, string>());
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] bytes = [.. whole];
            bytes[i] ^= 4;
            CacheBench.Damage(path, bytes);
            Assert.IsNotNull(
                ReleaseVerifier.FindDifference(release, instance.Description, contents, false, CancellationToken.None), $"byte {i}");
        }

        string[] lines = System.Text.Encoding.UTF8.GetString(whole).Split('\n');
        for (int i = 0; i < lines.Length - 1; i++)
        {
            CacheBench.Damage(path, System.Text.Encoding.UTF8.GetBytes(string.Join('\n', [.. lines[..i], .. lines[(i + 1)..]])));
            Assert.IsNotNull(
                ReleaseVerifier.FindDifference(release, instance.Description, contents, false, CancellationToken.None), lines[i]);
        }

        CacheBench.Damage(path, whole);
        Assert.IsNull(ReleaseVerifier.FindDifference(release, instance.Description, contents, true, CancellationToken.None));
    }

    [TestMethod]
    public async Task A_tree_that_another_build_takes_from_the_cache_at_the_last_moment_is_made_again_at_once()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", Lines);
        await bench.Trees.EnsureAsync([request], CancellationToken.None);
        string digest = bench.Trees.DigestOf(request);

        for (int round = 0; round < 20; round++)
        {
            FileTree.Delete(bench.Layout.StoreTree("a-1"));
            Task work = Task.Run(() => bench.Store.EnsureAsync([(request, "a-1")], InspectionDepth.Manifest, CancellationToken.None));
            SpinWait.SpinUntil(() => work.IsCompleted || IsLinking(bench));
            bench.Trees.SetAside(digest, "it is taken");
            await work;
        }

        TreeInspection found = TreeInspection.Inspect(
            bench.Layout.StoreTree("a-1"), Path.Combine(bench.Layout.StoreTree("a-1"), StoreTree.ManifestName), InspectionDepth.Content, null, CancellationToken.None);
        Assert.IsNull(found.Difference);
        CollectionAssert.AreEqual((string[])["a-1"], bench.InStore());
    }

    [TestMethod]
    public async Task A_link_in_the_place_of_a_cached_tree_is_set_aside_by_whoever_needs_the_tree()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", Lines);
        await bench.Trees.EnsureAsync([request], CancellationToken.None);
        string tree = Path.Combine(bench.Cache.Layout.Trees, bench.Trees.DigestOf(request));
        string elsewhere = bench.Cache.At("elsewhere");
        Directory.Move(tree, elsewhere);
        Directory.CreateSymbolicLink(tree, elsewhere);
        await bench.Store.EnsureAsync([(request, "a-1")], InspectionDepth.Manifest, CancellationToken.None);
        Assert.AreEqual("LAVA2004", bench.Cache.Log.Warnings.Single().Code);
        Assert.IsNull(new DirectoryInfo(tree).LinkTarget);
        Assert.IsTrue(File.Exists(Path.Combine(elsewhere, "manifest")));
        CollectionAssert.AreEqual((string[])["a-1"], bench.InStore());
    }

    [TestMethod]
    public async Task What_was_set_aside_for_its_content_while_it_was_linked_gets_into_no_store()
    {
        const int Files = 2000;
        const int Rounds = 200;
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", [.. Enumerable.Range(0, Files).Select(i => $"d/{i}=words")]);
        string digest = bench.Trees.DigestOf(request);
        bool between = false;
        for (int round = 0; !between; round++)
        {
            Assert.IsLessThan(Rounds, round, "It was never set aside in between.");
            FileTree.Delete(bench.Layout.StoreTree("a-1"));
            await bench.Trees.EnsureAsync([request], CancellationToken.None);
            CacheBench.Damage(Path.Combine(bench.Trees.TreePath(digest), "d/0"), "WORDS");
            Task work = Task.Run(() => bench.Store.EnsureAsync([(request, "a-1")], InspectionDepth.Manifest, CancellationToken.None));
            SpinWait.SpinUntil(() => work.IsCompleted || IsLinking(bench));
            bench.Trees.SetAside(digest, "the content of 'd/0' was changed");
            between = Linked(bench) < Files;
            await work;
        }

        TreeInspection found = TreeInspection.Inspect(
            bench.Layout.StoreTree("a-1"), Path.Combine(bench.Layout.StoreTree("a-1"), StoreTree.ManifestName), InspectionDepth.Content, null, CancellationToken.None);
        Assert.IsNull(found.Difference);
    }

    // How many files of the one that is linked stand in the staging directory; all, if it stands there no longer.
    private static int Linked(ReleaseBench bench)
    {
        try
        {
            string staging = Directory.EnumerateDirectories(bench.Layout.Store, ".staging-*").First();
            return Directory.EnumerateFiles(Path.Combine(staging, "a-1", "d")).Count();
        }
        catch (Exception failure) when (failure is DirectoryNotFoundException or InvalidOperationException)
        {
            return int.MaxValue;
        }
    }

    // Its files are linked into a staging directory.
    private static bool IsLinking(ReleaseBench bench) =>
        Directory.Exists(bench.Layout.Store) && Directory.EnumerateDirectories(bench.Layout.Store, ".staging-*").Any();

    private static IEnumerable<object[]> Each(IEnumerable<string> paths, IEnumerable<string> damages) =>
        paths.SelectMany(path => damages.Select(damage => new object[] { path, damage }));

    /// <summary>An instance with an active release of two components.</summary>
    private sealed class Instance(ReleaseBench bench, TreeRequest[] requests, ReleaseDescription description, string release) : IDisposable
    {
        public ReleaseBench Bench { get; } = bench;

        public TreeRequest Request { get; } = requests[0];

        public ReleaseDescription Description { get; } = description;

        public string Release { get; } = release;

        public string Digest => Bench.Trees.DigestOf(Request);

        public string StoreName => Description.Components[0].StoreName!;

        public IReadOnlyList<string> Codes => [.. Bench.Log.Warnings.Select(warning => warning.Code)];

        public string Told => string.Join('\n', Bench.Log.Warnings.Select(warning => $"{warning.Code}: {warning.Text}"));

        public static async Task<Instance> MakeAsync(string? command = null)
        {
            ReleaseBench bench = new();
            TreeRequest[] requests = [await bench.Cache.AddAsync("a", Lines), await bench.Cache.AddAsync("b", Others)];
            ReleaseDescription description = bench.Describe(requests);
            if (command is not null)
            {
                Lava.Build.Components.CommandPart part = new("make", command, new Dictionary<string, string>(), TimeSpan.FromMinutes(1), SourceLocation.None);
                description = description with { Parts = new Lava.Build.Components.InstanceParts { Commands = [part] } };
            }

            string release = await bench.AssembleAsync(description, requests);
            ReleaseSwitch.To(bench.Layout, release);
            return new Instance(bench, requests, description, release);
        }

        public void Dispose() => Bench.Dispose();

        public async Task AssembleAgainAsync()
        {
            Assert.AreEqual(Release, await Bench.AssembleAsync(Description, requests));
            ReleaseSwitch.To(Bench.Layout, Release);
        }

        public async Task<ReleaseTree[]> TreesAsync()
        {
            IReadOnlyList<TreeManifest> manifests = await Bench.Store.EnsureAsync(
                [.. requests.Zip(Description.Components, (request, component) => (request, component.StoreName!))], InspectionDepth.Manifest, CancellationToken.None);
            return
            [
                .. Description.Components.Zip(manifests, (component, manifest) => new ReleaseTree
                {
                    Component = component.Name,
                    StoreName = component.StoreName!,
                    Manifest = manifest,
                }),
            ];
        }

        /// <summary>Store and release are as on the first day; so is whatever the cache has.</summary>
        public async Task AssertWholeAsync()
        {
            foreach ((TreeRequest request, ReleaseComponent component) in requests.Zip(Description.Components))
            {
                string stored = Bench.Layout.StoreTree(component.StoreName!);
                Assert.IsNull(Inspect(stored, Path.Combine(stored, StoreTree.ManifestName)).Difference);
                string digest = Bench.Trees.DigestOf(request);
                if (Path.Exists(Path.Combine(Bench.Cache.Layout.Trees, digest)))
                {
                    Assert.IsNull(Inspect(Bench.Trees.TreePath(digest), Bench.Trees.ManifestPath(digest)).Difference);
                }
            }

            ReleaseContents contents = ReleaseContents.Build(Description, await TreesAsync(), new Dictionary<string, string>());
            Assert.IsNull(ReleaseVerifier.FindDifference(Bench.Layout.Release(Release), Description, contents, true, CancellationToken.None));
            Assert.AreEqual("words", await File.ReadAllTextAsync(Path.Combine(Bench.Layout.Current, "usr/share/a/link")));
            Assert.AreEqual("ran\n", await Shells.Run.OutputAsync(Path.Combine(Bench.Layout.Bin, "run"), []));
        }

        /// <summary>Looked at again in every byte, there is nothing more to tell or to do.</summary>
        public async Task AssertQuietAsync()
        {
            int told = Bench.Log.Warnings.Count;
            Bench.Verify = true;
            await AssembleAgainAsync();
            Bench.Verify = false;
            Assert.HasCount(told, Bench.Log.Warnings, Told);
        }

        private static TreeInspection Inspect(string root, string manifest) =>
            TreeInspection.Inspect(root, manifest, InspectionDepth.Content, null, CancellationToken.None);
    }
}
