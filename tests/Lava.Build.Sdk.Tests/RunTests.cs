using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Lava.Build.Sdk.Tests;

/// <summary>An instance runs by <c>dotnet run</c> and by the targets Start, Stop, Restart and Status.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class RunTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [TestMethod]
    [DataRow("TERM", DisplayName = "SIGTERM, which dotnet passes on")]
    [DataRow("KILL", DisplayName = "SIGKILL, after which the supervisor finds dotnet gone")]
    public async Task Dotnet_run_runs_all_services_until_it_is_ended(string signal)
    {
        using TestProject project = Project();
        using Process dotnet = Command.Start("dotnet", project.Path, project.Variables, "run", "--project", "instance.proj");
        StringBuilder output = new();
        Task reading = Task.WhenAll(
            Command.ReadAsync(dotnet.StandardOutput, output, _ => { }, CancellationToken.None), Command.ReadAsync(dotnet.StandardError, output, _ => { }, CancellationToken.None));
        await UntilAsync(() => output.ToString().Contains("instance -> one, two\n", StringComparison.Ordinal), output);
        int supervisor = State(project).RootElement.GetProperty("supervisor").GetProperty("pid").GetInt32();
        await project.RunAsync("kill", "-s", signal, $"{dotnet.Id}");
        // The reading ends with the last process that has the output open.
        await reading.WaitAsync(Limit);
        await dotnet.WaitForExitAsync();
        await UntilAsync(() => !Lives(supervisor), output);
        foreach (string line in (string[])["one | one is there\n", "two | two is there\n", "one | one ends\n", "two | two ends\n"])
        {
            StringAssert.Contains(output.ToString(), line, StringComparison.Ordinal);
        }

        Assert.AreEqual("stopped", State(project).RootElement.GetProperty("state").GetString());
        Assert.AreEqual(signal == "TERM" ? 0 : 137, dotnet.ExitCode, output.ToString());
    }

    [TestMethod]
    [DataRow("press", "", DisplayName = "Ctrl-C")]
    [DataRow("press", "1", DisplayName = "Ctrl-C, without colours")]
    [DataRow("close", "", DisplayName = "The terminal is closed")]
    public async Task In_a_terminal_all_stops_when_its_user_says_so_or_is_gone(string how, string noColour)
    {
        using TestProject project = Project();
        project.SetVariable("NO_COLOR", noColour);
        CommandResult result = await project.RunAsync("python3", "-c", Terminal, how, "dotnet", "run", "--project", "instance.proj");
        int supervisor = State(project).RootElement.GetProperty("supervisor").GetProperty("pid").GetInt32();
        await UntilAsync(() => !Lives(supervisor), new StringBuilder(result.Output));
        Assert.AreEqual("stopped", State(project).RootElement.GetProperty("state").GetString(), result.ToString());
        result.Says(noColour.Length > 0 ? "one | one is there" : "\e[36mone |\e[0m one is there");
        if (how == "press")
        {
            result.Says("exit code 0").Says("two ends").Says("one ends");
        }
    }

    [TestMethod]
    public async Task Dotnet_run_becomes_a_program_of_the_instance_with_its_arguments_input_and_exit_code()
    {
        using TestProject project = Project();
        (await project.BuildAsync()).Succeeds();
        CommandResult result = await project.RunAsync(
            "sh", "-c", "echo input | dotnet run --no-build --project instance.proj -- tool 'a b' \"it's\" '\"q' 'x\\' '' '$HOME' --services");
        Assert.AreEqual(7, result.ExitCode, result.ToString());
        Assert.AreEqual("<a b>\n<it's>\n<\"q>\n<x\\>\n<>\n<$HOME>\n<--services>\ninput\n", result.Output);
    }

    [TestMethod]
    [DataRow("LavaServices=two")]
    [DataRow("LavaServices=one%3Btwo")]
    [DataRow("LavaServices=tow", "LAVA5010")]
    public async Task LavaServices_selects_services_and_what_they_wait_for(string property, string? code = null)
    {
        using TestProject project = Project();
        CommandResult result = await project.DotNetAsync("build", "instance.proj", "-t:Start", $"-p:{property}");
        if (code is not null)
        {
            Assert.AreEqual(project.File, result.FailsWith(code).Error(code).File);
            return;
        }

        result.Succeeds().Says("instance -> one, two");
        (await project.DotNetAsync("build", "instance.proj", "-t:Stop")).Succeeds();
    }

    [TestMethod]
    public async Task A_path_may_hold_what_shells_and_lists_are_made_of()
    {
        using TestProject project = Project();
        string root = project["odd \"place\"; $HOME 'x'", "i"];
        project.SetVariable("ODD_ROOT", root);
        project.Describe(
            "<PropertyGroup><LavaInstanceRoot>$([MSBuild]::Escape($([System.Environment]::GetEnvironmentVariable('ODD_ROOT'))))</LavaInstanceRoot></PropertyGroup>" + Body
            + """
            <ItemGroup>
              <LavaStep Include="note" Command='printf "%s" "@{InstanceRoot} $WHERE" > "@{InstanceRoot}/var/noted"' Environment="WHERE=@{Release}" />
              <LavaService Update="two" After="note" HealthCommand='test -f "@{InstanceRoot}/var/noted" &amp;&amp; test -d "@{Release}/bin"' />
            </ItemGroup>
            """);
        (await project.BuildAsync()).Succeeds();
        CommandResult result = await project.DotNetAsync("run", "--no-build", "--project", "instance.proj", "--", "place");
        Assert.AreEqual($"{root}\n", result.Succeeds().Output);
        (await project.DotNetAsync("build", "instance.proj", "-t:Start")).Succeeds();
        (await project.DotNetAsync("build", "instance.proj", "-t:Stop")).Succeeds();
        Assert.AreEqual($"{root} {root}/code/{TestProject.ReleaseOf(root)}", File.ReadAllText(Path.Combine(root, "var", "noted")));
    }

    [TestMethod]
    public async Task Start_returns_when_all_is_healthy_and_Status_and_Stop_tell_the_same()
    {
        using TestProject project = Project();
        (await StatusAsync(project, build: true)).AssertStates("stopped", "stopped");
        (await project.DotNetAsync("build", "instance.proj", "-t:Start")).Succeeds().Says("instance -> one, two");
        Status running = await StatusAsync(project);
        running.AssertStates("healthy", "healthy");
        foreach (JsonElement item in running.Items)
        {
            Assert.IsTrue(Directory.Exists($"/proc/{item.GetProperty("Pid").GetString()}"));
            Assert.AreEqual("healthy", item.GetProperty("Health").GetString());
            Assert.AreEqual("0", item.GetProperty("Restarts").GetString());
            Assert.IsTrue(File.Exists(item.GetProperty("Log").GetString()));
        }

        (await project.DotNetAsync("build", "instance.proj", "-t:Status")).Succeeds().Says("running detached, release 1.0+").Says("one      healthy");
        CommandResult second = (await project.DotNetAsync("run", "--project", "instance.proj")).FailsWith("LAVA5008");
        StringAssert.Contains(second.Error("LAVA5008").Text, "-t:Stop", StringComparison.Ordinal);
        (await project.DotNetAsync("build", "instance.proj", "-t:Start")).FailsWith("LAVA5008");
        (await project.DotNetAsync("build", "instance.proj", "-t:Stop")).Succeeds().Says("Stopped the services of");
        (await StatusAsync(project)).AssertStates("stopped", "stopped");
        (await project.DotNetAsync("build", "instance.proj", "-t:Stop")).Succeeds().Says("No services of");
    }

    [TestMethod]
    public async Task Restart_restarts_what_it_is_asked_for_and_leaves_the_others()
    {
        using TestProject project = Project();
        (await project.DotNetAsync("build", "instance.proj", "-t:Restart")).Succeeds().Says("instance -> one, two");
        Status first = await StatusAsync(project);
        (await project.DotNetAsync("build", "instance.proj", "-t:Restart", "-p:LavaServices=two")).Succeeds().Says("Restarted two of");
        Status second = await StatusAsync(project);
        second.AssertStates("healthy", "healthy");
        Assert.AreEqual(first.Process("one"), second.Process("one"));
        Assert.AreNotEqual(first.Process("two"), second.Process("two"));
        (await project.DotNetAsync("build", "instance.proj", "-t:Restart", "-p:LavaServices=tow")).FailsWith("LAVA5010");
        (await project.DotNetAsync("build", "instance.proj", "-t:Stop", "-p:LavaServices=two")).Succeeds().Says("Stopped two of");
        Status one = await StatusAsync(project);
        one.AssertStates("healthy", "stopped");
        Assert.AreEqual(second.Process("one"), one.Process("one"));
        (await project.DotNetAsync("build", "instance.proj", "-t:Stop", "-p:LavaServies=two")).FailsWith("LAVA1065");
        (await project.DotNetAsync("build", "instance.proj", "-t:Restart")).Succeeds();
        Status third = await StatusAsync(project);
        third.AssertStates("healthy", "healthy");
        Assert.AreNotEqual(second.Process("one"), third.Process("one"));
        (await project.DotNetAsync("build", "instance.proj", "-t:Stop")).Succeeds();
    }

    [TestMethod]
    public async Task Restart_of_a_foreground_run_keeps_its_terminal_and_takes_the_new_release()
    {
        using TestProject project = Project();
        using Process dotnet = Command.Start("dotnet", project.Path, project.Variables, "run", "--project", "instance.proj");
        StringBuilder output = new();
        Task reading = Task.WhenAll(
            Command.ReadAsync(dotnet.StandardOutput, output, _ => { }, CancellationToken.None), Command.ReadAsync(dotnet.StandardError, output, _ => { }, CancellationToken.None));
        await UntilAsync(() => output.ToString().Contains("instance -> one, two\n", StringComparison.Ordinal), output);
        string before = project.CurrentRelease;
        project.Describe(Body.Replace("is there", "is new", StringComparison.Ordinal));
        (await project.DotNetAsync("build", "instance.proj", "-t:Restart")).Succeeds().Says("Restarted all services of");
        Assert.AreNotEqual(before, project.CurrentRelease);
        Assert.AreEqual(project.CurrentRelease, State(project).RootElement.GetProperty("release").GetString());
        (await project.DotNetAsync("build", "instance.proj", "-t:Stop")).Succeeds();
        await reading.WaitAsync(Limit);
        StringAssert.Contains(output.ToString(), "one | one is new\n", StringComparison.Ordinal);
        await dotnet.WaitForExitAsync();
        Assert.AreEqual(0, dotnet.ExitCode, output.ToString());
    }

    [TestMethod]
    public async Task A_start_that_fails_is_told_as_the_build_error_and_leaves_nothing()
    {
        using TestProject project = Project();
        project.Describe(Body + TestProject.Items("<LavaService Include=\"bad\" Command=\"tool\" After=\"two\" Restart=\"never\" />"));
        CommandResult result = (await project.DotNetAsync("build", "instance.proj", "-t:Start")).FailsWith("LAVA5002");
        StringAssert.Contains(result.Error("LAVA5002").Text, "Service 'bad' ended with exit code 7 before it was healthy.", StringComparison.Ordinal);
        (await StatusAsync(project)).AssertStates("stopped", "stopped", "failed");
    }

    [TestMethod]
    public async Task Services_that_were_started_do_not_hold_what_their_starter_had_open()
    {
        using TestProject project = Project();
        // The shell reads until nobody has the pipe open any more.
        CommandResult result = await project.RunAsync("sh", "-c", "out=$(dotnet build instance.proj -t:Start 7>&1 8>&1 2>&1) && echo returned");
        result.Succeeds().Says("returned");
        (await project.DotNetAsync("build", "instance.proj", "-t:Stop")).Succeeds();
    }

    [TestMethod]
    public async Task An_instance_in_which_nothing_runs_says_what_is_missing()
    {
        using TestProject project = Project();
        project.Describe("""<ItemGroup><LavaComponent Include="alpha" Source="archive" Version="1.0" Path="archives/alpha-1.0.tar.gz" /></ItemGroup>""");
        (await project.DotNetAsync("build", "instance.proj", "-t:Start")).FailsWith("LAVA5027");
        (await project.DotNetAsync("run", "--no-build", "--project", "instance.proj")).FailsWith("LAVA5027");
    }

    [TestMethod]
    public async Task Nothing_is_started_of_an_instance_that_is_not_built()
    {
        using TestProject project = Project();
        (await project.DotNetAsync("build", "instance.proj", "-t:Start", "-p:NoBuild=true")).FailsWith("LAVA5009");
        CommandResult run = await project.DotNetAsync("run", "--no-build", "--project", "instance.proj");
        run.FailsWith("LAVA5009");
    }

    // Runs a program in a terminal of its own, and presses Ctrl-C or closes it when all is healthy.
    private const string Terminal =
        """
        import os, pty, sys
        process, terminal = pty.fork()
        if process == 0:
            os.execvp(sys.argv[2], sys.argv[2:])
        output, done = b"", False
        while True:
            try:
                data = os.read(terminal, 4096)
            except OSError:
                break
            if not data:
                break
            output += data
            if not done and b" -> one, two" in output:
                done = True
                if sys.argv[1] == "close":
                    os.close(terminal)
                    break
                os.write(terminal, b"\x03")
        _, status = os.waitpid(process, 0)
        print(output.decode())
        print("exit code", os.waitstatus_to_exitcode(status))
        """;

    // Root would make the instance's own user, whom the test's directory is closed to.
    private static readonly string Body =
        $"""
        <PropertyGroup>
          <LavaUser>{Environment.UserName}</LavaUser>
        </PropertyGroup>
        <ItemGroup>
          <LavaComponent Include="alpha" Source="archive" Version="1.0" Path="archives/alpha-1.0.tar.gz" />
          <LavaService Include="one" Command="lasting" Arguments="is there" HealthCommand="test -e tmp/one" StopTimeout="20" />
          <LavaService Include="two" Command="lasting" Arguments="is there" After="one" HealthCommand="test -e tmp/two" StopTimeout="20" />
        </ItemGroup>
        """;

    private static TestProject Project()
    {
        TestProject project = new();
        project.Pack(
            "alpha",
            "1.0",
            ("bin/lasting", "#!/bin/sh\ntrap 'echo $LAVA_SERVICE ends; rm tmp/$LAVA_SERVICE; exit 0' TERM\necho \"$LAVA_SERVICE $*\"\ntouch \"tmp/$LAVA_SERVICE\"\nwhile :; do sleep 0.02; done\n"),
            ("bin/place", "#!/bin/sh\necho \"$LAVA_INSTANCE\"\n"),
            ("bin/tool", "#!/bin/sh\nfor a; do echo \"<$a>\"; done\ncat\nexit 7\n"));
        project.Describe(Body);
        return project;
    }

    private static JsonDocument State(TestProject project) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(project.Instance, "run", "services.json")));

    // A container's first process may never fetch the exit code.
    private static bool Lives(int process) =>
        File.Exists($"/proc/{process}/stat") && File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1][0] != 'Z';

    private static async Task UntilAsync(Func<bool> condition, StringBuilder output)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (true)
        {
            lock (output)
            {
                if (condition())
                {
                    return;
                }
            }

            Assert.IsLessThan(Limit, clock.Elapsed, output.ToString());
            await Task.Delay(20);
        }
    }

    private static async Task<Status> StatusAsync(TestProject project, bool build = false)
    {
        if (build)
        {
            (await project.BuildAsync()).Succeeds();
        }

        CommandResult result = (await project.DotNetAsync("build", "instance.proj", "-t:Status", "-getTargetResult:Status")).Succeeds();
        using JsonDocument answer = JsonDocument.Parse(result.Output);
        return new Status([.. answer.RootElement.GetProperty("TargetResults").GetProperty("Status").GetProperty("Items").EnumerateArray().Select(item => item.Clone())]);
    }

    private sealed record Status(IReadOnlyList<JsonElement> Items)
    {
        public string? Process(string service) => Items.Single(item => item.GetProperty("Identity").GetString() == service).GetProperty("Pid").GetString();

        public void AssertStates(params string[] states) =>
            CollectionAssert.AreEqual(states, Items.Select(item => item.GetProperty("State").GetString()).ToArray());
    }
}
