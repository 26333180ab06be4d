using System.Globalization;

namespace Lava.Build.Sdk.Tests.Fire;

[TestClass]
[TestCategory("Slow")]
public sealed class DiskTests(TestContext context)
{
    private const int DefaultPoints = 20;
    private const int QuotaShare = 10;
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
        .. FireSettings.Count("LAVA_TEST_QUOTA", HasQuotas ? QuotaShare : 0) is > 0 and int share ? (object[][])[[DiskTarget.Quota, share]] : [],
    ];

    // The file system is mounted from a file, which root alone may do.
    private static bool HasQuotas => Environment.IsPrivilegedProcess && File.ReadLines("/proc/filesystems").Contains("\tbtrfs");

    [TestMethod]
    [DynamicData(nameof(Disks))]
    public async Task A_full_disk_is_told_and_leaves_what_was_and_with_room_the_next_build_converges(DiskTarget target, int share) =>
        AssertMet(await TryAsync(target, "size=32m", (driver, points) => driver.FillAsync(points), share));

    [TestMethod]
    [DataRow(DiskTarget.Cache, 10)]
    [DataRow(DiskTarget.Instance, 10)]
    public async Task A_disk_without_a_free_inode_is_a_full_one(DiskTarget target, int share) =>
        AssertMet(await TryAsync(target, "size=32m,nr_inodes=4000", (driver, points) => driver.FillInodesAsync(points), share));

    [TestMethod]
    [DataRow(DiskTarget.Cache, 15)]
    [DataRow(DiskTarget.Instance, 15)]
    public Task A_disk_that_becomes_read_only_is_told_and_leaves_what_was(DiskTarget target, int share)
    {
        int seed = FireSettings.Seed;
        context.WriteLine($"LAVA_TEST_SEED={seed}");
        return TryAsync(target, "size=32m", (driver, points) => driver.FreezeAsync(points, new Random(seed), BuildDuration), share);
    }

    // With no room at all none can succeed; whether one meets a disk that becomes read-only depends on the moment.
    private static void AssertMet(DiskDriver driver) =>
        Assert.IsTrue(driver.Outcomes.Keys.Any(outcome => outcome.StartsWith("LAVA", StringComparison.Ordinal)), "No build met the full disk.");

    private async Task<DiskDriver> TryAsync(DiskTarget target, string options, Func<DiskDriver, int, Task> disturb, int share)
    {
        int points = FireSettings.Count("LAVA_TEST_DISK_POINTS", DefaultPoints) * share / 100;
        using FireProject fire = await FireProject.CreateAsync();
        using MountSpace space = new(fire.Project);
        DiskDriver driver = new(fire, space, target);
        await driver.PrepareAsync(options);
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
