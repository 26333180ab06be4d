using Lava.Build.Platform;
using Lava.Build.Services;
using Lava.Build.Services.Supervision;

namespace Lava.Build.Tests.Services.Supervision;

[TestClass]
public sealed class SupervisorStopTests
{
    private const int Interrupt = 2;

    [TestMethod]
    [DataRow(Interrupt)]
    [DataRow(Posix.SIGTERM)]
    [DataRow(Posix.SIGHUP, DisplayName = "SIGHUP of a lost terminal")]
    public async Task A_signal_stops_all_and_leaves_nothing(int signal)
    {
        using RunningInstance instance = new();
        // Children in sessions of their own, and one whose parent is gone.
        instance.Describe(
            instance.Service("web", "sleep 1000 & setsid sleep 1000 & (setsid sleep 1000 &); exec sleep 1000"),
            instance.Service("worker", RunningInstance.Lasting) with { After = ["web"] });
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        await RunningInstance.UntilAsync(() => instance.Processes().Count >= 5, "all children");
        supervisor.Signal(signal);
        Assert.AreEqual(0, await supervisor.EndAsync(), supervisor.Output);
        instance.AssertNothingRuns();
    }

    [TestMethod]
    public async Task A_service_that_ignores_its_signal_is_killed_after_its_time()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", "trap '' TERM; echo deaf; while :; do sleep 0.05; done") with { StopTimeout = 1 });
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        Assert.AreEqual(0, await supervisor.StopAsync());
        Assert.AreEqual(128 + Posix.SIGKILL, instance["web"].Exit);
        instance.AssertNothingRuns();
    }

    [TestMethod]
    public async Task A_service_is_stopped_by_the_signal_that_it_names()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", "trap 'echo interrupted; exit 0' INT; touch tmp/there; while :; do sleep 0.02; done") with
        {
            StopSignal = "SIGINT",
            Health = new HealthCheck { Command = "test -e tmp/there" },
        });
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        Assert.AreEqual(0, await supervisor.StopAsync());
        Assert.AreEqual("interrupted\n", instance.Log("web"));
    }

    [TestMethod]
    public async Task A_service_may_finish_what_it_has_before_it_is_stopped()
    {
        using RunningInstance instance = new();
        instance.Describe(Draining(instance));
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        supervisor.Signal(Posix.SIGTERM);
        await supervisor.SaysAsync("services | worker finishes what it has, for 1000 s at most");
        await RunningInstance.UntilAsync(() => instance["worker"].Condition == ServiceCondition.Draining, "draining");
        Assert.IsFalse(supervisor.HasEnded);
        await File.WriteAllTextAsync(instance.At("tmp/finish"), "");
        Assert.AreEqual(0, await supervisor.EndAsync());
        StringAssert.EndsWith(instance.Log("worker"), "finished\n", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_second_interrupt_ends_all_at_once_but_no_job_that_outlives_its_service()
    {
        using RunningInstance instance = new();
        ServiceDescription worker = Draining(instance) with { KillMode = KillMode.Process };
        instance.Describe(worker, instance.Service("web", "trap '' TERM INT; touch tmp/web; while :; do sleep 0.05; done") with { Health = new HealthCheck { Command = "test -e tmp/web" } });
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        supervisor.Signal(Interrupt);
        await supervisor.SaysAsync("worker finishes what it has");
        // One press may come as several signals in no time; what comes later is another.
        await RunningInstance.UntilAsync(
            () =>
            {
                supervisor.Signal(Interrupt);
                return supervisor.HasEnded;
            },
            "its end");
        Assert.AreEqual(0, await supervisor.EndAsync(), supervisor.Output);
        ProcessStatus job = instance.Processes().Single();
        Assert.AreEqual("sleep 1000", ProcessTable.CommandLine(job));
    }

    [TestMethod]
    public async Task Jobs_that_outlive_their_service_go_on_after_a_stop_and_can_still_write()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("worker", "echo first; (trap '' PIPE; until [ -e tmp/write ]; do sleep 0.02; done; echo written && touch tmp/wrote; exec sleep 1000) & touch tmp/there; exec sleep 1000") with
        {
            KillMode = KillMode.Process,
            Health = new HealthCheck { Command = "test -e tmp/there" },
        });
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        await supervisor.SaysAsync("worker | first");
        Assert.AreEqual(0, await supervisor.StopAsync());
        Assert.HasCount(1, instance.Processes().Where(process => process.Parent != 0 && ProcessTable.CommandLine(process).StartsWith("/bin/sh", StringComparison.Ordinal)).ToArray());
        await File.WriteAllTextAsync(instance.At("tmp/write"), "");
        await RunningInstance.UntilAsync(() => File.Exists(instance.At("tmp/wrote")), "the job's line");
        Assert.AreEqual("first\nwritten\n", instance.Log("worker"));

        // The next start leaves it alone as well.
        File.Delete(instance.At("tmp/there"));
        SupervisorProcess next = await instance.RunHealthyAsync();
        Assert.AreEqual(0, await next.StopAsync());
        Assert.IsTrue(instance.Processes().Any(process => ProcessTable.CommandLine(process) == "sleep 1000"), next.Output);
    }

    [TestMethod]
    public async Task A_stop_while_services_start_stops_what_has_started()
    {
        using RunningInstance instance = new();
        instance.Describe(
            instance.Service("web", RunningInstance.Lasting) with { Health = new HealthCheck { Command = "false" } },
            instance.Service("worker", "touch var/started") with { After = ["web"] });
        SupervisorProcess supervisor = instance.Run();
        await supervisor.SaysAsync("web | web is there");
        Assert.AreEqual(0, await supervisor.StopAsync(), supervisor.Output);
        Assert.IsFalse(File.Exists(instance.At("var/started")));
        instance.AssertNothingRuns();
    }

    [TestMethod]
    public async Task A_step_is_ended_with_all_it_started()
    {
        using RunningInstance instance = new();
        instance.Describe([], [instance.Step("migrate", "sleep 1000 & echo works; sleep 1000")]);
        SupervisorProcess supervisor = instance.Run();
        await supervisor.SaysAsync("migrate | works");
        Assert.AreEqual(0, await supervisor.StopAsync(), supervisor.Output);
        Assert.IsFalse(File.Exists(instance.At("var/steps/migrate")));
        instance.AssertNothingRuns();
    }

    [TestMethod]
    [DataRow("TERM")]
    [DataRow("KILL")]
    public async Task The_end_of_the_program_that_started_it_stops_all(string signal)
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", RunningInstance.Lasting));
        using SupervisorProcess shell = SupervisorProcess.Start(
            "/bin/sh",
            [
                "-c", "\"$@\" & supervisor=$!; echo supervisor $supervisor; until [ -e \"$0\" ]; do sleep 0.02; done; kill -$SIGNAL $$", instance.At("end"),
                SupervisorProcess.DotNet, "exec", SupervisorProcess.Assembly, "run", "--instance", instance.Root, "--with-parent",
            ],
            new Dictionary<string, string> { ["SIGNAL"] = signal });
        await shell.SaysAsync("sample -> ");
        InstanceState state = instance.State;
        await File.WriteAllTextAsync(instance.At("end"), "");
        await RunningInstance.UntilAsync(() => !state.Supervisor.Lives, "its end");
        Assert.AreEqual(InstanceCondition.Stopped, instance.State.Condition);
        instance.AssertNothingRuns();
    }

    [TestMethod]
    public async Task All_stops_when_nobody_reads_any_more()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", "while :; do echo line; sleep 0.05; done"));
        using SupervisorProcess shell = SupervisorProcess.Start(
            "/bin/sh", ["-c", "\"$@\" | head -n 3", "sh", SupervisorProcess.DotNet, "exec", SupervisorProcess.Assembly, "run", "--instance", instance.Root]);
        Assert.AreEqual(0, await shell.EndAsync());
        InstanceState state = instance.State;
        await RunningInstance.UntilAsync(() => !state.Supervisor.Lives, "its end");
        instance.AssertNothingRuns();
    }

    private static ServiceDescription Draining(RunningInstance instance) =>
        instance.Service("worker", "trap 'until [ -e tmp/finish ]; do sleep 0.02; done; echo finished; exit 0' USR1; sleep 1000 & echo there; touch tmp/there; while :; do sleep 0.02; done") with
        {
            DrainSignal = "SIGUSR1",
            DrainTimeout = 1000,
            Health = new HealthCheck { Command = "test -e tmp/there" },
        };
}
