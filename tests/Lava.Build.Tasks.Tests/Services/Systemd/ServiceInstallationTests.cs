using System.Diagnostics;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Services;
using Lava.Build.Services.Systemd;
using Lava.Build.Tasks;
using Lava.Build.Tests.Shells;
using Lava.Build.Tests.Tasks;

namespace Lava.Build.Tests.Services.Systemd;

/// <summary>Installing into a directory that no systemd reads, as one does for an image.</summary>
[TestClass]
public sealed class ServiceInstallationTests
{
    private static readonly InstanceServices Services = UnitBench.Everything("one", Environment.UserName == "root" ? "daemon" : Environment.UserName);
    private static readonly string Wants = Posix.EffectiveUser() == 0 ? "multi-user.target.wants" : "default.target.wants";

    [TestMethod]
    public async Task Units_are_written_and_enabled_with_the_instances_place_and_a_second_time_nothing_changes()
    {
        using UnitBench bench = new("in \"stance\" 100%");
        bench.Activate("1", Services);
        RecordingLog log = await InstallAsync(bench);
        Assert.IsTrue(log.Warnings.Single().Code is "LAVA5064" or "LAVA5065");
        Assert.HasCount(9, log.Lines.Where(line => line.StartsWith($"Wrote {bench.Units}/lava-one", StringComparison.Ordinal)));
        string link = Path.Combine(bench.Units, Wants, "lava-one.target");
        Assert.AreEqual("../lava-one.target", new FileInfo(link).LinkTarget);
        string web = File.ReadAllText(Path.Combine(bench.Units, "lava-one-web.service"));
        Assert.StartsWith($"# Lava.Build wrote this for the instance {bench.Root}; ", web);
        Assert.Contains($":/bin/sh \"{bench.Root.Replace("\"", "\\\"", StringComparison.Ordinal).Replace("%", "%%", StringComparison.Ordinal)}/code/current/libexec", web);
        Assert.AreEqual("no one can write", (File.GetUnixFileMode(Path.Combine(bench.Units, "lava-one-web.service")) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) == 0 ? "no one can write" : "others can");

        DateTime written = File.GetLastWriteTimeUtc(Path.Combine(bench.Units, "lava-one-web.service"));
        log = await InstallAsync(bench);
        Assert.IsEmpty(log.Lines.Where(line => line.StartsWith("Wrote", StringComparison.Ordinal) || line.StartsWith("Enabled", StringComparison.Ordinal)));
        Assert.AreEqual(written, File.GetLastWriteTimeUtc(Path.Combine(bench.Units, "lava-one-web.service")));
    }

    [TestMethod]
    public async Task What_another_wrote_is_an_error_and_stays_and_nothing_is_installed()
    {
        using UnitBench bench = new();
        using UnitBench other = new();
        bench.Activate("1", Services);
        Directory.CreateDirectory(bench.Units);
        string theirs = Path.Combine(bench.Units, "lava-one-web.service");
        File.WriteAllText(theirs, "[Service]\nExecStart=/bin/true\n");
        string masked = Path.Combine(bench.Units, "lava-one.target");
        File.CreateSymbolicLink(masked, "/dev/null");
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(() => InstallAsync(bench));
        CollectionAssert.AreEqual(new[] { "LAVA5062", "LAVA5062" }, failure.Problems.Select(problem => problem.Code).ToArray());
        CollectionAssert.AreEquivalent(new[] { theirs, masked }, failure.Problems.Select(problem => problem.Location.File).ToArray());
        Assert.HasCount(2, Directory.GetFileSystemEntries(bench.Units));
        Assert.AreEqual("[Service]\nExecStart=/bin/true\n", File.ReadAllText(theirs));

        // Nor does a removal touch it, or what is of another instance.
        other.Activate("1", UnitBench.Everything("two", Services.User));
        await Installation(other, bench.Units, new RecordingLog()).InstallAsync(start: true, CancellationToken.None);
        int before = Directory.GetFileSystemEntries(bench.Units).Length;
        await RemoveAsync(bench);
        Assert.HasCount(before, Directory.GetFileSystemEntries(bench.Units));
    }

    [TestMethod]
    public void A_unit_that_would_hide_one_of_a_package_is_an_error()
    {
        using UnitBench bench = new();
        Directory.CreateDirectory(bench["tmp"]);
        string packaged = Path.Combine(bench["tmp"], "lava-worker.service");
        File.WriteAllText(packaged, "[Service]\nExecStart=/usr/bin/lava-worker\n");
        UnitDirectory units = new(bench.Units, bench.Root, [bench["var"], bench["tmp"]]);
        Problem problem = units.CheckPlaces(["lava-worker.target", "lava-worker.service"]).Single();
        Assert.AreEqual("LAVA5062", problem.Code);
        Assert.AreEqual(packaged, problem.Location.File);
        Assert.Contains("another LavaInstance", problem.Text);
        Assert.Contains("/usr/lib/systemd/system", UnitDirectory.Places(system: true));
    }

    [TestMethod]
    public async Task Units_of_an_instance_that_was_moved_away_are_told_with_the_way_to_remove_them()
    {
        using UnitBench moved = new();
        using UnitBench bench = new();
        moved.Activate("1", UnitBench.Everything("old", Services.User));
        await Installation(moved, bench.Units, new RecordingLog()).InstallAsync(start: true, CancellationToken.None);
        bench.Activate("1", Services);
        Assert.DoesNotContain("LAVA5076", (await InstallAsync(bench)).Warnings.Select(warning => warning.Code));
        File.Delete(moved.Layout.Current);
        foreach (RecordingLog log in (RecordingLog[])[await InstallAsync(bench), await RemoveAsync(bench)])
        {
            string told = log.Warnings.Single(warning => warning.Code == "LAVA5076").Text;
            Assert.Contains($"-t:RemoveServices -p:LavaInstanceRoot={moved.Root}'", told);
        }

        // As it says, though nothing of the instance is left.
        Directory.Delete(moved.Root, recursive: true);
        await Installation(moved, bench.Units, new RecordingLog()).RemoveAsync(CancellationToken.None);
        Assert.IsEmpty(Directory.GetFiles(bench.Units, "lava-old*", SearchOption.AllDirectories));
    }

    [TestMethod]
    public async Task For_another_host_no_user_is_made_here()
    {
        string instance = $"x{Guid.NewGuid():N}"[..12];
        using UnitBench bench = new();
        bench.Activate("1", UnitBench.Everything(instance, $"lava-{instance}"));
        RecordingLog log = await InstallAsync(bench);
        Assert.Contains("LAVA5065", log.Warnings.Select(warning => warning.Code));
        Assert.IsNull(SystemUser.Find($"lava-{instance}"));
        Assert.IsTrue(File.Exists(Path.Combine(bench.Units, $"lava-{instance}.target")));
    }

    [TestMethod]
    public async Task What_a_release_no_longer_has_goes_and_a_removal_takes_all_that_is_ours_and_nothing_else()
    {
        using UnitBench bench = new();
        bench.Activate("1", Services);
        await InstallAsync(bench);
        string dropIn = Path.Combine(bench.Units, "lava-one-web.service.d", "override.conf");
        Directory.CreateDirectory(Path.GetDirectoryName(dropIn)!);
        File.WriteAllText(dropIn, "[Service]\nMemoryMax=1G\n");
        bench.Activate("2", Services with { Services = [.. Services.Services.Where(service => service.Name != "once")] });
        RecordingLog log = await InstallAsync(bench);
        Assert.Contains($"Removed {bench.Units}/lava-one-once.service", log.Lines);
        Assert.IsTrue(log.Lines.Any(line => line.EndsWith("lava-one.target", StringComparison.Ordinal)), "the target names what it starts");
        Assert.IsFalse(File.Exists(Path.Combine(bench.Units, "lava-one-once.service")));

        log = await RemoveAsync(bench);
        Assert.HasCount(8, log.Lines.Where(line => line.StartsWith("Removed", StringComparison.Ordinal)));
        CollectionAssert.AreEqual(new[] { dropIn }, Directory.GetFiles(bench.Units, "*", SearchOption.AllDirectories));
        Assert.IsTrue(Directory.Exists(bench["var"]));
        Assert.Contains("No unit of", (await RemoveAsync(bench)).Lines.Single());
    }

    [TestMethod]
    public async Task What_runs_without_systemd_is_not_installed()
    {
        using UnitBench bench = new();
        bench.Activate("1", Services);
        using Process holder = await HelperProgram.HoldLockAsync(bench["run", "services.lock"]);
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(() => InstallAsync(bench));
        Assert.AreEqual("LAVA5061", failure.Problems.Single().Code);
        Assert.Contains("holding, process", failure.Message);
        Assert.IsFalse(Directory.Exists(bench.Units));
        holder.Kill();
        await holder.WaitForExitAsync();

        // A lock that nobody holds is none, whatever stands in it; a link in its place is not followed.
        await InstallAsync(bench);
        File.Delete(bench["run", "services.lock"]);
        File.CreateSymbolicLink(bench["run", "services.lock"], "/etc/passwd");
        await InstallAsync(bench);
    }

    [TestMethod]
    public async Task What_was_not_built_or_runs_nothing_is_an_error()
    {
        using UnitBench bench = new();
        Assert.AreEqual("LAVA5009", (await Assert.ThrowsExactlyAsync<LavaException>(() => InstallAsync(bench))).Problems.Single().Code);
        string release = bench.Activate("1", new InstanceServices { Instance = "one", User = Services.User });
        Directory.Delete(Path.Combine(release, "share/systemd"), recursive: true);
        Assert.AreEqual("LAVA5063", (await Assert.ThrowsExactlyAsync<LavaException>(() => InstallAsync(bench))).Problems.Single().Code);
        File.Delete(Path.Combine(release, ServicesFile.Path));
        Assert.AreEqual("LAVA5063", (await Assert.ThrowsExactlyAsync<LavaException>(() => InstallAsync(bench))).Problems.Single().Code);
    }

    [TestMethod]
    public async Task What_a_release_leads_to_in_hidden_directories_is_shown_to_its_units()
    {
        using UnitBench bench = new();
        using TemporaryDirectory source = new();
        string release = bench.Activate("1", Services);
        File.CreateSymbolicLink(Path.Combine(release, "share/local"), source.Path);
        File.CreateSymbolicLink(Path.Combine(release, "share/own"), "../../../var");
        File.CreateSymbolicLink(Path.Combine(release, "share/system"), "/usr/share");
        CollectionAssert.AreEqual(new[] { source.Path }, OutsideDirectories.Of(bench.Root, release).ToArray());
        await InstallAsync(bench);
        string web = File.ReadAllText(Path.Combine(bench.Units, "lava-one-web.service"));
        if (Posix.EffectiveUser() == 0)
        {
            Assert.Contains($"\nBindReadOnlyPaths=\"{bench.Root}\" \"-{source.Path}\"\n", web);
        }
        else
        {
            Assert.DoesNotContain("BindReadOnlyPaths", web);
        }
    }

    [TestMethod]
    public void The_tasks_install_and_remove()
    {
        using UnitBench bench = new();
        using TaskBench tasks = new();
        bench.Activate("1", Services);
        InstallLavaServices install = tasks.Prepare(new InstallLavaServices { InstanceRoot = bench.Root, UnitDirectory = bench.Units });
        Assert.IsTrue(install.Execute(), string.Join('\n', tasks.Errors.Select(error => error.Message)));
        Assert.IsTrue(File.Exists(Path.Combine(bench.Units, "lava-one.target")));
        Assert.IsTrue(tasks.Prepare(new RemoveLavaServices { InstanceRoot = bench.Root, UnitDirectory = bench.Units }).Execute());
        Assert.IsFalse(File.Exists(Path.Combine(bench.Units, "lava-one.target")));
    }

    [TestMethod]
    public async Task Without_root_units_go_to_the_users_own_directory()
    {
        if (Posix.EffectiveUser() != 0)
        {
            Assert.Inconclusive("Another user is needed, whom only root can be.");
        }

        using UnitBench bench = new();
        bench.Activate("1", Services);
        string home = bench["tmp"];
        await Run.OutputAsync("chown", ["--recursive", "daemon:daemon", bench.Root]);
        (string program, string[] arguments) = HelperProgram.CommandLine("install-services", bench.Root, "", "true");
        Ran ran = await Run.ProgramAsync(
            "setpriv", ["--reuid=daemon", "--regid=daemon", "--clear-groups", "env", $"XDG_CONFIG_HOME={home}", $"HOME={home}", $"XDG_RUNTIME_DIR={home}", program, .. arguments]);
        Assert.AreEqual(0, ran.ExitCode, ran.Output + ran.Error);
        Assert.Contains("LAVA5064", ran.Output);
        Assert.IsTrue(File.Exists(Path.Combine(home, "systemd/user/lava-one-web.service")));
        Assert.AreEqual("../lava-one.target", new FileInfo(Path.Combine(home, "systemd/user/default.target.wants/lava-one.target")).LinkTarget);
        Assert.DoesNotContain("User=", File.ReadAllText(Path.Combine(home, "systemd/user/lava-one-web.service")));
    }

    private static async Task<RecordingLog> InstallAsync(UnitBench bench)
    {
        RecordingLog log = new();
        await Installation(bench, bench.Units, log).InstallAsync(start: true, CancellationToken.None);
        return log;
    }

    private static async Task<RecordingLog> RemoveAsync(UnitBench bench)
    {
        RecordingLog log = new();
        await Installation(bench, bench.Units, log).RemoveAsync(CancellationToken.None);
        return log;
    }

    private static ServiceInstallation Installation(UnitBench bench, string units, RecordingLog log) =>
        new(bench.Layout, units, new ServiceManager(HostEnvironment.OfThisProcess()), log);
}
