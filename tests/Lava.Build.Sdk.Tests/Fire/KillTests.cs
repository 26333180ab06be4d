namespace Lava.Build.Sdk.Tests.Fire;

[TestClass]
[TestCategory("Slow")]
public sealed class KillTests(TestContext context)
{
    private const int DefaultKills = 100;

    /// <summary>As Ctrl-C (SIGINT) or a service manager (SIGTERM) would; each tenth as often as SIGKILL.</summary>
    [TestMethod]
    [DataRow(BuildProcess.SigKill, 1)]
    [DataRow(BuildProcess.SigInt, 10)]
    [DataRow(BuildProcess.SigTerm, 10)]
    public async Task A_build_killed_at_any_moment_leaves_what_was_and_the_next_one_converges(int signal, int share)
    {
        int kills = FireSettings.Count("LAVA_TEST_KILLS", DefaultKills) / share;
        int seed = FireSettings.Seed;
        context.WriteLine($"{kills} kills by signal {signal}, LAVA_TEST_SEED={seed}");
        using FireProject fire = await FireProject.CreateAsync();
        fire.Describe(1);
        KillDriver driver = new(fire, signal, seed);
        await driver.PrepareAsync();
        try
        {
            await driver.RunAsync(kills);
        }
        finally
        {
            context.WriteLine(driver.ToString());
        }
    }

    /// <summary>For an instant a program of the build is still in its group, which is what Ctrl-C reaches.</summary>
    [TestMethod]
    public async Task A_command_that_ctrl_c_met_before_it_had_left_the_group_is_not_blamed()
    {
        using TestProject project = TestProject.OfAlpha(more: TestProject.Items("""<LavaCommand Include="check" Command="echo interrupted" />"""));
        string setsid = project.Write("path/setsid", """
            #!/bin/sh
            case "$*" in *"echo interrupted"*) kill -INT 0 ;; esac
            exec /usr/bin/setsid "$@"

            """);
        File.SetUnixFileMode(setsid, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        project.SetVariable("PATH", $"{project["path"]}:{Environment.GetEnvironmentVariable("PATH")}");
        using BuildProcess build = new(project, "build", "instance.proj");
        CommandResult result = await build.WaitAsync();
        Assert.AreEqual(1, result.ExitCode, result.ToString());
        result.Says("Running check").DoesNotSay("LAVA");
        Assert.IsNull(InstanceCheck.Current(project.Instance));
    }
}
