using System.Net.Sockets;
using Lava.Build.Platform;
using Lava.Build.Services;
using Lava.Build.Services.Supervision;

namespace Lava.Build.Tests.Services.Supervision;

[TestClass]
public sealed class SupervisorStartTests
{
    [TestMethod]
    public async Task Services_start_when_those_they_wait_for_are_healthy_and_stop_in_reverse()
    {
        using RunningInstance instance = new();
        string order = instance.At("order");
        string script = $"echo \"+$LAVA_SERVICE\" >> '{order}'; trap 'echo \"-$LAVA_SERVICE\" >> '{order}'; exit 0' TERM; touch \"$TMPDIR/$LAVA_SERVICE\"; while :; do sleep 0.02; done";
        ServiceDescription database = instance.Service("database", $"sleep 0.3; {script}") with { Health = Command("test -e tmp/database") };
        ServiceDescription web = instance.Service("web", script) with { After = ["migrate"], Health = Command("test -e tmp/web") };
        ServiceDescription worker = instance.Service("worker", script) with { After = ["web"] };
        instance.Describe([web, database, worker], [instance.Step("migrate", $"test -e tmp/database && echo '=migrate' >> '{order}'") with { After = ["database"] }]);
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        Assert.AreEqual(0, await supervisor.StopAsync(), supervisor.Output);
        CollectionAssert.AreEqual(
            new[] { "+database", "=migrate", "+web", "+worker", "-worker", "-web", "-database" }, await File.ReadAllLinesAsync(order), supervisor.Output);
        instance.AssertNothingRuns();
        Assert.AreEqual(InstanceCondition.Stopped, instance.State.Condition);
        Assert.IsTrue(instance.State.Services.All(service => service.Condition == ServiceCondition.Stopped));
    }

    [TestMethod]
    public async Task Services_that_wait_for_nothing_start_side_by_side()
    {
        using RunningInstance instance = new();
        string meet(string own, string other) => $"mkfifo \"$TMPDIR/{own}\" 2>/dev/null; touch \"$TMPDIR/{own}.here\"; until [ -e \"$TMPDIR/{other}.here\" ]; do sleep 0.02; done; touch \"$TMPDIR/{own}.met\"; exec sleep 1000";
        instance.Describe(
            instance.Service("one", meet("one", "two")) with { Health = Command("test -e tmp/one.met") },
            instance.Service("two", meet("two", "one")) with { Health = Command("test -e tmp/two.met") });
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        Assert.AreEqual(0, await supervisor.StopAsync());
    }

    [TestMethod]
    public async Task Each_line_has_its_services_name_before_it_and_stands_in_the_log()
    {
        using RunningInstance instance = new();
        instance.Describe([instance.Service("web", "echo out; echo err >&2; printf 'no end'; exec sleep 1000")], [instance.Step("migrate", "echo migrated")]);
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        Assert.AreEqual(0, await supervisor.StopAsync());
        foreach (string line in (string[])["web | out", "web | err", "web | no end", "migrate | migrated", "sample -> http://127.0.0.1:8000/"])
        {
            CollectionAssert.Contains(supervisor.Output.Split('\n'), line);
        }

        Assert.AreEqual("out\nerr\nno end\n", instance.Log("web"));
        Assert.AreEqual("migrated\n", instance.Log("migrate"));
    }

    [TestMethod]
    public async Task A_program_has_the_documented_environment_and_directory_and_leads_a_session()
    {
        using RunningInstance instance = new();
        Directory.CreateDirectory(instance.At("var/data"));
        ServiceDescription service = instance.Service("web", "env; pwd; echo \"args: $*\"; ls -l /proc/$$/fd; exec sleep 1000") with
        {
            Arguments = ["@{InstanceRoot}/x y", "@{Release}", "$HOME"],
            Environment = new Dictionary<string, string> { ["PLACE"] = "@{InstanceRoot}/p" },
            WorkingDirectory = "var/data",
        };
        instance.Describe(service);
        SupervisorProcess supervisor = instance.Run(new Dictionary<string, string> { ["SECRET_OF_THE_CALLER"] = "s", ["LC_ALL"] = "C.UTF-8", ["https_proxy"] = "http://p:1" });
        await supervisor.SaysAsync("sample -> ");
        ServiceState state = instance["web"];
        Assert.AreEqual(state.Process.Id, ProcessTable.Find(state.Process.Id)!.Session);
        Assert.AreEqual(ServiceCondition.Healthy, state.Condition);
        Assert.AreEqual(0, await supervisor.StopAsync());
        string[] log = instance.Log("web").Split('\n');
        foreach (string line in (string[])
            [
                $"LAVA_INSTANCE={instance.Root}", $"LAVA_RELEASE={instance.InRelease()}", $"VIRTUAL_ENV={instance.InRelease()}", $"TMPDIR={instance.Root}/tmp",
                "PYTHONUNBUFFERED=1", "LAVA_SERVICE=web", $"LAVA_SERVICES_TOKEN={instance.State.Token}", $"PLACE={instance.Root}/p", "LC_ALL=C.UTF-8",
                "https_proxy=http://p:1", instance.At("var/data"), $"args: {instance.Root}/x y {instance.InRelease()} $HOME",
            ])
        {
            CollectionAssert.Contains(log, line);
        }

        Assert.IsFalse(log.Any(line => line.StartsWith("SECRET_OF_THE_CALLER", StringComparison.Ordinal)));
        StringAssert.StartsWith(log.Single(line => line.StartsWith("PATH=", StringComparison.Ordinal)), $"PATH={instance.InRelease("bin")}:/usr/local/", StringComparison.Ordinal);
        // Input, both outputs, and what the shell has of its script.
        Assert.IsFalse(log.Any(line => line.Contains("services.lock", StringComparison.Ordinal)), instance.Log("web"));
    }

    [TestMethod]
    public async Task Only_the_services_that_were_asked_for_run_and_what_they_wait_for()
    {
        using RunningInstance instance = new();
        instance.Describe(
            [
                instance.Service("database", RunningInstance.Lasting), instance.Service("web", RunningInstance.Lasting) with { After = ["migrate"] },
                instance.Service("worker", RunningInstance.Lasting) with { After = ["web"] }, instance.Service("other", RunningInstance.Lasting),
            ],
            [instance.Step("migrate", "echo migrated") with { After = ["database"] }, instance.Step("unasked", "exit 1")]);
        SupervisorProcess supervisor = await instance.RunHealthyAsync("--services", "web");
        CollectionAssert.AreEqual(new[] { "database", "web" }, instance.State.Services.Select(service => service.Name).ToArray());
        CollectionAssert.AreEqual(new[] { "migrate" }, instance.State.Steps.Select(step => step.Name).ToArray());
        Assert.AreEqual(0, await supervisor.StopAsync());
    }

    [TestMethod]
    public async Task Steps_are_carried_out_as_often_as_they_say()
    {
        using RunningInstance instance = new();
        instance.Describe(
            [instance.Service("web", RunningInstance.Lasting) with { After = ["each", "release", "once"] }],
            [
                instance.Step("each", "echo each >> var/done", StepFrequency.Start), instance.Step("release", "echo release >> var/done"),
                instance.Step("once", "echo once >> var/done", StepFrequency.Instance),
            ]);
        for (int start = 0; start < 2; start++)
        {
            SupervisorProcess supervisor = await instance.RunHealthyAsync();
            Assert.AreEqual(0, await supervisor.StopAsync());
        }

        CollectionAssert.AreEquivalent(new[] { "each", "release", "once", "each" }, await File.ReadAllLinesAsync(instance.At("var/done")));
        CollectionAssert.AreEqual(
            new[] { StepCondition.Done, StepCondition.Skipped, StepCondition.Skipped }, instance.State.Steps.Select(step => step.Condition).ToArray());
    }

    [TestMethod]
    public async Task Steps_alone_are_carried_out_and_that_is_all()
    {
        using RunningInstance instance = new();
        instance.Describe([], [instance.Step("migrate", "echo migrated")]);
        SupervisorProcess supervisor = instance.Run();
        Assert.AreEqual(0, await supervisor.EndAsync(), supervisor.Output);
        StringAssert.Contains(supervisor.Output, "sample -> http://127.0.0.1:8000/", StringComparison.Ordinal);
        Assert.AreEqual(InstanceCondition.Stopped, instance.State.Condition);
    }

    [TestMethod]
    public async Task Health_is_told_by_HTTP_by_TCP_and_by_a_unix_socket()
    {
        using RunningInstance instance = new();
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("204 No Content", []));
        using Socket unix = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Directory.CreateDirectory(instance.At("run"));
        unix.Bind(new UnixDomainSocketEndPoint(instance.At("run/web.sock")));
        unix.Listen();
        instance.Describe(
            instance.Service("http", RunningInstance.Lasting) with { Health = new HealthCheck { Http = server.Url("health"), Status = 204 } },
            instance.Service("tcp", RunningInstance.Lasting) with { Health = new HealthCheck { Socket = $"127.0.0.1:{server.Port}" } },
            instance.Service("unix", RunningInstance.Lasting) with { Health = new HealthCheck { Socket = "run/web.sock" } });
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        Assert.AreEqual(0, await supervisor.StopAsync());
    }

    private static HealthCheck Command(string command) => new() { Command = command, Interval = 60 };
}
