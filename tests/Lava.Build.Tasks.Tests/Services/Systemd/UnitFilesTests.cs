using System.Text.RegularExpressions;
using Lava.Build.Diagnostics;
using Lava.Build.Services;
using Lava.Build.Services.Systemd;
using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Services.Systemd;

[TestClass]
public sealed partial class UnitFilesTests
{
    private const double MostExposure = 4.0;

    [TestMethod]
    public void Each_service_and_step_has_a_unit_of_each_kind_that_carries_the_instances_name()
    {
        string[] expected =
        [
            "lava-all-cluster.service", "lava-all-database.service", "lava-all-migrate.service", "lava-all-once.service", "lava-all-web.service",
            "lava-all-worker.service", "lava-all.failed@.service", "lava-all.service", "lava-all.target",
        ];
        using UnitBench bench = new();
        foreach (bool system in (bool[])[true, false])
        {
            CollectionAssert.AreEqual(expected, bench.Filled(UnitBench.Everything(), system).Keys.Order(StringComparer.Ordinal).ToArray());
        }
    }

    [TestMethod]
    public void Units_name_only_the_instances_place_and_no_program_of_it()
    {
        using UnitBench bench = new();
        foreach ((string name, string text) in bench.Filled(UnitBench.Everything(), system: true))
        {
            Assert.DoesNotContain("@{", text, name);
            Assert.DoesNotContain("/usr/bin", text, name);
            foreach (Match exec in ExecPattern().Matches(text))
            {
                Assert.StartsWith($":/bin/sh \"{bench.Root}/code/current/libexec/lava-build/systemd\" ", exec.Groups[1].Value, name);
            }
        }
    }

    [TestMethod]
    public void A_unit_waits_for_what_its_service_comes_after_and_belongs_to_the_target()
    {
        using UnitBench bench = new();
        string web = bench.Filled(UnitBench.Everything(), system: true)["lava-all-web.service"];
        AssertLines(web, "PartOf=lava-all.target", "BindsTo=lava-all.service", "Requires=lava-all-migrate.service", "After=lava-all.service lava-all-migrate.service");
        string worker = bench.Filled(UnitBench.Everything(), system: true)["lava-all-worker.service"];
        AssertLines(worker, "Wants=lava-all-web.service lava-all-database.service", "After=lava-all.service lava-all-web.service lava-all-database.service");
        string target = bench.Filled(UnitBench.Everything(), system: true)["lava-all.target"];
        AssertLines(
            target, "Wants=lava-all-cluster.service lava-all-migrate.service lava-all-database.service lava-all-web.service lava-all-worker.service lava-all-once.service",
            "WantedBy=multi-user.target");
        AssertLines(bench.Filled(UnitBench.Everything(), system: false)["lava-all.target"], "WantedBy=default.target");
    }

    [TestMethod]
    public void How_a_service_starts_restarts_and_stops_is_in_its_unit()
    {
        using UnitBench bench = new();
        IReadOnlyDictionary<string, string> units = bench.Filled(UnitBench.Everything(), system: true);
        AssertLines(
            units["lava-all-database.service"], "Type=notify", "KillSignal=SIGINT", "KillMode=control-group", "Restart=on-failure", "RestartSec=1", "StartLimitBurst=6",
            "StartLimitIntervalSec=60", "SuccessExitStatus=SIGINT 130", "TimeoutStopSec=10", "TimeoutStartSec=65", "WatchdogSec=75", "User=daemon",
            "SyslogIdentifier=lava-all-database", "OnFailure=lava-all.failed@%N.service");
        AssertLines(units["lava-all-web.service"], "Restart=always");
        AssertLines(units["lava-all-worker.service"], "KillMode=process", "User=root", "TimeoutStopSec=35", "SuccessExitStatus=SIGTERM SIGUSR1 143 138");
        Assert.Contains("drain USR1 20 TERM 10", units["lava-all-worker.service"]);
        Assert.DoesNotContain("OnFailure", units["lava-all-worker.service"]);
        AssertLines(units["lava-all-once.service"], "Type=exec", "Restart=no", "StartLimitIntervalSec=0");
        AssertLines(units["lava-all-migrate.service"], "Type=oneshot", "RemainAfterExit=yes", "TimeoutStartSec=1200");
    }

    [TestMethod]
    public void What_an_item_says_of_its_sandbox_replaces_takes_away_and_adds()
    {
        using UnitBench bench = new("in stance");
        string database = bench.Filled(UnitBench.Everything(), system: true)["lava-all-database.service"];
        AssertLines(database, $"ReadWritePaths=\"{bench.Root}/var\" /dev/shm", "ProtectSystem=strict");
        Assert.DoesNotContain("MemoryDenyWriteExecute", database);
        Assert.AreEqual(1, Regex.Count(database, "ReadWritePaths="));

        // What a user's manager cannot do is passed over there.
        Assert.DoesNotContain("ReadWritePaths", bench.Filled(UnitBench.Everything(), system: false)["lava-all-database.service"]);
    }

    [TestMethod]
    [DataRow("no name", "yes")]
    [DataRow("ProtectHome", "yes\nUser=root")]
    [DataRow("ProtectHome", "yes\\")]
    [DataRow("[Install]", "")]
    [DataRow("", "yes")]
    public void What_would_be_another_line_of_the_unit_is_refused(string name, string value)
    {
        ServiceDescription web = new() { Name = "web", Command = "web", Sandbox = new Dictionary<string, string> { [name] = value } };
        LavaException failure = Assert.ThrowsExactly<LavaException>(() => UnitFiles.For(new InstanceServices { Instance = "i", Services = [web] }));
        Assert.AreEqual("LAVA5060", failure.Problems.Single().Code);
    }

    [TestMethod]
    public void An_instance_with_no_user_of_its_own_never_runs_as_root()
    {
        using UnitBench bench = new();
        foreach ((string name, string text) in bench.Filled(UnitBench.Everything(user: ""), system: true).Where(unit => unit.Key.EndsWith(".service", StringComparison.Ordinal)))
        {
            AssertLines(text, name.Contains("worker", StringComparison.Ordinal) ? "User=root" : "User=lava-all");
        }

        Assert.IsFalse(bench.Filled(UnitBench.Everything(), system: false).Values.Any(text => text.Contains("\nUser=", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Systemd_finds_nothing_wrong_with_any_unit(bool system)
    {
        using UnitBench bench = new("100% of \"it's\" $HOME");
        bench.Activate("1", UnitBench.Everything());
        string[] files = Write(bench, system);
        Ran ran = await Run.ProgramAsync(
            "systemd-analyze", [system ? "--system" : "--user", "--man=no", "--recursive-errors=one", "verify", .. files], new Dictionary<string, string?> { ["XDG_RUNTIME_DIR"] = bench.Units });
        string said = string.Join('\n', ran.Error.Split('\n').Where(line => line.Contains("lava-all", StringComparison.Ordinal)));
        Assert.AreEqual("", said);
        Assert.AreEqual(0, ran.ExitCode, ran.Error);
    }

    [TestMethod]
    public async Task Systemd_holds_no_unit_of_the_system_for_exposed()
    {
        using UnitBench bench = new();
        InstanceServices services = UnitBench.Everything();
        Write(bench, system: true);
        foreach ((string name, string text) in bench.Filled(services, system: true).Where(unit => unit.Key.EndsWith(".service", StringComparison.Ordinal)))
        {
            Ran ran = await Run.ProgramAsync("systemd-analyze", ["security", "--offline=yes", $"--threshold={MostExposure * 10}", "--no-pager", Path.Combine(bench.Units, name)]);
            Assert.AreEqual(0, ran.ExitCode, $"{ran.Output}\n{ran.Error}\n{text}");
        }
    }

    private static string[] Write(UnitBench bench, bool system)
    {
        Directory.CreateDirectory(bench.Units);
        List<string> files = [];
        foreach ((string name, string text) in bench.Filled(UnitBench.Everything(), system))
        {
            files.Add(Path.Combine(bench.Units, name));
            File.WriteAllText(files[^1], text);
        }

        return [.. files];
    }

    private static void AssertLines(string unit, params string[] expected)
    {
        string[] lines = unit.Split('\n');
        Assert.AreEqual("", string.Join('\n', expected.Except(lines)), unit);
    }

    [GeneratedRegex("^Exec[A-Za-z]*=(.*)$", RegexOptions.Multiline)]
    private static partial Regex ExecPattern();
}
