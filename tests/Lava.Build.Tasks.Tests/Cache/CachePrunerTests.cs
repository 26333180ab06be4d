using Lava.Build.Cache;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Releases;
using Lava.Build.Tests.Shells;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Cache;

[TestClass]
public sealed class CachePrunerTests
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);
    private static readonly string[] Lines = ["usr/share/text=words", "usr/share/more=more words"];

    [TestMethod]
    public async Task What_was_not_used_for_the_time_goes_and_all_else_stays()
    {
        using CacheBench bench = new();
        TreeRequest old = await bench.AddAsync("old", Lines);
        TreeRequest used = await bench.AddAsync("used", [.. Lines, "own=used"]);
        await bench.Trees().EnsureAsync([old, used], CancellationToken.None);
        string part = bench.Archives.ResumablePath("a");
        string young = bench.Archives.ResumablePath("b");
        string damaged = Path.Combine(bench.Layout.Damaged, "damaged");
        string oldLock = Path.Combine(bench.Layout.Locks, "old");
        foreach (string file in (string[])[part, young, damaged, oldLock])
        {
            await File.WriteAllTextAsync(file, "12345");
        }

        foreach (string path in (string[])[part, damaged, oldLock, bench.Archives.PathOf(old.Archive), TreeOf(bench, old), TreeOf(bench, used), bench.Archives.PathOf(used.Archive)])
        {
            Age(path, TimeSpan.FromDays(31));
        }

        // Any build that has something to do tells what it uses.
        bench.Trees().MarkUsed([used]);
        PruneOutcome outcome = new CachePruner(bench.Layout, bench.Log).Prune(Month, CancellationToken.None);
        Assert.AreEqual((1, 1, 2), (outcome.Archives, outcome.Trees, outcome.Others));
        Assert.IsFalse(Path.Exists(TreeOf(bench, old)) || Path.Exists(bench.Archives.PathOf(old.Archive)) || File.Exists(part) || File.Exists(damaged) || File.Exists(oldLock));
        Assert.IsTrue(Path.Exists(TreeOf(bench, used)) && Path.Exists(bench.Archives.PathOf(used.Archive)) && File.Exists(young));
        Assert.HasCount(1, Directory.GetFileSystemEntries(bench.Layout.Trees));
    }

    [TestMethod]
    public async Task No_days_remove_all_and_room_counts_only_where_no_store_has_the_file()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", [.. Lines, $"big={new string('x', 100_000)}"]);
        await bench.AssembleAsync(request);
        Directory.CreateDirectory(Path.Combine(bench.Cache.Layout.Trees, ".staging-0123/tree"));
        PruneOutcome outcome = new CachePruner(bench.Cache.Layout, bench.Log).Prune(TimeSpan.Zero, CancellationToken.None);
        Assert.AreEqual((1, 1, 1), (outcome.Archives, outcome.Trees, outcome.Others));
        long archive = outcome.Bytes;
        Assert.IsInRange(100_000, 130_000, archive);
        foreach (string directory in (string[])[bench.Cache.Layout.Archives, bench.Cache.Layout.Trees, bench.Cache.Layout.Incoming, bench.Cache.Layout.Damaged])
        {
            Assert.IsEmpty(Directory.GetFileSystemEntries(directory), directory);
        }

        // The instance needs none of it.
        await bench.AssembleAsync(request);
        Assert.IsEmpty(bench.Log.Warnings);
    }

    [TestMethod]
    public async Task Beside_builds_what_was_used_within_a_day_stays()
    {
        using CacheBench bench = new();
        TreeRequest fresh = await bench.AddAsync("fresh", Lines);
        TreeRequest old = await bench.AddAsync("old", [.. Lines, "own=old"]);
        await bench.Trees().EnsureAsync([fresh, old], CancellationToken.None);
        Age(TreeOf(bench, old), TimeSpan.FromDays(2));
        using (FileLock? use = await CacheUse.BeginAsync(bench.Layout, bench.Log, CancellationToken.None))
        {
            PruneOutcome outcome = new CachePruner(bench.Layout, bench.Log).Prune(TimeSpan.Zero, CancellationToken.None);
            Assert.AreEqual((0, 1, 0), (outcome.Archives, outcome.Trees, outcome.Others));
            Assert.IsTrue(bench.Trees().Contains(fresh));
            Assert.Contains("Other builds use the cache, so what was used within a day stays", bench.Log.Lines);
        }

        Assert.AreEqual(1, new CachePruner(bench.Layout, bench.Log).Prune(TimeSpan.Zero, CancellationToken.None).Trees);
    }

    [TestMethod]
    public async Task A_build_waits_for_a_prune_and_says_so()
    {
        using CacheBench bench = new();
        FileLock? alone = CacheUse.TryBeginAlone(bench.Layout, "pruning");
        Assert.IsNotNull(alone);
        TaskCompletionSource<string> told = new();
        Task<FileLock?> use = CacheUse.BeginAsync(bench.Layout, new TellingLog(told), CancellationToken.None);
        Assert.StartsWith($"Waiting for the cache {bench.Layout.Root} (pruning, process ", await told.Task);
        Assert.IsFalse(use.IsCompleted);
        alone.Dispose();
        (await use)?.Dispose();
    }

    [TestMethod]
    public void A_cache_that_is_not_there_is_not_made()
    {
        using TemporaryDirectory directory = new();
        CacheLayout layout = new(Path.Combine(directory.Path, "cache"));
        Assert.AreEqual(new PruneOutcome(0, 0, 0, 0), new CachePruner(layout, new RecordingLog()).Prune(TimeSpan.Zero, CancellationToken.None));
        Assert.IsFalse(Directory.Exists(layout.Root));
    }

    [TestMethod]
    public async Task Builds_beside_prunes_of_everything_all_end_right()
    {
        using ReleaseBench bench = new();
        using CancellationTokenSource done = new();
        Task pruning = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                new CachePruner(bench.Cache.Layout, new RecordingLog()).Prune(TimeSpan.Zero, CancellationToken.None);
            }
        });
        Task building = Task.WhenAll(Enumerable.Range(0, 3).Select(i => Task.Run(async () =>
        {
            for (int round = 0; round < 10; round++)
            {
                // As restore and build do together.
                using FileLock? use = await CacheUse.BeginAsync(bench.Cache.Layout, bench.Log, CancellationToken.None);
                TreeRequest request = await bench.Cache.AddAsync("a", [.. Lines, $"own={i} {round}"]);
                InstanceLayout layout = new(bench.Cache.At($"instance{i}"));
                StoreWriter store = new(layout, bench.Trees, bench.Cache.Layout, LinkMode.HardLink, bench.Log);
                await store.EnsureAsync([(request, $"a-{round}")], InspectionDepth.Manifest, CancellationToken.None);
                Assert.AreEqual($"{i} {round}", await File.ReadAllTextAsync(Path.Combine(layout.StoreTree($"a-{round}"), "own")));
            }
        })));
        await Task.WhenAny(building);
        await done.CancelAsync();
        await pruning;
        await building;
        Assert.IsEmpty(bench.Log.Warnings);
    }

    [TestMethod]
    public async Task A_cache_that_is_deleted_at_any_moment_costs_one_line_at_most_and_the_next_run_converges()
    {
        using ReleaseBench bench = new();
        Random random = new(1);
        for (int round = 0; round < 25; round++)
        {
            Task building = Task.Run(() => BuildAsync(bench, round));
            Thread.SpinWait(random.Next(3_000_000));

            // It may meet with what is just being made, as anybody's would.
            await Run.OutputAsync("sh", ["-c", "rm -rf \"$1\" 2> /dev/null || true", "sh", bench.Cache.Layout.Root]);
            try
            {
                await building;
            }
            catch (LavaException failure)
            {
                Assert.HasCount(1, failure.Problems);
            }
            catch (Exception failure)
            {
                Assert.IsNotNull(FileSystemProblem.From(failure), failure.ToString());
            }

            await BuildAsync(bench, round);
            Assert.AreEqual($"{round}", await File.ReadAllTextAsync(Path.Combine(bench.Layout.StoreTree($"a-{round}"), "own")));
        }
    }

    private static async Task BuildAsync(ReleaseBench bench, int round)
    {
        bench.Cache.Layout.Create();
        TreeRequest request = await bench.Cache.AddAsync("a", [.. Lines, $"own={round}"]);
        await bench.Store.EnsureAsync([(request, $"a-{round}")], InspectionDepth.Manifest, CancellationToken.None);
    }

    private static string TreeOf(CacheBench bench, TreeRequest request) => Path.Combine(bench.Layout.Trees, bench.Trees().DigestOf(request));

    private static void Age(string path, TimeSpan age) => Directory.SetLastWriteTimeUtc(path, DateTime.UtcNow - age);

    private sealed class TellingLog(TaskCompletionSource<string> told) : IBuildLog
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
