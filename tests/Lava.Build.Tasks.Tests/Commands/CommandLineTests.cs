using Lava.Build.Commands;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Services;
using Lava.Build.Tests.Services.Supervision;
using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Commands;

[TestClass]
public sealed class CommandLineTests
{
    [TestMethod]
    public void All_options_are_read()
    {
        CommandLine line = CommandLine.Parse(
            ["run", "--instance", "/srv/i/", "--project", "/p/i.proj", "--services", "a; b;;a", "--name", "i", "--user", "u", "--with-parent", "--detached", "--report", "3", "--", "web", "--instance", "x"]);
        Assert.AreEqual("/srv/i", line.Options.Instance);
        Assert.AreEqual("/p/i.proj", line.Options.Project);
        Assert.AreEqual(("i", "u"), (line.Name, line.User));
        CollectionAssert.AreEqual(new[] { "a", "b" }, line.Options.Services.ToArray());
        Assert.IsTrue(line.Options is { WithParent: true, Detached: true, Report: 3 });
        CollectionAssert.AreEqual(new[] { "web", "--instance", "x" }, line.Program.ToArray());
    }

    [TestMethod]
    [DataRow()]
    [DataRow("start", "--instance", "/srv/i")]
    [DataRow("run")]
    [DataRow("run", "--instance")]
    [DataRow("run", "--instance", "relative")]
    [DataRow("run", "--instance", "/srv/i", "--unknown", "x")]
    [DataRow("run", "--instance", "/srv/i", "--report", "x")]
    [DataRow("exec", "--instance", "/srv/i")]
    [DataRow("exec", "--instance", "/srv/i", "--")]
    public void Wrong_arguments_are_told_with_the_right_form(params string[] arguments)
    {
        LavaException failure = Assert.ThrowsExactly<LavaException>(() => CommandLine.Parse(arguments));
        Assert.AreEqual("LAVA5020", failure.Problems.Single().Code);
        StringAssert.Contains(failure.Problems[0].Text, "run --instance DIRECTORY", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_program_has_the_instances_environment_and_its_own_input_and_exit_code()
    {
        using RunningInstance instance = new();
        instance.Service("tool", "echo \"$LAVA_RELEASE\"; for a; do echo \"<$a>\"; done; trap - PIPE; yes | head -n 1; exit 7");
        instance.Describe();
        using SupervisorProcess program = SupervisorProcess.Start(["exec", "--instance", instance.Root, "--", "tool", "a b", "", "--services", "$HOME"]);
        Assert.AreEqual(7, await program.EndAsync(), program.Output);
        Assert.AreEqual($"{instance.InRelease()}\n<a b>\n<>\n<--services>\n<$HOME>\ny", program.Output);
    }

    [TestMethod]
    public async Task Root_runs_a_program_as_the_instances_user_also_before_the_first_start_and_where_nothing_else_runs()
    {
        if (Posix.EffectiveUser() != 0)
        {
            Assert.Inconclusive("Only root runs programs as another user.");
        }

        using RunningInstance instance = new();
        instance.OpenToAll();
        instance.Service("tool", "id -un; touch var/made");
        Directory.CreateDirectory(instance.At("var"));
        string name = $"t{Guid.NewGuid():N}"[..20];
        try
        {
            using SupervisorProcess program = SupervisorProcess.Start(
                ["run", "--instance", instance.Root, "--name", name, "--user", $"lava-{name}", "--with-parent", "--", "sh", "-c", "cd \"$LAVA_INSTANCE\" && exec tool"]);
            Assert.AreEqual(0, await program.EndAsync(), program.Output);
            Assert.AreEqual($"services | Made the system user lava-{name}, which runs the instance {name}\nlava-{name}", program.Output);
        }
        finally
        {
            await Run.ProgramAsync("userdel", [$"lava-{name}"], new Dictionary<string, string?> { ["PATH"] = "/usr/sbin:/usr/bin:/bin" });
        }
    }

    [TestMethod]
    public void A_supervisor_in_the_background_keeps_no_secret_of_who_started_it()
    {
        Dictionary<string, string> caller = new()
        {
            ["PATH"] = "/bin",
            ["HOME"] = "/root",
            ["LC_ALL"] = "C",
            ["https_proxy"] = "http://proxy",
            ["DOTNET_ROOT"] = "/dotnet",
            ["DB_PASSWORD"] = "secret",
            ["CI_JOB_TOKEN"] = "secret",
            ["PATHS"] = "no",
        };
        CollectionAssert.AreEquivalent(new[] { "PATH", "HOME", "LC_ALL", "https_proxy", "DOTNET_ROOT" }, RunEnvironment.OfSupervisor(caller).Keys.ToArray());
    }

    [TestMethod]
    public async Task A_misspelled_program_is_told_with_the_nearest_one()
    {
        using RunningInstance instance = new();
        instance.Service("lava-tool", "exit 0");
        instance.Describe();
        using SupervisorProcess program = SupervisorProcess.Start(["exec", "--instance", instance.Root, "--", "lava-tol"]);
        Assert.AreEqual(1, await program.EndAsync());
        StringAssert.Contains(program.Output, "error LAVA5019: There is no program 'lava-tol'", StringComparison.Ordinal);
        StringAssert.Contains(program.Output, "Did you mean 'lava-tool'?", StringComparison.Ordinal);
    }
}
