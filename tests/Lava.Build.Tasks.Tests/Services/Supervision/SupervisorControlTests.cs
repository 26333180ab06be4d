using System.Diagnostics;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Services;
using Lava.Build.Services.Supervision;

namespace Lava.Build.Tests.Services.Supervision;

/// <summary>What <c>-t:Start</c>, <c>-t:Stop</c>, <c>-t:Restart</c> and <c>-t:Status</c> do with a supervisor.</summary>
[TestClass]
public sealed class SupervisorControlTests
{
    private const string Slow = "trap 'until [ -e tmp/finish ]; do sleep 0.02; done; exit 0' TERM; touch tmp/there; while :; do sleep 0.02; done";

    [TestMethod]
    public async Task A_stop_during_a_restart_stops_what_is_being_restarted()
    {
        using RunningInstance instance = new();
        instance.Describe(
            instance.Service("web", $"echo start >> var/starts; {Slow}") with { StopTimeout = 60, Health = new HealthCheck { Command = "test -e tmp/there" } },
            instance.Service("other", RunningInstance.Lasting));
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        Task restart = Control(instance).RestartAsync(["web"], CancellationToken.None);
        await supervisor.SaysAsync("restarting web");
        supervisor.Signal(Posix.SIGTERM);
        await RunningInstance.UntilAsync(() => instance.State.Condition == InstanceCondition.Stopping, "the stop");
        await File.WriteAllTextAsync(instance.At("tmp/finish"), "");
        Assert.AreEqual(0, await supervisor.EndAsync(), supervisor.Output);
        Assert.AreEqual("LAVA5025", (await Assert.ThrowsExactlyAsync<LavaException>(() => restart)).Problems.Single().Code);
        Assert.HasCount(1, await File.ReadAllLinesAsync(instance.At("var/starts")));
        instance.AssertNothingRuns();
        Assert.IsEmpty(Requests(instance));
    }

    [TestMethod]
    public async Task Restarts_that_are_asked_for_at_once_are_all_carried_out()
    {
        using RunningInstance instance = new();
        string[] names = ["one", "two", "three"];
        instance.Describe([.. names.Select(name => instance.Service(name, RunningInstance.Lasting))]);
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        ProcessIdentity[] before = [.. names.Select(name => instance[name].Process)];
        Assert.IsTrue((await Task.WhenAll(names.Select(name => Control(instance).RestartAsync([name], CancellationToken.None)))).All(done => done));
        foreach ((string name, ProcessIdentity process) in names.Zip(before))
        {
            Assert.AreNotEqual(process, instance[name].Process);
            Assert.AreEqual(ServiceCondition.Healthy, instance[name].Condition);
        }

        Assert.IsEmpty(Requests(instance));
        Assert.AreEqual(0, await supervisor.StopAsync(), supervisor.Output);
    }

    [TestMethod]
    public async Task A_restart_of_all_is_done_when_all_is_healthy_again_however_many_ask_for_it()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", RunningInstance.Lasting));
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        ProcessIdentity before = instance["web"].Process;
        await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ =>
        {
            Assert.IsTrue(await Control(instance).RestartAsync([], CancellationToken.None));
            Assert.AreNotEqual(before, instance["web"].Process);
        }));
        Assert.AreEqual(InstanceCondition.Running, instance.State.Condition);
        Assert.IsFalse(supervisor.HasEnded);
        Assert.AreEqual(0, await supervisor.StopAsync(), supervisor.Output);
    }

    [TestMethod]
    public async Task A_request_that_nobody_took_is_forgotten_at_the_next_start()
    {
        using RunningInstance instance = new();
        Directory.CreateDirectory(instance.At("run"));
        ControlRequest.Make(ControlVerb.Restart, []).Write(instance.Layout, null);
        ControlRequest.Make(ControlVerb.Stop, ["web"]).Write(instance.Layout, null);
        instance.Describe(instance.Service("web", RunningInstance.Lasting));
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        Assert.IsEmpty(Requests(instance));
        Assert.AreEqual(0, await supervisor.StopAsync(), supervisor.Output);
    }

    [TestMethod]
    public async Task What_makes_no_sense_is_no_request()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", RunningInstance.Lasting));
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        foreach (string text in (string[])["", "{}", "[]", """{"verb": "kill", "services": []}""", """{"verb": "7", "services": []}""", """{"verb": "stop, restart", "services": ["web"]}"""])
        {
            await File.WriteAllTextAsync(instance.At("run", $"services.request.{Guid.CreateVersion7():N}"), text);
        }

        // Nobody will ever write into the first, and the second leads out.
        await Shells.Run.OutputAsync("mkfifo", [instance.At("run", $"services.request.{Guid.CreateVersion7():N}")]);
        File.CreateSymbolicLink(instance.At("run", $"services.request.{Guid.CreateVersion7():N}"), "/dev/zero");

        supervisor.Signal(ControlRequest.Signal);
        await RunningInstance.UntilAsync(() => Requests(instance).Length == 0, "they are gone");
        Assert.AreEqual(ServiceCondition.Healthy, instance["web"].Condition);
        Assert.AreEqual(0, await supervisor.StopAsync(), supervisor.Output);
    }

    [TestMethod]
    public async Task One_service_is_stopped_and_started_again_and_the_others_go_on()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", RunningInstance.Lasting), instance.Service("worker", RunningInstance.Lasting) with { After = ["web"] });
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        ProcessIdentity worker = instance["worker"].Process;
        Assert.IsTrue(await Control(instance).StopAsync(["web"], CancellationToken.None));
        Assert.AreEqual(ServiceCondition.Stopped, instance["web"].Condition);
        Assert.IsTrue(await Control(instance).RestartAsync(["web"], CancellationToken.None));
        Assert.AreEqual(ServiceCondition.Healthy, instance["web"].Condition);
        Assert.AreEqual(worker, instance["worker"].Process);
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(() => Control(instance).StopAsync(["wbe"], CancellationToken.None));
        StringAssert.Contains(failure.Message, "LavaServices names 'wbe', which is not among the services that were started. Did you mean 'web'?", StringComparison.Ordinal);

        // With the last one all ends, as it was asked to.
        Assert.IsTrue(await Control(instance).StopAsync(["web", "worker"], CancellationToken.None));
        Assert.AreEqual(0, await supervisor.EndAsync(), supervisor.Output);
        Assert.AreEqual(InstanceCondition.Stopped, instance.State.Condition);
        Assert.IsFalse(await Control(instance).StopAsync([], CancellationToken.None));
    }

    [TestMethod]
    public async Task One_of_which_no_state_is_written_is_found_by_its_lock()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", RunningInstance.Lasting));
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        File.Delete(instance.At("run/services.json"));
        StatusReport report = StatusReport.OfOthers(instance.Layout);
        Assert.IsNull(StatusReport.OfRunning(instance.Layout));
        Assert.AreEqual($"starting, process {supervisor.Id}", report.Summary);
        Assert.AreEqual("waiting", report.Services.Single().State);
        Assert.IsTrue(await Control(instance).StopAsync([], CancellationToken.None));
        Assert.AreEqual(0, await supervisor.EndAsync(), supervisor.Output);
        instance.AssertNothingRuns();
    }

    [TestMethod]
    public async Task A_stop_while_leftovers_are_ended_lets_nothing_start()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("deaf", "echo start >> var/starts; trap '' TERM; touch tmp/deaf; while :; do sleep 0.05; done") with
        {
            StopTimeout = 2,
            Health = new HealthCheck { Command = "test -e tmp/deaf" },
        });
        SupervisorProcess killed = await instance.RunHealthyAsync();
        ProcessIdentity deaf = instance["deaf"].Process;
        killed.Signal(Posix.SIGKILL);
        await killed.EndAsync();
        SupervisorProcess next = instance.Run();
        await RunningInstance.UntilAsync(() => LivingSupervisor.Find(instance.Layout) is not null, "the lock");
        Assert.IsTrue(await Control(instance).StopAsync([], CancellationToken.None));
        Assert.AreEqual(0, await next.EndAsync(), next.Output);
        Assert.IsFalse(deaf.Lives);
        Assert.HasCount(1, await File.ReadAllLinesAsync(instance.At("var/starts")));
    }

    [TestMethod]
    public async Task Whoever_cancels_a_start_at_once_stops_all()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", RunningInstance.Lasting) with { Health = new HealthCheck { Command = "false", Timeout = 1000 } });
        DetachedStart start = new(SupervisorProcess.Assembly, SupervisorProcess.DotNet, HostEnvironment.OfThisProcess(), new RecordingLog());
        await Assert.ThrowsAsync<OperationCanceledException>(() => start.StartAsync(Options(instance), new CancellationToken(canceled: true)));
        await RunningInstance.UntilAsync(() => LivingSupervisor.Find(instance.Layout) is null, "its end");
        instance.AssertNothingRuns();
    }

    [TestMethod]
    public async Task Whoever_cancels_a_start_later_stops_all()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", RunningInstance.Lasting) with { Health = new HealthCheck { Command = "false", Timeout = 1000 } });
        DetachedStart start = new(SupervisorProcess.Assembly, SupervisorProcess.DotNet, HostEnvironment.OfThisProcess(), new RecordingLog());
        using CancellationTokenSource cancel = new();
        Task starting = start.StartAsync(Options(instance), cancel.Token);
        await RunningInstance.UntilAsync(() => instance.Log("web").Length > 0, "it runs");
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => starting);
        await RunningInstance.UntilAsync(() => LivingSupervisor.Find(instance.Layout) is null, "its end");
        instance.AssertNothingRuns();
    }

    [TestMethod]
    public async Task A_full_disk_behind_its_own_output_stops_nothing()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", "i=0; while [ $i -lt 50 ]; do echo line; i=$((i+1)); done; touch tmp/said; exec sleep 1000"));
        using SupervisorProcess shell = SupervisorProcess.Start(
            "/bin/sh", ["-c", "exec \"$@\" > /dev/full 2>&1", "sh", SupervisorProcess.DotNet, "exec", SupervisorProcess.Assembly, "run", "--instance", instance.Root]);
        await RunningInstance.UntilAsync(() => File.Exists(instance.At("tmp/said")) && instance.State.Condition == InstanceCondition.Running, "it runs");
        Assert.AreEqual(0, await shell.StopAsync());
    }

    [TestMethod]
    public async Task A_look_for_which_no_descriptor_is_left_is_one_bad_look()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", RunningInstance.Lasting) with { Health = new HealthCheck { Command = "true", Interval = 1, Timeout = 5 } });
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        ProcessIdentity web = instance["web"].Process;
        await LimitAsync(supervisor, "3:4096");
        // Its state could not be written either.
        await supervisor.SaysAsync("warning LAVA5013");
        await LimitAsync(supervisor, "4096:4096");
        File.Delete(instance.At("run/services.json"));
        await RunningInstance.UntilAsync(() => File.Exists(instance.At("run/services.json")), "the next look");
        Assert.AreEqual(web, instance["web"].Process);
        Assert.AreEqual(0, instance["web"].Restarts);
        Assert.AreEqual(0, await supervisor.StopAsync(), supervisor.Output);
    }

    private static async Task LimitAsync(SupervisorProcess process, string limit)
    {
        using Process prlimit = Process.Start("prlimit", ["--pid", $"{process.Id}", $"--nofile={limit}"]);
        await prlimit.WaitForExitAsync();
        Assert.AreEqual(0, prlimit.ExitCode);
    }

    private static SupervisorControl Control(RunningInstance instance) => new(instance.Layout, new SourceLocation("instance.proj"), new RecordingLog());

    private static SupervisorOptions Options(RunningInstance instance) => new(instance.Root) { Project = "instance.proj", Detached = true };

    private static string[] Requests(RunningInstance instance) => Directory.GetFiles(instance.At("run"), "services.request.*");
}
