using Lava.Build.Services;
using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Services.Systemd;

/// <summary>Units that a real systemd starts, looks after and stops.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed partial class SystemdHostTests
{
    private const string Target = "lava-probe.target";
    private const string Web = "lava-probe-web.service";
    private const string Worker = "lava-probe-worker.service";

    // Answers with what stands in var/status.
    private const string Server = """
        #!/usr/bin/python3
        import http.server, os, sys
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(int(open(os.environ["LAVA_INSTANCE"] + "/var/status").read()))
                self.end_headers()
            def log_message(self, *words):
                pass
        print("web", os.environ["LAVA_RELEASE"], os.environ.get("WORDS"), os.getcwd(), sys.argv[2:], sorted(os.environ), flush=True)
        http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
        """;

    [TestMethod]
    public async Task The_target_starts_all_in_order_with_what_the_description_says_and_stops_all()
    {
        using SystemdHost host = await SystemdHost.StartAsync();
        using UnitBench bench = new("100% of \"it's\" $HOME");
        InstanceServices services = Services(
            new ServiceDescription
            {
                Name = "web",
                Command = "web",
                Arguments = [$"{FreePort()}", "a \"b\" 'c' $d %e \\ @{InstanceRoot}"],
                Environment = new Dictionary<string, string> { ["WORDS"] = "it's \"$HOME\" 100%" },
                WorkingDirectory = "var",
                After = ["migrate"],
            },
            new ServiceDescription { Name = "worker", Command = "/bin/sleep", Arguments = ["infinity"], After = ["web"] });
        services = services with { Services = [WithHealth(services.Services[0]), services.Services[1]] };
        Activate(bench, "1", services);
        await InstallAsync(host, bench);

        string[] lines = host.Journal.Trim().Split('\n');
        Assert.AreEqual($"migrate {bench.Root}/code/1", lines[0]);
        string place = $"{bench.Root}/code/1 it's \"$HOME\" 100% {bench.Root}/var ['a \"b\" \\'c\\' $d %e \\\\ {bench.Root.Replace("'", "\\'", StringComparison.Ordinal)}']";
        Assert.StartsWith($"web {place} ", lines[1]);
        Assert.DoesNotContain("NOTIFY_SOCKET", lines[1]);
        Assert.HasCount(2, lines);
        foreach (string unit in (string[])[Web, Worker, "lava-probe-migrate.service", "lava-probe.service", Target])
        {
            Assert.AreEqual("active", await host.PropertyAsync(unit, "ActiveState"), unit);
        }

        Assert.AreEqual("daemon", (await host.RunAsync("ps", "-o", "user=", "-p", await host.PropertyAsync(Web, "MainPID"))).Output.Trim());
        Assert.AreEqual("enabled", (await host.RunAsync("systemctl", "is-enabled", Target)).Output.Trim());
        await host.ControlAsync("stop", "lava-probe.service");
        foreach (string unit in (string[])[Web, Worker, "lava-probe-migrate.service", "lava-probe.service", Target])
        {
            Assert.AreEqual("inactive", await host.PropertyAsync(unit, "ActiveState"), unit);
        }
    }

    [TestMethod]
    public async Task A_service_that_dies_or_loses_its_health_is_started_again_and_the_others_go_on()
    {
        using SystemdHost host = await SystemdHost.StartAsync();
        using UnitBench bench = new();
        Activate(bench, "1", Services(WebService(), new ServiceDescription { Name = "worker", Command = "/bin/sleep", Arguments = ["infinity"], After = ["web"] }));
        await InstallAsync(host, bench);
        string worker = await host.PropertyAsync(Worker, "MainPID");

        // Nobody asked for that end, though it is a clean one by itself.
        await host.ControlAsync("kill", "--kill-whom=main", "--signal=SIGTERM", Web);
        await host.UntilAsync(async () => await host.PropertyAsync(Web, "NRestarts") == "1" && await host.PropertyAsync(Web, "ActiveState") == "active", "not restarted");

        File.WriteAllText(bench["var", "status"], "500");
        await host.UntilAsync(async () => await host.PropertyAsync(Web, "NRestarts") == "2", "its lost health was not noticed");
        File.WriteAllText(bench["var", "status"], "200");
        await host.UntilAsync(async () => await host.PropertyAsync(Web, "ActiveState") == "active", "not healthy again");
        Assert.Contains("web does not do its work: http://127.0.0.1:", host.Journal);
        Assert.Contains("answers with 500 instead of 200", host.Journal);
        Assert.AreEqual(worker, await host.PropertyAsync(Worker, "MainPID"));
    }

    [TestMethod]
    public async Task A_service_that_fails_for_good_brings_all_down_and_the_installation_says_which()
    {
        using SystemdHost host = await SystemdHost.StartAsync();
        using UnitBench bench = new();
        Activate(bench, "1", Services(
            WebService() with { RestartLimit = 1, Health = new HealthCheck { Command = "echo no luck; exit 1", Timeout = 1, Interval = 1 } },
            new ServiceDescription { Name = "worker", Command = "/bin/sleep", Arguments = ["infinity"] }));
        Ran ran = await host.HelpAsync("install-services", bench.Root, "", "true");
        await host.UntilAsync(async () => await host.PropertyAsync(Web, "ActiveState") == "failed" && await host.PropertyAsync(Worker, "ActiveState") == "inactive", "not all is stopped");
        Assert.AreEqual("inactive", await host.PropertyAsync(Target, "ActiveState"));
        Assert.Contains("web does not do its work after 1 s: no luck", host.Journal);
        Assert.Contains("lava-probe-web has failed, so the instance is stopped.", host.Journal);
        Assert.AreEqual(1, ran.ExitCode, ran.Output);
        Assert.Contains("LAVA5067", ran.Output);
    }

    [TestMethod]
    public async Task A_step_that_fails_lets_nothing_start_that_needs_it()
    {
        using SystemdHost host = await SystemdHost.StartAsync();
        using UnitBench bench = new();
        Activate(bench, "1", Services(WebService()) with { Steps = [new StepDescription { Name = "migrate", Command = "echo LAVA9999: no room >&2; exit 3" }] });
        Ran ran = await host.HelpAsync("install-services", bench.Root, "", "true");
        Assert.Contains("lava-probe-migrate.service", ran.Output.Split('\n').Single(line => line.StartsWith("LAVA5067", StringComparison.Ordinal)));
        Assert.Contains("LAVA9999: no room", host.Journal);
        Assert.DoesNotContain("web /", host.Journal);
        await host.UntilAsync(async () => await host.PropertyAsync(Target, "ActiveState") == "inactive", "not all is stopped");
    }

    [TestMethod]
    public async Task A_service_that_has_to_be_killed_does_not_end_a_restart()
    {
        using SystemdHost host = await SystemdHost.StartAsync();
        using UnitBench bench = new();
        Activate(bench, "1", Services(WebService(), new ServiceDescription { Name = "worker", Command = "stubborn", StopTimeout = 1 }));
        await InstallAsync(host, bench);
        string before = await host.PropertyAsync(Worker, "MainPID");
        await host.UntilAsync(() => Task.FromResult(host.Journal.Contains("deaf", StringComparison.Ordinal)), "the worker did not start");
        await host.ControlAsync("restart", Target);
        Assert.AreEqual("active", await host.PropertyAsync(Worker, "ActiveState"));
        Assert.AreNotEqual(before, await host.PropertyAsync(Worker, "MainPID"));
        await host.ControlAsync("is-active", Target, Web);
    }

    [TestMethod]
    public async Task What_runs_keeps_to_its_release_until_the_instance_is_restarted()
    {
        using SystemdHost host = await SystemdHost.StartAsync();
        using UnitBench bench = new();
        InstanceServices services = Services(WebService());
        Activate(bench, "1", services);
        await InstallAsync(host, bench);
        Activate(bench, "2", services);

        // What dies meanwhile comes back as what it was: the steps of the new release have not been carried out.
        await host.ControlAsync("kill", "--kill-whom=main", "--signal=SIGKILL", Web);
        await host.UntilAsync(() => Task.FromResult(Count(host, "web ") == 2), "not restarted");
        Assert.DoesNotContain("code/2", host.Journal);
        await host.UntilAsync(async () => await host.PropertyAsync(Web, "ActiveState") == "active", "not healthy again");

        // The units themselves need not be written again.
        await host.ControlAsync("restart", Target);
        Assert.AreEqual(2, Count(host, $"{bench.Root}/code/2"), host.Journal);
        Activate(bench, "3", services);
        Assert.Contains($"{Target} was restarted and runs 3", await InstallAsync(host, bench));
        Assert.Contains($"{Target} runs 3 already", await InstallAsync(host, bench));
    }

    [TestMethod]
    public async Task A_service_may_finish_its_work_and_what_it_started_may_outlive_it()
    {
        using SystemdHost host = await SystemdHost.StartAsync();
        using UnitBench bench = new();
        ServiceDescription worker = new()
        {
            Name = "worker",
            Command = "busy",
            KillMode = KillMode.Process,
            DrainSignal = "SIGUSR1",
            DrainTimeout = 30,
            Health = new HealthCheck { Command = "test -e run/ready", Interval = 1, Timeout = 10 },
        };
        Activate(bench, "1", Services(worker));
        await InstallAsync(host, bench);

        // That of the target alone would not wait for the others.
        await host.ControlAsync("stop", "lava-probe.service");
        Assert.Contains("finished", host.Journal);
        Assert.AreEqual("inactive", await host.PropertyAsync(Worker, "ActiveState"));
        string job = (await File.ReadAllTextAsync(bench["run", "job"])).Trim();
        Assert.AreEqual(0, (await host.RunAsync("kill", "-0", job)).ExitCode, "the job was ended, too");

        // Nobody looks after the health of what has ended.
        await host.UntilAsync(async () => !(await host.RunAsync("ps", "-eo", "args")).Output.Contains("lava-build/systemd", StringComparison.Ordinal), "somebody looks after a service that has ended");
    }

    [TestMethod]
    public async Task Whoever_kills_the_holder_of_the_instance_restarts_it()
    {
        using SystemdHost host = await SystemdHost.StartAsync();
        using UnitBench bench = new();
        Activate(bench, "1", Services(WebService()));
        await InstallAsync(host, bench);
        await host.ControlAsync("kill", "--kill-whom=main", "--signal=SIGKILL", "lava-probe.service");
        await host.UntilAsync(() => Task.FromResult(Count(host, "web ") == 2), "not restarted");
        await host.UntilAsync(async () => (await host.RunAsync("systemctl", "is-active", Target, Web, "lava-probe.service")).Output == "active\nactive\nactive\n", "not all is up again");
    }

    [TestMethod]
    public async Task What_the_supervisor_runs_systemd_does_not()
    {
        using SystemdHost host = await SystemdHost.StartAsync();
        using UnitBench bench = new();
        Activate(bench, "1", Services(WebService()));
        using (System.Diagnostics.Process holder = await HelperProgram.HoldLockAsync(bench["run", "services.lock"]))
        {
            Ran ran = await host.HelpAsync("install-services", bench.Root, "", "true");
            Assert.AreEqual(1, ran.ExitCode);
            Assert.StartsWith($"LAVA5061: The instance '{bench.Root}' is run already (holding, process ", ran.Output);
            Assert.IsEmpty(Directory.GetFiles(host.Units));
            holder.Kill();
            await holder.WaitForExitAsync();
        }

        await InstallAsync(host, bench);
        await host.ControlAsync("stop", "lava-probe.service");
        using (System.Diagnostics.Process holder = await HelperProgram.HoldLockAsync(bench["run", "services.lock"]))
        {
            Assert.AreNotEqual(0, (await host.RunAsync("systemctl", "start", Target)).ExitCode);
            Assert.Contains("LAVA5061: The instance", host.Journal);
            Assert.AreEqual("0", await host.PropertyAsync("lava-probe.service", "NRestarts"));
            holder.Kill();
            await holder.WaitForExitAsync();
        }

        await host.ControlAsync("start", Target);
        Assert.IsTrue(await Lava.Build.Platform.FileLock.AcquireAsync(bench["run", "services.lock"], "test", _ => { }, new CancellationTokenSource(500).Token)
            .ContinueWith(task => task.IsCanceled, TaskScheduler.Default), "the lock is free though systemd runs the instance");
    }

    [TestMethod]
    public async Task Status_Stop_and_Restart_know_what_systemd_runs()
    {
        using SystemdHost host = await SystemdHost.StartAsync();
        using UnitBench bench = new();
        InstanceServices services = Services(
            WebService() with { RestartLimit = 100 },
            new ServiceDescription { Name = "worker", Command = "/bin/sleep", Arguments = ["infinity"], After = ["web"] },
            new ServiceDescription { Name = "once", Command = "/bin/true", Restart = RestartPolicy.Never, OnFailure = FailureAction.Continue });
        Activate(bench, "1", services);
        await InstallAsync(host, bench);
        Activate(bench, "2", services);

        string[] lines = await TellAsync(host, bench);
        Assert.AreEqual("runs True 1", lines[0]);
        Assert.MatchesRegex(@"\Arunning under the system's systemd \(lava-probe\.target\), release 1, since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\z", lines[1]);
        Assert.MatchesRegex($@"\Aweb healthy {await host.PropertyAsync(Web, "MainPID")} 0 \d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ\z", lines[2]);
        Assert.StartsWith($"worker healthy {await host.PropertyAsync(Worker, "MainPID")} 0 ", lines[3]);
        Assert.StartsWith("once stopped 0 0 ", lines[4]);

        File.WriteAllText(bench["var", "status"], "500");
        await host.UntilAsync(async () => (await TellAsync(host, bench))[2].Contains(" unhealthy ", StringComparison.Ordinal), "its lost health was not told");
        File.WriteAllText(bench["var", "status"], "200");
        await host.UntilAsync(async () => (await TellAsync(host, bench))[2].Contains(" healthy ", StringComparison.Ordinal), "not healthy again");

        string web = await host.PropertyAsync(Web, "MainPID");
        Assert.AreEqual("", await HelpAsync(host, "stop-units", bench.Root, "worker"));
        Assert.AreEqual("inactive", await host.PropertyAsync(Worker, "ActiveState"));
        Assert.AreEqual("", await HelpAsync(host, "restart-units", bench.Root, "worker"));
        Assert.AreEqual("active", await host.PropertyAsync(Worker, "ActiveState"));
        Assert.AreEqual(web, await host.PropertyAsync(Web, "MainPID"));
        Assert.StartsWith("LAVA5010", await HelpAsync(host, "stop-units", bench.Root, "wbe"));

        Assert.AreEqual("", await HelpAsync(host, "restart-units", bench.Root));
        lines = await TellAsync(host, bench);
        Assert.AreEqual("runs True 2", lines[0]);
        Assert.Contains(", release 2, ", lines[1]);
        Assert.AreNotEqual(web, await host.PropertyAsync(Web, "MainPID"));

        // Who may not read the lock finds the units by their processes, and is told what only root can do.
        string[] stranger = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"];
        File.SetUnixFileMode(bench["run", "services.lock"], (UnixFileMode)0b110_000_000);
        (string program, string[] arguments) = HelperProgram.CommandLine("tell-of-units", bench.Root);
        Assert.StartsWith("runs True 2\n", (await host.RunAsync("setpriv", [.. stranger, program, .. arguments])).Output);
        (program, arguments) = HelperProgram.CommandLine("stop-units", bench.Root);
        Assert.Contains("LAVA5026: The services of '" + bench.Root + "' are run by the system's systemd, whom this user cannot ask for that. Do it as root, with 'systemctl stop lava-probe.service'.", (await host.RunAsync("setpriv", [.. stranger, program, .. arguments])).Output);

        Assert.AreEqual("", await HelpAsync(host, "stop-units", bench.Root));
        Assert.AreEqual("inactive", await host.PropertyAsync(Web, "ActiveState"));
        Assert.AreEqual("no units", (await TellAsync(host, bench))[1]);
    }

    [TestMethod]
    public async Task A_users_own_systemd_runs_an_instance_without_root()
    {
        using SystemdHost host = await SystemdHost.StartAsync();
        using UnitBench bench = new("in stance");
        Activate(bench, "1", Services(WebService(), new ServiceDescription { Name = "worker", Command = "busy", DrainSignal = "SIGUSR1" }));
        await Run.OutputAsync("chown", ["--recursive", "daemon:daemon", bench.Root]);
        string[] user = await host.StartUserAsync();
        (string program, string[] arguments) = HelperProgram.CommandLine("install-services", bench.Root, "", "true");
        Ran ran = await host.RunAsync("setpriv", [.. user, program, .. arguments]);
        Assert.AreEqual(0, ran.ExitCode, $"{ran.Output}{ran.Error}{host.Journal}");
        Assert.Contains("/.config/systemd/user/lava-probe-web.service", ran.Output);
        Assert.Contains("LAVA5069", ran.Output);
        Assert.AreEqual("active\nactive\n", (await host.RunAsync("setpriv", [.. user, "systemctl", "--user", "is-active", Web, Worker])).Output);
        Assert.Contains("running under the systemd of daemon (lava-probe.target), release 1", await HelpAsUserAsync("tell-of-units", bench.Root));
        Assert.Contains("LAVA5026", await HelpAsync(host, "tell-of-units", bench.Root));
        Assert.Contains("Do it as daemon, with 'systemctl --user stop lava-probe.service'.", await HelpAsync(host, "stop-units", bench.Root));
        Assert.AreEqual("", await HelpAsUserAsync("restart-units", bench.Root));
        Assert.AreEqual("", await HelpAsUserAsync("stop-units", bench.Root, "worker"));
        Assert.Contains("worker stopped 0 ", await HelpAsUserAsync("tell-of-units", bench.Root));
        (program, arguments) = HelperProgram.CommandLine("remove-services", bench.Root, "");
        ran = await host.RunAsync("setpriv", [.. user, program, .. arguments]);
        Assert.AreEqual(0, ran.ExitCode, $"{ran.Output}{ran.Error}{host.Journal}");
        Assert.AreEqual("inactive\ninactive\n", (await host.RunAsync("setpriv", [.. user, "systemctl", "--user", "is-active", Web, Worker])).Output);

        async Task<string> HelpAsUserAsync(params string[] words)
        {
            (string helper, string[] all) = HelperProgram.CommandLine(words);
            return (await host.RunAsync("setpriv", [.. user, helper, .. all])).Output;
        }
    }

    private static async Task<string> HelpAsync(SystemdHost host, params string[] arguments) => (await host.HelpAsync(arguments)).Output;

    private static async Task<string[]> TellAsync(SystemdHost host, UnitBench bench) => (await HelpAsync(host, "tell-of-units", bench.Root)).Split('\n');

    private static async Task<string> InstallAsync(SystemdHost host, UnitBench bench)
    {
        Ran ran = await host.HelpAsync("install-services", bench.Root, "", "true");
        Assert.AreEqual(0, ran.ExitCode, $"{ran.Output}{ran.Error}{host.Log}{host.Journal}");
        return ran.Output;
    }

    private static void Activate(UnitBench bench, string release, InstanceServices services)
    {
        File.WriteAllText(bench["var", "status"], "200");
        bench.Activate(
            release,
            services,
            ("web", Server),
            ("stubborn", "#!/bin/sh\ntrap '' TERM\necho deaf\nwhile :; do sleep 0.1; done\n"),
            ("busy", "#!/bin/sh\ntrap 'sleep 0.5; echo finished; exit 0' USR1\nsleep 60 &\necho $! > run/job\ntouch run/ready\nwhile :; do sleep 0.1; done\n"));
    }

    private static InstanceServices Services(params ServiceDescription[] services) => new()
    {
        Instance = "probe",
        User = "daemon",
        Steps = [new StepDescription { Name = "migrate", Command = "echo \"migrate $LAVA_RELEASE\"" }],
        Services = services,
    };

    private static ServiceDescription WebService() => WithHealth(
        new ServiceDescription { Name = "web", Command = "web", Arguments = [$"{FreePort()}"], After = ["migrate"] });

    private static ServiceDescription WithHealth(ServiceDescription web) =>
        web with { Health = new HealthCheck { Http = $"http://127.0.0.1:{web.Arguments[0]}/", Interval = 1, Timeout = 5 } };

    private static int Count(SystemdHost host, string text) => host.Journal.Split('\n').Count(line => line.Contains(text, StringComparison.Ordinal));

    private static int FreePort()
    {
        using System.Net.Sockets.TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
