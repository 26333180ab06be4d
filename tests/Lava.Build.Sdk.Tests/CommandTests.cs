namespace Lava.Build.Sdk.Tests;

[TestClass]
[TestCategory("Slow")]
public sealed class CommandTests
{
    [TestMethod]
    public async Task A_command_runs_in_the_staged_release_before_the_switch()
    {
        using TestProject project = TestProject.OfAlpha(more: """
            <ItemGroup>
              <LavaCommand Include="look" Environment="EXTRA=more" Timeout="60"
                           Command="alpha; echo $EXTRA; echo in $PWD; test -e &quot;$LAVA_INSTANCE/code/current&quot; || echo not switched; echo made &gt; made.txt" />
            </ItemGroup>
            """);
        CommandResult result = (await project.BuildAsync("-v:n")).Succeeds();
        result.Says("look: alpha 1.0").Says("look: more").Says("look: not switched").Says($"look: in {project.Instance}/code/.");
        Assert.AreEqual("made\n", File.ReadAllText(Path.Combine(project.Instance, "code", "current", "made.txt")));
        // It is done once: the release is complete.
        (await project.BuildAsync("-v:n", "-t:Rebuild")).Succeeds().DoesNotSay("look:");
    }

    [TestMethod]
    public async Task Damage_from_before_is_mended_and_no_command_is_blamed_for_it()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        foreach (string file in Directory.EnumerateFiles(Path.Combine(project.Instance, "code", ".store"), "*", SearchOption.AllDirectories))
        {
            File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.UserWrite);
        }

        project.Describe(TestProject.Items(TestProject.Component("alpha", "1.0"), """<LavaCommand Include="look" Command="true" />"""));
        CommandResult result = (await project.BuildAsync()).Succeeds();
        // Hard-linked, the cache's tree has the same damage.
        CollectionAssert.AreEquivalent((string[])["LAVA2004", "LAVA4040"], result.Warnings.Select(warning => warning.Code).ToArray(), result.ToString());
        Assert.HasCount(0, (await project.BuildAsync("-t:Rebuild")).Succeeds().Warnings);
    }

    [TestMethod]
    public async Task A_failing_command_gives_its_exit_code_and_last_words_and_leaves_everything_as_it_was()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        string release = project.CurrentRelease;
        project.PackAlpha("2.0");
        string broken = TestProject.Items(
            TestProject.Component("alpha", "2.0"),
            """<LavaCommand Include="first" Command="true" />""",
            """<LavaCommand Include="break" Command="echo the reason; echo and more &gt;&amp;2; exit 3" />""",
            """<LavaCommand Include="never" Command="echo never reached" />""");
        project.Describe(broken);
        CommandResult result = (await project.BuildAsync("-v:n")).FailsWith("LAVA4033").DoesNotSay("never reached");
        Diagnostic error = result.Error("LAVA4033");
        foreach (string word in (string[])["'break'", "exit code 3", "the reason", "and more"])
        {
            StringAssert.Contains(error.Text, word, StringComparison.Ordinal);
        }

        Assert.AreEqual(project.File, error.File);
        Assert.AreEqual(release, project.CurrentRelease);
        CollectionAssert.AreEqual(new[] { release }, project.Releases.ToArray());
        CollectionAssert.AreEquivalent(
            new[] { "current", release },
            new DirectoryInfo(Path.Combine(project.Instance, "code")).EnumerateFileSystemInfos()
                .Select(entry => entry.Name).Except([".etc", ".lock", ".store"]).ToArray());
        (await project.RunAsync(Path.Combine(project.Instance, "bin", "alpha"))).Says("alpha 1.0");

        // Cured, the same project builds without help.
        project.Describe(broken.Replace("exit 3", "exit 0", StringComparison.Ordinal).Replace("never reached", "done", StringComparison.Ordinal));
        (await project.BuildAsync()).Succeeds();
        (await project.RunAsync(Path.Combine(project.Instance, "bin", "alpha"))).Says("alpha 2.0");
    }

    [TestMethod]
    public async Task A_command_that_takes_too_long_is_ended_and_told()
    {
        using TestProject project = TestProject.OfAlpha(more: """
            <ItemGroup><LavaCommand Include="slow" Command="exec sleep 300" Timeout="1" /></ItemGroup>
            """);
        Diagnostic error = (await project.BuildAsync()).FailsWith("LAVA9002").Error("LAVA9002");
        Assert.AreNotEqual(0, error.Line);
        StringAssert.Contains(error.Text, "'LavaCommand slow' did not finish within 1 s", StringComparison.Ordinal);
        Assert.IsFalse(Path.Exists(Path.Combine(project.Instance, "code", "current")));
    }

    [TestMethod]
    public async Task A_killed_build_takes_its_commands_and_all_they_started_with_it()
    {
        using TestProject project = TestProject.OfAlpha(more: """
            <ItemGroup><LavaCommand Include="slow" Command="sleep 600 &amp; echo $$ $! &gt; &quot;$LAVA_INSTANCE/tmp/pids&quot;; exec sleep 600" /></ItemGroup>
            """);
        // The command waits until the process that started it, MSBuild, has been killed by the shell beside it.
        await project.RunAsync("/bin/sh", "-c", """
            dotnet build instance.proj & build=$!
            until [ -s instances/instance/tmp/pids ] || ! kill -0 $build; do sleep 0.1; done
            kill -9 $build $(pgrep -P $build)
            wait $build
            for process in $(cat instances/instance/tmp/pids); do
              while kill -0 $process; do sleep 0.1; done
            done
            """);
        string[] processes = File.ReadAllText(Path.Combine(project.Instance, "tmp", "pids")).Trim().Split(' ');
        Assert.HasCount(2, processes);
        Assert.IsFalse(processes.Any(process => Directory.Exists($"/proc/{process}")), string.Join(' ', processes));
    }
}
