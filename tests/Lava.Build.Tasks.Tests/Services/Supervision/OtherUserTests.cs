using Lava.Build.Platform;
using Lava.Build.Services;
using Lava.Build.Services.Supervision;

namespace Lava.Build.Tests.Services.Supervision;

/// <summary>Whom programs run as.</summary>
[TestClass]
public sealed class OtherUserTests
{
    private const string Other = "nobody";

    [TestMethod]
    public async Task Root_lets_programs_run_as_the_instances_user_and_files_are_that_users()
    {
        RequireRoot();
        using RunningInstance instance = new();
        instance.OpenToAll();
        instance.Describe(
            [
                instance.Service("web", "id -un; id -G; echo \"$HOME $USER\"; echo through the name > /dev/stdout; touch tmp/made; exec sleep 1000") with { After = ["migrate"] },
                instance.Service("own", "id -un; exec sleep 1000") with { User = "root" },
            ],
            [instance.Step("migrate", "id -un")],
            user: Other);
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        RunAs nobody = SystemUser.Find(Other)!;
        Assert.AreEqual(nobody.Uid, ProcessTable.Owner(instance["web"].Process.Id));
        Assert.AreEqual(0u, ProcessTable.Owner(instance["own"].Process.Id));
        foreach (string file in (string[])["tmp/made", "var/log/web.log", "var/log/own.log", "run/services.json", "run/services.lock", "var/steps/migrate"])
        {
            Assert.AreEqual(nobody.Uid, FileStatus.Of(instance.At(file))!.Value.Owner, file);
        }

        Assert.AreEqual(0, await supervisor.StopAsync(), supervisor.Output);
        Assert.AreEqual($"{Other}\n{nobody.Gid}\n{nobody.Home} {Other}\nthrough the name\n", instance.Log("web"));
        Assert.AreEqual("root\n", instance.Log("own"));
        Assert.AreEqual($"{Other}\n", instance.Log("migrate"));
        instance.AssertNothingRuns();
    }

    [TestMethod]
    public async Task What_the_instances_user_puts_in_the_place_of_a_log_leads_root_nowhere()
    {
        RequireRoot();
        using RunningInstance instance = new();
        instance.OpenToAll();
        string precious = instance.At("precious");
        await File.WriteAllTextAsync(precious, "precious");
        Directory.CreateDirectory(instance.At("var/log"));
        File.CreateSymbolicLink(instance.At("var/log/web.log"), precious);
        instance.Describe([instance.Service("web", RunningInstance.Lasting)], [], user: Other);
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        Assert.AreEqual(0, await supervisor.StopAsync());
        Assert.AreEqual("precious", await File.ReadAllTextAsync(precious));
        StringAssert.Contains(supervisor.Output, "warning LAVA5013: What web says cannot be kept", StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("ln -s \"$LAVA_INSTANCE/precious\" var/log/web.log")]
    [DataRow("mkfifo var/log/web.log")]
    public async Task What_the_instances_user_puts_in_the_place_of_a_log_that_is_read_shows_root_nothing_and_stops_nobody(string script)
    {
        RequireRoot();
        using RunningInstance instance = new();
        instance.OpenToAll();
        string precious = instance.At("precious");
        await File.WriteAllTextAsync(precious, "precious\n");
        File.SetUnixFileMode(precious, AtomicFile.PrivateMode);
        instance.Describe(
            [
                instance.Service("web", $"rm var/log/web.log; {script}; touch tmp/there; exec sleep 1000") with
                {
                    KillMode = KillMode.Process,
                    Health = new HealthCheck { Command = "test -e tmp/there" },
                },
            ],
            [],
            user: Other);
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        Assert.AreEqual(0, await supervisor.StopAsync());
        Assert.DoesNotContain("precious\n", supervisor.Output + "\n");
        instance.AssertNothingRuns();
    }

    [TestMethod]
    public async Task The_log_of_a_service_is_the_instances_users_whoever_the_service_runs_as()
    {
        RequireRoot();
        using RunningInstance instance = new();
        instance.OpenToAll();
        RunAs nobody = SystemUser.Find(Other)!;
        Directory.CreateDirectory(instance.At("var/log"));
        File.CreateSymbolicLink(instance.At("var/log/planted.log"), instance.At("made"));
        foreach (string directory in (string[])["var", "var/log"])
        {
            Posix.SetOwner(instance.At(directory), nobody.Uid, nobody.Gid);
        }

        // As a service left it that root ran and wrote the log of.
        await File.WriteAllTextAsync(instance.At("var/log/third.log"), "before\n");
        instance.Describe(
            [
                instance.Service("planted", "echo from root; exec sleep 1000") with { User = "root" },
                instance.Service("third", "id -un; exec sleep 1000") with { User = "games", KillMode = KillMode.Process },
            ],
            [],
            user: Other);
        SupervisorProcess supervisor = await instance.RunHealthyAsync();
        await RunningInstance.UntilAsync(() => instance.Log("third").Length > 0, "a line");
        Assert.AreEqual(0, await supervisor.StopAsync());
        Assert.AreEqual("games\n", instance.Log("third"));
        Assert.AreEqual("before\n", await File.ReadAllTextAsync(instance.At("var/log/third.log.1")));
        Assert.AreEqual(nobody.Uid, FileStatus.Of(instance.At("var/log/third.log"))!.Value.Owner);
        Assert.IsFalse(File.Exists(instance.At("made")));
        Assert.Contains("warning LAVA5013: What planted says cannot be kept", supervisor.Output);
    }

    [TestMethod]
    public void Whose_rights_on_files_root_takes_has_none_of_roots_groups()
    {
        RequireRoot();
        using TemporaryDirectory directory = new();
        File.SetUnixFileMode(directory.Path, (UnixFileMode)0b111_101_101);
        string file = Path.Combine(directory.Path, "file");
        File.WriteAllText(file, "of the group");
        File.SetUnixFileMode(file, (UnixFileMode)0b110_100_000);
        FileRights before = Posix.OwnFileRights();
        Assert.IsTrue(Posix.TrySetFileRights(before with { Groups = [0, 4] }));
        try
        {
            using (FileIdentity.Of(SystemUser.Find(Other)))
            {
                Assert.ThrowsExactly<UnauthorizedAccessException>(() => File.ReadAllText(file));
                using (FileIdentity.Of(SystemUser.Find("games")))
                {
                    Assert.AreEqual(SystemUser.Find("games")!.Uid, Posix.OwnFileRights().User);
                }

                Assert.AreEqual(SystemUser.Find(Other)!.Uid, Posix.OwnFileRights().User);
            }

            FileRights after = Posix.OwnFileRights();
            CollectionAssert.AreEqual(new uint[] { 0, 4 }, after.Groups);
            Assert.AreEqual((0u, 0u), (after.User, after.Group));
        }
        finally
        {
            Assert.IsTrue(Posix.TrySetFileRights(before));
        }
    }

    [TestMethod]
    [DataRow("games", "here", true)]
    [DataRow("games", "/", false)]
    [DataRow("root", "here", true)]
    [DataRow("root", "/", false)]
    [DataRow("daemon", "here", false)]
    [DataRow(Other, "/", true)]
    public async Task A_record_that_the_instances_user_made_up_leads_root_to_no_process_of_others(string owner, string startedFor, bool found)
    {
        RequireRoot();
        using RunningInstance instance = new();
        RunAs user = SystemUser.Find(owner)!;
        // The rows run at the same time.
        string token = Guid.NewGuid().ToString("N");
        string[] variables = [$"LAVA_SERVICES_TOKEN={token}", "LAVA_SERVICE=web", $"LAVA_INSTANCE={(startedFor == "here" ? instance.Root + "/" : startedFor)}"];
        using SupervisorProcess process = SupervisorProcess.Start(
            "setpriv", [$"--reuid={user.Uid}", $"--regid={user.Gid}", "--clear-groups", "--", "env", "--chdir=/", .. variables, "sleep", "1000"]);
        await RunningInstance.UntilAsync(() => ProcessTable.Find(process.Id)?.Name == "sleep", "a process");
        InstanceState state = new()
        {
            Boot = ProcessTable.BootId,
            Token = token,
            Services = [new ServiceState("web", ServiceCondition.Healthy) { Process = new ProcessIdentity(process.Id, ProcessTable.Find(process.Id)!.Start) }],
        };
        Leftovers leftovers = new(instance.Layout, SystemUser.Find(Other)!.Uid, new HashSet<uint> { SystemUser.Find("games")!.Uid, 0 });
        Assert.HasCount(found ? 1 : 0, leftovers.Find(state));
    }

    [TestMethod]
    public async Task Services_that_root_runs_end_with_their_supervisor_and_leftovers_are_found()
    {
        RequireRoot();
        using RunningInstance instance = new();
        instance.OpenToAll();
        instance.Describe(
            [
                instance.Service("web", RunningInstance.Lasting),
                instance.Service("deaf", "trap '' TERM; touch tmp/deaf; while :; do sleep 0.05; done") with { StopTimeout = 0, Health = new HealthCheck { Command = "test -e tmp/deaf" } },
            ],
            [],
            user: Other);
        SupervisorProcess killed = await instance.RunHealthyAsync();
        ProcessIdentity web = instance["web"].Process;
        ProcessIdentity deaf = instance["deaf"].Process;
        killed.Signal(Posix.SIGKILL);
        await killed.EndAsync();
        await RunningInstance.UntilAsync(() => !web.Lives, "its end");
        Assert.IsTrue(deaf.Lives);
        SupervisorProcess next = await instance.RunHealthyAsync();
        Assert.IsFalse(deaf.Lives);
        Assert.AreEqual(0, await next.StopAsync());
        instance.AssertNothingRuns();
    }

    [TestMethod]
    public async Task A_user_that_the_host_does_not_have_is_told()
    {
        RequireRoot();
        using RunningInstance instance = new();
        instance.OpenToAll();
        instance.Describe([instance.Service("web", RunningInstance.Lasting)], [], user: "no-such-user");
        SupervisorProcess supervisor = instance.Run();
        Assert.AreEqual(1, await supervisor.EndAsync());
        StringAssert.Contains(supervisor.Output, "error LAVA5070", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Without_root_a_service_of_another_user_is_refused_and_all_else_runs_as_the_caller()
    {
        using RunningInstance instance = new();
        instance.OpenToAll();
        instance.Describe([instance.Service("web", "id -un; exec sleep 1000"), instance.Service("own", "id -un") with { User = "root" }], [], user: "no-such-user");
        string[] command = [SupervisorProcess.DotNet, "exec", SupervisorProcess.Assembly, "run", "--instance", instance.Root];
        using SupervisorProcess refused = SupervisorProcess.AsOrdinary(instance.Root, command);
        Assert.AreEqual(1, await refused.EndAsync());
        StringAssert.Contains(refused.Output, "error LAVA5015: service 'own' is to run as 'root'", StringComparison.Ordinal);
        using SupervisorProcess supervisor = SupervisorProcess.AsOrdinary(instance.Root, [.. command, "--services", "web"]);
        await supervisor.SaysAsync("sample -> ");
        string name = Posix.NameOfUser(ProcessTable.Owner(supervisor.Id)!.Value);
        supervisor.Signal(Posix.SIGTERM);
        Assert.AreEqual(0, await supervisor.EndAsync(), supervisor.Output);
        Assert.AreEqual($"{name}\n", instance.Log("web"));
        Assert.AreNotEqual("root", name);
    }

    private static void RequireRoot()
    {
        if (Posix.EffectiveUser() != 0)
        {
            Assert.Inconclusive("Only root runs programs as another user.");
        }
    }
}
