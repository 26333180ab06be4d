using Lava.Build.Platform;
using Lava.Build.Services;
using Lava.Build.Services.Supervision;

namespace Lava.Build.Tests.Services.Supervision;

/// <summary>Whatever is killed, the next start finds what is left of its own, ends it, and nothing else.</summary>
[TestClass]
public sealed class LeftoversTests
{
    // As gunicorn and PostgreSQL do: the variables that a process was started with are overwritten by a title.
    private const string Titled = "exec python3 -c \"import ctypes, os, sys, time\nopen('tmp/titled', 'w')\n"
        + "address = int(open('/proc/self/stat').read().rsplit(')', 1)[1].split()[47])\nend = int(open('/proc/self/stat').read().rsplit(')', 1)[1].split()[48])\n"
        + "ctypes.memset(address, ord('t'), end - address)\ntime.sleep(1000)\"";

    [TestMethod]
    public async Task What_a_killed_supervisor_left_is_ended_at_the_next_start_and_told_in_one_line()
    {
        using RunningInstance instance = new();
        // What must end by a signal of its own is not asked for by the kernel when the supervisor dies.
        instance.Describe(
            instance.Service("web", $"trap '' TERM; sleep 1000 & {Titled}") with { StopTimeout = 1, Health = new HealthCheck { Command = "test -e tmp/titled" } },
            instance.Service("worker", "trap '' TERM; sleep 1000 & touch tmp/there; while :; do sleep 0.02; done") with
            {
                KillMode = KillMode.Process,
                StopTimeout = 1,
                Health = new HealthCheck { Command = "test -e tmp/there" },
            });
        SupervisorProcess killed = await instance.RunHealthyAsync();
        InstanceState before = instance.State;
        await RunningInstance.UntilAsync(() => ProcessTable.Variable(instance["web"].Process.Id, "LAVA_INSTANCE") is null, "the title");
        killed.Signal(Posix.SIGKILL);
        await killed.EndAsync();
        Assert.IsTrue(instance["web"].Process.Lives);

        SupervisorProcess next = await instance.RunHealthyAsync();
        StringAssert.StartsWith(next.Output, "services | ended what a killed supervisor had left: web (2 processes), worker (1 process)", StringComparison.Ordinal);
        Assert.IsFalse(before.Services.Any(service => service.Process.Lives));
        Assert.AreEqual(0, await next.StopAsync());
        // One job of each run of the worker.
        Assert.HasCount(2, instance.Processes().Where(process => ProcessTable.CommandLine(process) == "sleep 1000").ToArray());
    }

    [TestMethod]
    public async Task Services_end_by_themselves_when_the_supervisor_is_killed()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", RunningInstance.Lasting));
        SupervisorProcess killed = await instance.RunHealthyAsync();
        killed.Signal(Posix.SIGKILL);
        await killed.EndAsync();
        await RunningInstance.UntilAsync(() => instance.Processes().Count == 0, "its end");
    }

    [TestMethod]
    public async Task A_step_that_a_killed_supervisor_left_is_ended()
    {
        using RunningInstance instance = new();
        instance.Describe([], [instance.Step("migrate", "trap '' TERM; echo works; while :; do sleep 0.02; done")]);
        SupervisorProcess killed = instance.Run();
        await killed.SaysAsync("migrate | works");
        killed.Signal(Posix.SIGKILL);
        await killed.EndAsync();
        instance.Describe(instance.Service("web", RunningInstance.Lasting));
        SupervisorProcess next = await instance.RunHealthyAsync();
        StringAssert.Contains(next.Output, "migrate (", StringComparison.Ordinal);
        Assert.AreEqual(0, await next.StopAsync());
        instance.AssertNothingRuns();
    }

    [TestMethod]
    public async Task A_process_that_only_has_the_recorded_id_is_left_alone()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", RunningInstance.Lasting));
        using SupervisorProcess stranger = SupervisorProcess.Start("setsid", ["--wait", "sleep", "1000"]);
        await RunningInstance.UntilAsync(() => Child(stranger) is not null, "a process");
        ProcessStatus other = Child(stranger)!;
        Directory.CreateDirectory(instance.At("run"));
        StateFile.Write(instance.Layout, Recorded(new ProcessIdentity(other.Id, other.Start - 1)), null);
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        Assert.IsFalse(supervisor.Output.Contains("had left", StringComparison.Ordinal), supervisor.Output);
        Assert.IsTrue(ProcessTable.Lives(other.Id, other.Start));
        Assert.AreEqual(0, await supervisor.StopAsync());
    }

    [TestMethod]
    public async Task What_another_start_of_the_host_recorded_means_nothing()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", RunningInstance.Lasting));
        using SupervisorProcess stranger = SupervisorProcess.Start("setsid", ["--wait", "sleep", "1000"]);
        await RunningInstance.UntilAsync(() => Child(stranger) is not null, "a process");
        ProcessStatus other = Child(stranger)!;
        Directory.CreateDirectory(instance.At("run"));
        StateFile.Write(instance.Layout, Recorded(new ProcessIdentity(other.Id, other.Start)) with { Boot = "another" }, null);
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        Assert.IsTrue(ProcessTable.Lives(other.Id, other.Start));
        Assert.AreEqual(0, await supervisor.StopAsync());
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("not json")]
    [DataRow("{\"format\":2}")]
    [DataRow("{\"format\":1,\"supervisor\":[]}")]
    public async Task A_damaged_state_file_keeps_nobody_from_starting(string text)
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", RunningInstance.Lasting));
        Directory.CreateDirectory(instance.At("run"));
        await File.WriteAllTextAsync(instance.At("run/services.json"), text);
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        Assert.AreEqual(0, await supervisor.StopAsync());
    }

    [TestMethod]
    [TestCategory("Slow")]
    public async Task Killed_at_any_moment_of_its_start_it_leaves_nothing_that_the_next_start_does_not_end()
    {
        using RunningInstance instance = new();
        string stubborn = "trap '' TERM; sleep 1000 & touch \"tmp/$LAVA_SERVICE\"; while :; do sleep 0.02; done";
        instance.Describe(
            [
                instance.Service("one", stubborn) with { StopTimeout = 0, Health = new HealthCheck { Command = "test -e tmp/one" } },
                instance.Service("two", stubborn) with { StopTimeout = 0, After = ["one"], Health = new HealthCheck { Command = "test -e tmp/two" } },
            ],
            [instance.Step("migrate", "trap '' TERM; sleep 0.1", StepFrequency.Start)]);
        Random random = new(5);
        for (int round = 0; round < 15; round++)
        {
            SupervisorProcess killed = instance.Run();
            await Task.Delay(random.Next(1200));
            killed.Signal(Posix.SIGKILL);
            await killed.EndAsync();
        }

        SupervisorProcess last = await instance.RunHealthyAsync();
        Assert.AreEqual(0, await last.StopAsync(), last.Output);
        instance.AssertNothingRuns();
    }

    private static ProcessStatus? Child(SupervisorProcess process) =>
        ProcessTable.All().FirstOrDefault(one => (one.Parent == process.Id || one.Id == process.Id) && one.Session == one.Id && one.Name == "sleep");

    private static InstanceState Recorded(ProcessIdentity process) => new()
    {
        Boot = ProcessTable.BootId,
        Token = "token",
        Supervisor = process,
        Services = [new ServiceState("web", ServiceCondition.Healthy) { Process = process }],
    };
}
