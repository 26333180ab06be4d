using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Lava.Build.Platform;
using Lava.Build.Services;
using Lava.Build.Services.Supervision;

namespace Lava.Build.Tests.Services.Supervision;

[TestClass]
public sealed class SupervisorFailureTests
{
    [TestMethod]
    public async Task A_service_that_dies_at_start_is_told_with_its_last_20_lines_and_stops_all()
    {
        using RunningInstance instance = new();
        instance.Describe(
            instance.Service("good", RunningInstance.Lasting),
            instance.Service("bad", "i=0; while [ $i -lt 30 ]; do echo line$i.; i=$((i+1)); done; exit 3") with { Restart = RestartPolicy.Never, After = ["good"] });
        SupervisorProcess supervisor = await EndsWithAsync(instance, "LAVA5002");
        string error = supervisor.Output.Split('\n').Single(line => line.Contains("LAVA5002", StringComparison.Ordinal));
        StringAssert.StartsWith(error, $"{instance.Root}: error LAVA5002: Service 'bad' ended with exit code 3 before it was healthy. Its last lines: line10. | ", StringComparison.Ordinal);
        StringAssert.Contains(error, "line29.", StringComparison.Ordinal);
        Assert.IsFalse(error.Contains("line9.", StringComparison.Ordinal), error);
        Assert.AreEqual(ServiceCondition.Failed, instance["bad"].Condition);
        Assert.AreEqual(3, instance["bad"].Exit);
    }

    [TestMethod]
    public async Task A_service_is_restarted_as_often_as_its_limit_says()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("bad", "echo again >> var/starts; exit 1") with { RestartLimit = 2 });
        SupervisorProcess supervisor = await EndsWithAsync(instance, "LAVA5002");
        Assert.HasCount(3, await File.ReadAllLinesAsync(instance.At("var/starts")), supervisor.Output);
        Assert.AreEqual(2, instance["bad"].Restarts);
    }

    [TestMethod]
    public async Task A_service_that_is_killed_is_restarted_and_the_others_go_on()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", RunningInstance.Lasting), instance.Service("other", RunningInstance.Lasting) with { After = ["web"] });
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        ProcessIdentity first = instance["web"].Process;
        ProcessIdentity other = instance["other"].Process;
        Posix.Kill(first.Id, Posix.SIGKILL);
        await RunningInstance.UntilAsync(() => instance["web"] is { Condition: ServiceCondition.Healthy, Restarts: 1 }, "a restart");
        Assert.AreNotEqual(first, instance["web"].Process);
        Assert.AreEqual(other, instance["other"].Process);
        Assert.IsTrue(other.Lives);
        StringAssert.Contains(supervisor.Output, "services | web was ended by SIGKILL; it is started again in 0 s", StringComparison.Ordinal);
        Assert.AreEqual(0, await supervisor.StopAsync());
        instance.AssertNothingRuns();
    }

    [TestMethod]
    [DataRow(RestartPolicy.OnFailure, 0, DisplayName = "It ended by itself, and is restarted after failures only")]
    [DataRow(RestartPolicy.Never, 1, DisplayName = "It failed, and is never restarted")]
    public async Task A_service_that_ends_for_good_brings_all_down(RestartPolicy policy, int exitCode)
    {
        using RunningInstance instance = new();
        instance.Describe(
            instance.Service("other", RunningInstance.Lasting),
            instance.Service("web", $"until [ -e tmp/end ]; do sleep 0.02; done; exit {exitCode}") with { Restart = policy });
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        await File.WriteAllTextAsync(instance.At("tmp/end"), "");
        Assert.AreEqual(1, await supervisor.EndAsync(), supervisor.Output);
        StringAssert.Contains(supervisor.Output, $"error LAVA5004: Service 'web' ended with exit code {exitCode}, and is not started again.", StringComparison.Ordinal);
        Assert.AreEqual(ServiceCondition.Stopped, instance["other"].Condition);
        instance.AssertNothingRuns();
    }

    [TestMethod]
    public async Task The_others_go_on_without_a_service_that_may_fail_and_what_waits_for_it_does_not_start()
    {
        using RunningInstance instance = new();
        instance.Describe(
            instance.Service("web", RunningInstance.Lasting),
            instance.Service("extra", "exit 1") with { Restart = RestartPolicy.Never, OnFailure = FailureAction.Continue },
            instance.Service("more", RunningInstance.Lasting) with { After = ["extra"], OnFailure = FailureAction.Continue });
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        StringAssert.Contains(supervisor.Output, "warning LAVA5002: Service 'extra'", StringComparison.Ordinal);
        StringAssert.Contains(supervisor.Output, "warning LAVA5018: 'more' was not started, because 'extra'", StringComparison.Ordinal);
        Assert.AreEqual(ServiceCondition.Healthy, instance["web"].Condition);
        Assert.AreEqual(0, await supervisor.StopAsync());
    }

    [TestMethod]
    public async Task A_service_that_never_becomes_healthy_is_told_with_what_the_last_look_saw()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", "echo waiting for something; exec sleep 1000") with
        {
            Health = new HealthCheck { Command = "echo not yet; exit 4", Timeout = 1 },
        });
        SupervisorProcess supervisor = await EndsWithAsync(instance, "LAVA5003");
        StringAssert.Contains(
            supervisor.Output,
            "Service 'web' did not become healthy within 1 s. What the last look saw: 'echo not yet; exit 4' ended with exit code 4: not yet. Its last lines: waiting for something",
            StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_health_check_that_hangs_is_ended_in_time()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", RunningInstance.Lasting) with { Health = new HealthCheck { Command = "sleep 1000 & sleep 1000", Timeout = 1 } });
        SupervisorProcess supervisor = await EndsWithAsync(instance, "LAVA5003");
        StringAssert.Contains(supervisor.Output, "did not answer within", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_service_that_loses_its_health_is_restarted()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", "echo start >> var/starts; rm -f tmp/ill; exec sleep 1000") with
        {
            Health = new HealthCheck { Command = "test ! -e tmp/ill", Interval = 1, Timeout = 5 },
        });
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        await File.WriteAllTextAsync(instance.At("tmp/ill"), "");
        await RunningInstance.UntilAsync(() => instance["web"].Condition == ServiceCondition.Unhealthy, "a bad look");
        await RunningInstance.UntilAsync(() => instance["web"] is { Condition: ServiceCondition.Healthy, Restarts: 1 }, "a restart");
        Assert.HasCount(2, await File.ReadAllLinesAsync(instance.At("var/starts")));
        Assert.AreEqual(0, await supervisor.StopAsync());
    }

    [TestMethod]
    public async Task A_failed_step_is_told_and_nothing_that_waits_for_it_starts()
    {
        using RunningInstance instance = new();
        instance.Describe([instance.Service("web", "touch var/started; exec sleep 1000") with { After = ["migrate"] }], [instance.Step("migrate", "echo no table >&2; exit 2")]);
        SupervisorProcess supervisor = await EndsWithAsync(instance, "LAVA5011");
        StringAssert.Contains(supervisor.Output, "Step 'migrate' ended with exit code 2, so what waits for it was not started. Its last lines: no table", StringComparison.Ordinal);
        Assert.IsFalse(File.Exists(instance.At("var/started")));
    }

    [TestMethod]
    public async Task A_step_that_takes_too_long_is_ended_with_all_it_started()
    {
        using RunningInstance instance = new();
        StepDescription step = instance.Step("migrate", "sleep 1000 & sleep 1000") with { Timeout = 1 };
        instance.Describe([], [step]);
        await EndsWithAsync(instance, "LAVA5012");
    }

    [TestMethod]
    public async Task What_a_step_says_in_the_form_of_a_message_is_the_message()
    {
        using RunningInstance instance = new();
        instance.Describe([], [instance.Step("database", "echo chatter; echo 'LAVA5031: The server is too old. Update it.' >&2; exit 1")]);
        SupervisorProcess supervisor = await EndsWithAsync(instance, "LAVA5031");
        CollectionAssert.Contains(supervisor.Output.Split('\n'), $"{instance.Root}: error LAVA5031: The server is too old. Update it.");
    }

    [TestMethod]
    public async Task What_a_service_said_before_it_was_healthy_is_not_why_it_ends_later()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", "echo 'LAVA5031: Old news.'; until [ -e tmp/end ]; do sleep 0.02; done; exit 1") with { Restart = RestartPolicy.Never });
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        await File.WriteAllTextAsync(instance.At("tmp/end"), "");
        Assert.AreEqual(1, await supervisor.EndAsync());
        StringAssert.Contains(supervisor.Output, "error LAVA5004: Service 'web' ended with exit code 1, and is not started again. Its last lines: LAVA5031: Old news.", StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task An_instance_in_which_nothing_runs_says_so(bool described)
    {
        using RunningInstance instance = new();
        if (described)
        {
            instance.Describe();
        }

        await EndsWithAsync(instance, "LAVA5027");
    }

    [TestMethod]
    public async Task A_port_in_use_is_told_with_the_process_that_uses_it()
    {
        using RunningInstance instance = new();
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        instance.Describe(instance.Service("web", RunningInstance.Lasting) with { Listens = [string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")] });
        SupervisorProcess supervisor = await EndsWithAsync(instance, "LAVA5005");
        StringAssert.Contains(supervisor.Output, $"Service 'web' cannot listen on 127.0.0.1:{port}: process {Environment.ProcessId} of {Environment.UserName}: ", StringComparison.Ordinal);
        Assert.AreEqual("", instance.Log("web"));
    }

    [TestMethod]
    public async Task A_unix_socket_in_use_is_told_and_a_stale_one_removed()
    {
        using RunningInstance instance = new();
        Directory.CreateDirectory(instance.At("run"));
        instance.Describe(instance.Service("web", "ls run; exec sleep 1000") with { Listens = ["run/web.sock"] });
        using (Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(instance.At("run/web.sock")));
            socket.Listen();
            SupervisorProcess refused = await EndsWithAsync(instance, "LAVA5006");
            StringAssert.Contains(refused.Output, $"'{instance.At("run/web.sock")}': process {Environment.ProcessId} of {Environment.UserName}: ", StringComparison.Ordinal);
        }

        using Socket stale = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        File.Delete(instance.At("run/web.sock"));
        stale.Bind(new UnixDomainSocketEndPoint(instance.At("run/web.sock")));
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        Assert.AreEqual(0, await supervisor.StopAsync());
        Assert.IsFalse(instance.Log("web").Contains("web.sock", StringComparison.Ordinal), instance.Log("web"));
    }

    [TestMethod]
    public async Task A_socket_path_that_is_too_long_is_told_before_anything_starts()
    {
        using RunningInstance instance = new();
        string path = "run/" + new string('s', 150);
        instance.Describe([instance.Service("web", RunningInstance.Lasting) with { Listens = [path] }], [instance.Step("first", "touch var/first")]);
        SupervisorProcess supervisor = await EndsWithAsync(instance, "LAVA5007");
        int length = instance.At(path).Length;
        StringAssert.Contains(supervisor.Output, $"has {length} bytes, and Linux allows 107. Deploy the instance {length - 107} bytes nearer to the root, with a shorter LavaPrefix", StringComparison.Ordinal);
        Assert.IsFalse(File.Exists(instance.At("var/first")));
    }

    [TestMethod]
    public async Task A_second_supervisor_is_refused_and_told_of_the_first()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("web", RunningInstance.Lasting));
        SupervisorProcess first = await instance.RunHealthyAsync();
        string before = instance["web"].Process.ToString();
        SupervisorProcess second = instance.Run();
        Assert.AreEqual(1, await second.EndAsync());
        StringAssert.Contains(second.Output, $"error LAVA5008: The services of '{instance.Root}' run already (running the services, process {first.Id} of {Environment.UserName} on ", StringComparison.Ordinal);
        StringAssert.Contains(second.Output, "-t:Status, or stop them first with", StringComparison.Ordinal);
        Assert.AreEqual(before, instance["web"].Process.ToString());
        Assert.AreEqual(0, await first.StopAsync());
    }

    [TestMethod]
    public async Task An_instance_that_was_not_built_has_nothing_to_run()
    {
        using RunningInstance instance = new();
        File.Delete(instance.At("code/current"));
        await EndsWithAsync(instance, "LAVA5009");
    }

    [TestMethod]
    public async Task A_misspelled_service_is_told_with_the_nearest_one()
    {
        using RunningInstance instance = new();
        instance.Describe(instance.Service("scheduler", RunningInstance.Lasting));
        SupervisorProcess supervisor = instance.Run("--services", "shceduler");
        Assert.AreEqual(1, await supervisor.EndAsync());
        StringAssert.Contains(supervisor.Output, "LAVA5010: LavaServices names 'shceduler', which is no service of this instance. Did you mean 'scheduler'?", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_missing_program_or_directory_is_told_by_its_path()
    {
        using RunningInstance instance = new();
        instance.Describe(new ServiceDescription { Name = "web", Command = "nowhere" });
        SupervisorProcess supervisor = await EndsWithAsync(instance, "LAVA5014");
        StringAssert.Contains(supervisor.Output, instance.InRelease("bin/nowhere"), StringComparison.Ordinal);
        instance.Describe(instance.Service("web", "exit 0") with { WorkingDirectory = "var/none" });
        await EndsWithAsync(instance, "LAVA5023");
    }

    [TestMethod]
    public async Task A_full_disk_is_told_once_and_the_service_goes_on()
    {
        using RunningInstance instance = new();
        Directory.CreateDirectory(instance.At("var/log"));
        File.CreateSymbolicLink(instance.At("var/log/web.log"), "/dev/full");
        instance.Describe(instance.Service("web", "echo one; echo two; echo three; exec sleep 1000"));
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        await supervisor.SaysAsync("web | three");
        Assert.AreEqual(0, await supervisor.StopAsync());
        Assert.HasCount(1, supervisor.Output.Split('\n').Where(line => line.Contains("warning LAVA5013", StringComparison.Ordinal)).ToArray(), supervisor.Output);
    }

    private static async Task<SupervisorProcess> EndsWithAsync(RunningInstance instance, string code)
    {
        SupervisorProcess supervisor = instance.Run();
        Assert.AreEqual(1, await supervisor.EndAsync(), supervisor.Output);
        string[] errors = [.. supervisor.Output.Split('\n').Where(line => line.Contains(": error LAVA", StringComparison.Ordinal))];
        Assert.HasCount(1, errors, supervisor.Output);
        StringAssert.Contains(errors[0], $": error {code}: ", StringComparison.Ordinal);
        Assert.IsFalse(supervisor.Output.Contains("   at ", StringComparison.Ordinal), supervisor.Output);
        instance.AssertNothingRuns();
        return supervisor;
    }
}
