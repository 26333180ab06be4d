using System.Globalization;

namespace Lava.Build.Sdk.Tests.Fire;

[TestClass]
[TestCategory("Slow")]
public sealed class DiskTests(TestContext context)
{
    private const int DefaultPoints = 20;
    private static readonly TimeSpan BuildDuration = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Shares of the whole in per cent; what is kept in obj has few bytes, so few points. Quotas are Btrfs's, as those of others do not
    /// hold for root.
    /// </summary>
    public static IEnumerable<object[]> Disks =>
    [
        [DiskTarget.Cache, 35],
        [DiskTarget.Instance, 35],
        [DiskTarget.CacheAndInstance, 20],
        [DiskTarget.ProjectState, 10],
        [DiskTarget.Quota, 10],
    ];

    [TestMethod]
    [DynamicData(nameof(Disks))]
    public async Task A_full_disk_is_told_and_leaves_what_was_and_with_room_the_next_build_converges(DiskTarget target, int share)
    {
        if (target == DiskTarget.Quota)
        {
            RequireBtrfs();
        }

        AssertMet(await TryAsync(target, driver => driver.PrepareAsync("size=32m"), (driver, points) => driver.FillAsync(points), share));
    }

    [TestMethod]
    [DataRow(DiskTarget.Cache, 10)]
    [DataRow(DiskTarget.Instance, 10)]
    public async Task A_disk_without_a_free_inode_is_a_full_one(DiskTarget target, int share) =>
        AssertMet(await TryAsync(target, driver => driver.PrepareAsync("size=32m,nr_inodes=4000"), (driver, points) => driver.FillInodesAsync(points), share));

    [TestMethod]
    [DataRow(DiskTarget.Cache, 15)]
    [DataRow(DiskTarget.Instance, 15)]
    public async Task A_disk_that_is_mounted_read_only_is_told_and_leaves_what_was(DiskTarget target, int share)
    {
        int seed = FireSettings.Seed;
        context.WriteLine($"LAVA_TEST_SEED={seed}");
        AssertFrozen(await TryAsync(
            target, driver => driver.PrepareAsync("size=32m"), (driver, points) => driver.RemountAsync(points, new Random(seed), BuildDuration), share));
    }

    [TestMethod]
    [DataRow(DiskTarget.Cache, 15)]
    [DataRow(DiskTarget.Instance, 15)]
    public async Task A_disk_that_becomes_read_only_while_a_build_stages_something_is_told_and_leaves_what_was(DiskTarget target, int share)
    {
        RequireBtrfs();
        DiskDriver driver = await TryAsync(target, driver => driver.PrepareSubvolumeAsync(), (driver, points) => driver.FreezeAsync(points), share);
        AssertFrozen(driver);
        Assert.IsGreaterThan(0, driver.Midway, "Each build had ended before the disk became read-only, or not begun.");
    }

    // The file system is mounted from a file, which root alone may do.
    private static void RequireBtrfs()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Inconclusive("Only root can mount a file as a disk with Btrfs.");
        }

        if (!File.ReadLines("/proc/filesystems").Contains("\tbtrfs"))
        {
            Assert.Inconclusive("The kernel has no Btrfs: it is not in /proc/filesystems.");
        }
    }

    // With no room at all none can succeed.
    private static void AssertMet(DiskDriver driver) =>
        Assert.IsTrue(driver.Outcomes.Keys.Any(outcome => outcome.StartsWith("LAVA", StringComparison.Ordinal)), "No build met the full disk.");

    private static void AssertFrozen(DiskDriver driver) => Assert.IsTrue(driver.Outcomes.ContainsKey("LAVA9005"), "No build met the read-only disk.");

    private async Task<DiskDriver> TryAsync(DiskTarget target, Func<DiskDriver, Task> prepare, Func<DiskDriver, int, Task> disturb, int share)
    {
        int points = FireSettings.Count("LAVA_TEST_DISK_POINTS", DefaultPoints) * share / 100;
        using FireProject fire = await FireProject.CreateAsync();
        using MountSpace space = new(fire.Project);
        DiskDriver driver = new(fire, space, target);
        await prepare(driver);
        try
        {
            await disturb(driver, points);
        }
        finally
        {
            context.WriteLine(string.Join('\n', driver.Outcomes.Select(outcome =>
                string.Create(CultureInfo.InvariantCulture, $"| {target} | {outcome.Key} | {outcome.Value} |"))));
        }

        return driver;
    }
}
