using System.Globalization;

namespace Lava.Build.Sdk.Tests.Fire;

/// <summary>Full disks, kills and crowds, while apt is at work.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class AptTests(TestContext context)
{
    private const int DefaultKills = 100;
    private const int KillShare = 20;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [TestMethod]
    public async Task A_disk_that_fills_while_lists_are_renewed_is_told_as_full()
    {
        // The list takes some 400 KB, and each of the two indexes that apt makes of it takes more.
        using AptFire fire = await AptFire.CreateAsync(others: 2000);
        using MountSpace space = new(fire.Project);
        string cache = await MountAsync(fire, space);
        foreach (int room in (int[])[100_000, 600_000, 2_000_000])
        {
            await AssertFullAsync(fire, space, cache, room, "/state/deb/");
        }

        await ConvergeAsync(fire, space, cache);
    }

    [TestMethod]
    public async Task A_disk_that_fills_while_packages_are_downloaded_is_told_as_full_and_what_was_whole_is_kept()
    {
        const int Bytes = 2_000_000;
        using AptFire fire = await AptFire.CreateAsync(Bytes);
        using MountSpace space = new(fire.Project);
        string cache = await MountAsync(fire, space);
        (await space.RunAsync("dotnet", "restore", "instance.proj", $"-p:LavaCacheRoot={cache}")).Succeeds();
        foreach (string directory in (string[])["archives", "trees"])
        {
            TestDirectory.Delete(Path.Combine(space[cache], directory));
        }

        foreach (int room in (int[])[500_000, (Bytes * 3 / 2)])
        {
            int before = Directory.Exists(Path.Combine(space[cache], "archives")) ? Directory.GetFiles(Path.Combine(space[cache], "archives")).Length : 0;
            await AssertFullAsync(fire, space, cache, room, "/incoming'");
            Assert.HasCount(room > Bytes ? before + 1 : before, Directory.GetFiles(Path.Combine(space[cache], "archives")));
        }

        await ConvergeAsync(fire, space, cache);
    }

    [TestMethod]
    [DataRow("Packages", BuildProcess.SigKill, DisplayName = "Renewing lists, SIGKILL")]
    [DataRow("Packages", BuildProcess.SigInt, DisplayName = "Renewing lists, SIGINT")]
    [DataRow("gamma_1_all.deb", BuildProcess.SigKill, DisplayName = "Downloading, SIGKILL")]
    [DataRow("gamma_1_all.deb", BuildProcess.SigInt, DisplayName = "Downloading, SIGINT")]
    public async Task A_build_killed_while_apt_works_leaves_what_was_and_the_next_one_converges(string file, int signal)
    {
        using AptFire fire = await AptFire.CreateAsync();
        Task asked = fire.StallAt(file);
        using BuildProcess build = new(fire.Project, "build", "instance.proj");
        await asked.WaitAsync(TimeSpan.FromMinutes(2));
        build.Signal(signal);
        (await build.WaitAsync()).HasNoStack();
        Assert.IsTrue(SpinWait.SpinUntil(() => build.Survivors().Count == 0, Soon), $"still running: {string.Join('\n', build.Survivors())}");
        await fire.Project.AssertRunsAsync("1.0");
        fire.Release();
        (await fire.Project.BuildAsync()).Succeeds().DoesNotSay("warning");
        await fire.AssertWholeAsync();
    }

    [TestMethod]
    public async Task A_restore_killed_at_any_moment_of_apts_work_leaves_nothing_to_the_next_one_but_what_it_resumes()
    {
        int seed = FireSettings.Seed;
        context.WriteLine($"LAVA_TEST_SEED={seed}");
        Random random = new(seed);
        using AptFire fire = await AptFire.CreateAsync(others: 2000);
        string states = Path.Combine(fire.Project.Cache, "state", "deb");
        for (int kills = FireSettings.Count("LAVA_TEST_KILLS", DefaultKills) / KillShare; kills > 0;)
        {
            foreach (string made in ((string[])[fire.Project["obj"], fire.Project.Cache]).Where(Directory.Exists))
            {
                TestDirectory.Delete(made);
            }

            File.Delete(fire.Project.LockFile);
            KillMoment moment = new("apt at work", () => Directory.Exists(states), false, TimeSpan.FromSeconds(1));
            using BuildProcess restore = new(fire.Project, "restore", "instance.proj");
            if (moment.Await(restore, random))
            {
                restore.Signal(BuildProcess.SigKill);
                kills--;
            }

            await restore.WaitAsync();
            Assert.IsTrue(SpinWait.SpinUntil(() => restore.Survivors().Count == 0, Soon), $"still running: {string.Join('\n', restore.Survivors())}");
            string[] left = [.. AptFire.Leftovers(fire.Project.Cache)];
            context.WriteLine($"left: {string.Join(' ', left.Select(path => Path.GetRelativePath(fire.Project.Cache, path)))}");
            (await fire.Project.RestoreAsync()).Succeeds().DoesNotSay("warning");
            left = [.. AptFire.Leftovers(fire.Project.Cache)];
            Assert.IsEmpty(left, string.Join('\n', left));
        }

        (await fire.Project.BuildAsync()).Succeeds();
        await fire.AssertWholeAsync();
    }

    [TestMethod]
    public async Task What_a_build_left_that_was_killed_after_its_last_package_goes_with_the_next_that_does_something()
    {
        using AptFire fire = await AptFire.CreateAsync();
        string trace = fire.Project["trace"];
        string[] strace = ["-f", "-qq", "-o", trace, "-e", "trace=rmdir"];
        (await fire.Project.RunAsync("strace", [.. strace, "dotnet", "restore", "instance.proj"])).Succeeds();
        string incoming = File.ReadLines(trace).First(line => line.Contains("/incoming/", StringComparison.Ordinal)).Split('"')[1];
        foreach (string[] next in (string[][])[["restore", "instance.proj"], ["build", "--no-restore", "instance.proj", "-t:PruneCache"], ["build", "instance.proj"]])
        {
            string[] made = [fire.Project["obj"], Path.Combine(fire.Project.Cache, "archives"), Path.Combine(fire.Project.Cache, "trees")];
            foreach (string directory in made.Where(Directory.Exists))
            {
                TestDirectory.Delete(directory);
            }

            // It is killed when it is about to delete the directory that the packages came to.
            string[] kill = ["-P", incoming, "-e", "inject=rmdir:error=EIO:signal=SIGKILL"];
            CommandResult killed = await fire.Project.RunAsync("strace", [.. strace, .. kill, "dotnet", "restore", "instance.proj"]);
            Assert.AreNotEqual(0, killed.ExitCode, killed.ToString());
            Assert.IsTrue(Directory.Exists(incoming), killed.ToString());
            int served = fire.Served.Count;
            (await fire.Project.DotNetAsync(next)).Succeeds();
            Assert.IsFalse(Directory.Exists(incoming), string.Join(' ', next));
            Assert.HasCount(served, fire.Served);
        }

        await fire.AssertWholeAsync();
    }

    [TestMethod]
    public async Task Several_builds_with_one_cold_cache_have_apt_fetch_everything_once()
    {
        using AptFire fire = await AptFire.CreateAsync();
        string[] hosts = [.. Enumerable.Range(0, 4).Select(number => $"host{number}")];
        foreach (string host in hosts)
        {
            fire.Project.Write($"{host}/{host}.proj", TestProject.ProjectText(AptFire.Body));
            fire.Project.PackAlpha("1.0", host);
        }

        CommandResult[] results = await Task.WhenAll(hosts.Select(host => fire.Project.DotNetAsync("build", $"{host}/{host}.proj")));
        foreach ((string host, CommandResult result) in hosts.Zip(results))
        {
            result.Succeeds().DoesNotSay("warning");
            string[] faults = [.. InstanceCheck.ReleaseFaults(fire.Project[host, "instances", host])];
            Assert.IsEmpty(faults, string.Join('\n', faults));
        }

        string[] once = ["Packages", .. AptFire.Packages.Select(package => $"{package}_1_all.deb")];
        CollectionAssert.AreEquivalent(once, fire.Served.ToArray());
        string[] left = [.. AptFire.Leftovers(fire.Project.Cache)];
        Assert.IsEmpty(left, string.Join('\n', left));
    }

    private static async Task<string> MountAsync(AptFire fire, MountSpace space)
    {
        await space.MountAsync(fire.Project["disk"], "mode=755,size=32m");
        return fire.Project["disk", "cache"];
    }

    private static async Task AssertFullAsync(AptFire fire, MountSpace space, string cache, int room, string place)
    {
        string disk = fire.Project["disk"];
        string filler = Path.Combine(disk, "filler");
        long free = new DriveInfo(space[disk]).AvailableFreeSpace;
        (await space.RunAsync("fallocate", "-l", (free - room).ToString(CultureInfo.InvariantCulture), filler)).Succeeds();
        CommandResult result = await space.RunAsync("dotnet", "build", "instance.proj", $"-p:LavaCacheRoot={cache}");
        Diagnostic error = Faults.AssertOneLine(result, "LAVA9003", $"'{cache}/", "no room or no inode left", "Free some");
        StringAssert.Contains(error.Text, place, StringComparison.Ordinal);
        await fire.Project.AssertRunsAsync("1.0");
        string[] faults = [.. CacheCheck.Faults(space[cache])];
        Assert.IsEmpty(faults, string.Join('\n', faults));
        File.Delete(space[filler]);
    }

    private static async Task ConvergeAsync(AptFire fire, MountSpace space, string cache)
    {
        (await space.RunAsync("dotnet", "build", "instance.proj", $"-p:LavaCacheRoot={cache}", "-p:LavaLinkMode=copy")).Succeeds().DoesNotSay("warning");
        await fire.AssertWholeAsync(space[cache]);
    }
}
