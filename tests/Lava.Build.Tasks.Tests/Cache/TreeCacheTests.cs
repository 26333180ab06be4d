using System.Diagnostics;
using Lava.Build.Cache;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Cache;

[TestClass]
public sealed class TreeCacheTests
{
    private static readonly string[] Lines = ["usr/bin/run*=#!/bin/sh\n", "usr/share/a->../bin/run", "usr/share/text=words"];

    [TestMethod]
    public async Task A_tree_stands_with_its_manifest_beside_it()
    {
        using CacheBench bench = new();
        TreeCache trees = bench.Trees();
        TreeRequest request = await bench.AddAsync("a", Lines);
        Assert.IsFalse(trees.Contains(request));
        await trees.EnsureAsync([request], CancellationToken.None);
        Assert.IsTrue(trees.Contains(request));
        AssertWhole(trees, request);
        TreeManifest manifest = TreeManifest.Read(trees.ManifestPath(trees.DigestOf(request)));
        Assert.AreEqual("/bin/sh", manifest.Entries.Single(entry => entry.Path == "usr/bin/run").Interpreter);
        Assert.IsEmpty(bench.Log.Warnings);
    }

    [TestMethod]
    public async Task What_stands_is_not_made_again()
    {
        using CacheBench bench = new();
        TreeCache trees = bench.Trees();
        TreeRequest request = await bench.AddAsync("a", Lines);
        await trees.EnsureAsync([request, request], CancellationToken.None);

        // Nothing but what stands is needed: neither the archive nor the lock.
        Directory.Delete(bench.Layout.Archives, recursive: true);
        using FileLock held = await FileLock.AcquireAsync(LockPath(bench), "holding", _ => { }, CancellationToken.None);
        await trees.EnsureAsync([request], CancellationToken.None);
    }

    [TestMethod]
    public void The_digest_depends_on_everything_that_shapes_a_tree_and_on_nothing_else()
    {
        TreeRequest request = new("a", new string('a', 64), new TreeRecipe(ArchiveFormat.Tar), SourceLocation.None);
        string[] digests =
        [
            request.Digest(null),
            request.Digest("cpython-311"),
            request.Digest("cpython-312"),
            (request with { Archive = new string('b', 64) }).Digest(null),
            (request with { Recipe = new TreeRecipe(ArchiveFormat.TarGzip) }).Digest(null),
            (request with { Recipe = new TreeRecipe(ArchiveFormat.Tar, "opt") }).Digest(null),
            (request with { Recipe = new TreeRecipe(ArchiveFormat.Tar, "opt", 1) }).Digest(null),
            (request with { Recipe = new TreeRecipe(ArchiveFormat.Tar, "", 1) }).Digest(null),
        ];
        Assert.HasCount(digests.Length, digests.Distinct());
        Assert.IsTrue(digests.All(Hashing.IsDigest));
        Assert.AreEqual(digests[0], (request with { Component = "b", Location = new SourceLocation("other", 1) }).Digest(null));
    }

    [TestMethod]
    public async Task A_missing_archive_is_an_error_that_names_its_component_and_place()
    {
        using CacheBench bench = new();
        TreeRequest request = await bench.AddAsync("a", Lines);
        TreeRequest missing = request with { Component = "b", Archive = new string('b', 64) };
        TreeRequest another = request with { Component = "c", Archive = new string('c', 64) };
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(
            () => bench.Trees().EnsureAsync([request, another, missing], CancellationToken.None));
        Assert.AreEqual("LAVA2003 LAVA2003", string.Join(' ', failure.Problems.Select(problem => problem.Code)));
        Assert.Contains("component 'b'", failure.Problems[0].Text);
        Assert.Contains("component 'c'", failure.Problems[1].Text);
        Assert.AreEqual(new SourceLocation("instance.proj", 3, 4), failure.Problems[0].Location);
        Assert.IsEmpty(Directory.GetFileSystemEntries(bench.Layout.Trees));
    }

    [TestMethod]
    public async Task A_damaged_archive_reaches_no_tree_and_is_set_aside()
    {
        using CacheBench bench = new();
        TreeRequest request = await bench.AddAsync("a", Lines);
        TreeRequest other = await bench.AddAsync("a", [.. Lines, "more=evil"]);
        CacheBench.Damage(bench.Archives.PathOf(request.Archive), await File.ReadAllTextAsync(bench.Archives.PathOf(other.Archive)));
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(() => bench.Trees().EnsureAsync([request], CancellationToken.None));
        Assert.AreEqual("LAVA2003", failure.Problems.Single().Code);
        Assert.AreEqual("LAVA2002", bench.Log.Warnings.Single().Code);
        Assert.IsEmpty(Directory.GetFileSystemEntries(bench.Layout.Trees));
        Assert.HasCount(1, Directory.GetFiles(bench.Layout.Damaged));

        // The next restore fetches it again, and all is well.
        await bench.AddAsync("a", Lines);
        await bench.Trees().EnsureAsync([request], CancellationToken.None);
        AssertWhole(bench.Trees(), request);
    }

    [TestMethod]
    public async Task An_archive_that_cannot_be_unpacked_leaves_nothing()
    {
        using CacheBench bench = new();
        TreeRequest good = await bench.AddAsync("a", Lines);
        TreeRequest bad = await bench.AddAsync("b", "../escape=evil");
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(() => bench.Trees().EnsureAsync([good, bad], CancellationToken.None));
        Assert.AreEqual("LAVA3004", failure.Problems.Single().Code);
        Assert.IsEmpty(Directory.GetFileSystemEntries(bench.Layout.Trees));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task What_a_killed_build_left_is_removed_also_where_all_trees_stand(bool stands)
    {
        using CacheBench bench = new();
        TreeRequest request = await bench.AddAsync("a", Lines);
        if (stands)
        {
            await bench.Trees().EnsureAsync([request], CancellationToken.None);
        }

        string leftover = Path.Combine(bench.Layout.Trees, ".staging-0123", bench.Trees().DigestOf(request), "tree");
        Directory.CreateDirectory(leftover);
        await File.WriteAllTextAsync(Path.Combine(leftover, "half"), "");
        await bench.Trees().EnsureAsync([request], CancellationToken.None);
        Assert.AreEqual(bench.Trees().DigestOf(request), Path.GetFileName(Directory.GetFileSystemEntries(bench.Layout.Trees).Single()));
    }

    [TestMethod]
    public async Task A_tree_without_its_manifest_is_set_aside_and_made_again()
    {
        using CacheBench bench = new();
        TreeCache trees = bench.Trees();
        TreeRequest request = await bench.AddAsync("a", Lines);
        await trees.EnsureAsync([request], CancellationToken.None);
        File.Delete(trees.ManifestPath(trees.DigestOf(request)));
        Assert.IsFalse(trees.Contains(request));
        await trees.EnsureAsync([request], CancellationToken.None);
        AssertWhole(trees, request);
        Assert.AreEqual("LAVA2004", bench.Log.Warnings.Single().Code);
    }

    [TestMethod]
    public async Task A_tree_that_is_set_aside_is_made_again()
    {
        using CacheBench bench = new();
        TreeCache trees = bench.Trees();
        TreeRequest request = await bench.AddAsync("a", Lines);
        await trees.EnsureAsync([request], CancellationToken.None);
        string digest = trees.DigestOf(request);
        Directory.Delete(bench.Layout.Damaged);
        trees.SetAside(digest, "it was changed");
        Assert.IsFalse(trees.Contains(request));
        Problem warning = bench.Log.Warnings.Single();
        Assert.AreEqual("LAVA2004", warning.Code);
        Assert.Contains("it was changed", warning.Text);
        Assert.HasCount(1, Directory.GetDirectories(bench.Layout.Damaged));

        // Another build may have seen the same.
        trees.SetAside(digest, "it was changed");
        Assert.HasCount(1, bench.Log.Warnings);
        await trees.EnsureAsync([request], CancellationToken.None);
        AssertWhole(trees, request);
    }

    [TestMethod]
    public async Task A_second_process_waits_and_says_for_whom_and_goes_on_when_the_first_is_killed()
    {
        using CacheBench bench = new();
        TreeRequest request = await bench.AddAsync("a", Lines);
        using Process holder = await HelperProgram.HoldLockAsync(LockPath(bench));
        TaskCompletionSource<string> told = new();
        TreeCache trees = new(
            bench.Layout, bench.Archives, null, new UnpackLimits(), new ProcessRunner(bench.Host), new WaitingLog(told));
        Task ensure = trees.EnsureAsync([request], CancellationToken.None);
        Assert.Contains($"process {holder.Id} of", await told.Task);
        Assert.IsFalse(ensure.IsCompleted);
        holder.Kill();
        await ensure;
        AssertWhole(trees, request);
    }

    [TestMethod]
    public async Task Waiting_for_another_process_can_be_cancelled()
    {
        using CacheBench bench = new();
        TreeRequest request = await bench.AddAsync("a", Lines);
        using FileLock held = await FileLock.AcquireAsync(LockPath(bench), "holding", _ => { }, CancellationToken.None);
        using CancellationTokenSource cancel = new();
        Task ensure = bench.Trees().EnsureAsync([request], cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => ensure);
    }

    [TestMethod]
    public async Task Four_processes_that_want_the_same_tree_all_get_it()
    {
        using CacheBench bench = new();
        TreeRequest request = await bench.AddAsync("a", [.. Lines, .. Enumerable.Range(0, 300).Select(i => $"d{i % 7}/f{i}={i}")]);
        Process[] processes = [.. Enumerable.Range(0, 4).Select(_ => HelperProgram.Start("unpack", bench.Layout.Root, request.Archive))];
        foreach (Process process in processes)
        {
            await process.WaitForExitAsync();
            Assert.AreEqual(0, process.ExitCode);
            process.Dispose();
        }

        AssertWhole(bench.Trees(), request);
        Assert.HasCount(1, Directory.GetFileSystemEntries(bench.Layout.Trees));
        Assert.IsEmpty(Directory.GetFileSystemEntries(bench.Layout.Damaged));
    }

    [TestMethod]
    public async Task Four_builds_that_want_overlapping_trees_all_get_theirs()
    {
        using CacheBench bench = new();
        TreeRequest[] requests = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => bench.AddAsync($"c{i}", [.. Lines, $"own={i}"])));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(
            () => bench.Trees().EnsureAsync(requests[(i % 3)..(i + 3)], CancellationToken.None))));
        foreach (TreeRequest request in requests)
        {
            AssertWhole(bench.Trees(), request);
        }
    }

    [TestMethod]
    public async Task A_build_that_is_killed_at_any_moment_leaves_a_cache_that_the_next_one_completes()
    {
        using CacheBench bench = new();
        TreeRequest request = await bench.AddAsync("a", [.. Lines, .. Enumerable.Range(0, 500).Select(i => $"d{i % 7}/f{i}={i}")]);
        Random random = new(1);
        for (int round = 0; round < 3; round++)
        {
            using Process process = HelperProgram.Start("unpack", bench.Layout.Root, request.Archive);
            SpinWait.SpinUntil(() => Directory.EnumerateFileSystemEntries(bench.Layout.Trees).Any() || process.HasExited);
            Thread.SpinWait(random.Next(2_000_000));
            process.Kill();
            await process.WaitForExitAsync();
            if (bench.Trees().Contains(request))
            {
                AssertWhole(bench.Trees(), request);
            }
        }

        await bench.Trees().EnsureAsync([request], CancellationToken.None);
        AssertWhole(bench.Trees(), request);
        Assert.HasCount(1, Directory.GetFileSystemEntries(bench.Layout.Trees));
    }

    private static string LockPath(CacheBench bench) => Path.Combine(bench.Layout.Locks, "unpack");

    private static void AssertWhole(TreeCache trees, TreeRequest request)
    {
        string digest = trees.DigestOf(request);
        TreeManifest manifest = TreeManifest.Read(trees.ManifestPath(digest));
        Assert.IsNull(TreeVerifier.FindDifferenceInContent(trees.TreePath(digest), manifest, CancellationToken.None));
        Assert.IsTrue(manifest.Entries.Any(entry => entry.Path == "usr/share/text" && entry.Sha256 == Hashing.OfText("words")));
    }

    private sealed class WaitingLog(TaskCompletionSource<string> told) : IBuildLog
    {
        public void Say(string text) => told.TrySetResult(text);

        public void Detail(string text)
        {
        }

        public void Warn(Problem problem)
        {
        }
    }
}
