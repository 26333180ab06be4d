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
            Assert.AreEqual(file == "var/log/own.log" ? 0u : nobody.Uid, FileStatus.Of(instance.At(file))!.Value.Owner, file);
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
