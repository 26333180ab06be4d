using System.Diagnostics;
using System.Globalization;

namespace Lava.Build.Sdk.Tests;

/// <summary>Builds that MSBuild's server carries out: one process for many builds, which outlives what asks it.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class MSBuildServerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private TestProject? _project;

    [TestMethod]
    public async Task One_server_carries_out_build_after_build_each_with_its_own_variables_and_description()
    {
        TestProject project = OnServer(TestProject.OfAlpha());
        (await BuildAsync(project)).Succeeds();
        int server = Server(project);
        string first = project.CurrentRelease;

        // Nothing to do, another version with another cache, and back.
        (await BuildAsync(project)).Succeeds().Says($"instance -> {project.Instance}/code/{first}");
        project.PackAlpha("2.0");
        project.Describe(TestProject.Items(TestProject.Component("alpha", "2.0")));
        project.SetVariable("XDG_CACHE_HOME", project["other"]);
        (await BuildAsync(project)).Succeeds();
        Assert.HasCount(1, Directory.GetDirectories(project["other", "lava-build", "trees"]));
        (await project.RunAsync(Path.Combine(project.Instance, "code", "current", "bin", "alpha"))).Succeeds().Says("alpha 2.0");
        project.Describe(TestProject.Items(TestProject.Component("alpha", "1.0")));
        (await BuildAsync(project)).Succeeds();
        Assert.AreEqual(first, project.CurrentRelease);
        (await BuildAsync(project, "-p:LavaLinkMode=no")).FailsWith("LAVA1061");

        Assert.AreEqual(server, Server(project));
    }

    [TestMethod]
    [DataRow("INT", DisplayName = "interrupted")]
    [DataRow("KILL", DisplayName = "killed")]
    public async Task A_build_that_is_ended_leaves_no_program_and_nothing_that_the_next_one_does_not_mend(string signal)
    {
        TestProject project = OnServer(TestProject.OfAlpha());
        (await BuildAsync(project)).Succeeds();
        string before = project.CurrentRelease;
        string pid = project["pid"];
        project.Describe(TestProject.Items(
            TestProject.Component("alpha", "1.0"), $"""<LavaCommand Include="wait" Command="echo $$ &gt; {pid}.new; mv {pid}.new {pid}; sleep 600" />"""));

        using Process build = Command.Start("dotnet", project.Path, project.Variables, "build", "instance.proj");
        Task<string> output = build.StandardOutput.ReadToEndAsync();
        int command = await WaitForAsync<int>(() => File.Exists(pid) ? int.Parse(File.ReadAllText(pid), CultureInfo.InvariantCulture) : null);
        (await project.RunAsync("kill", $"-{signal}", $"{build.Id}")).Succeeds();
        await build.WaitForExitAsync();
        Assert.AreNotEqual(0, build.ExitCode, await output);
        if (signal == "KILL")
        {
            // MSBuild's server does not always end what it does for a client that vanishes: it is killed, too, unless it has ended.
            foreach (int server in Servers(project))
            {
                await project.RunAsync("kill", "-KILL", $"{server}");
            }
        }

        await WaitForAsync<bool>(() => Lives(command) ? null : true);

        Assert.AreEqual(before, project.CurrentRelease);
        project.Describe(TestProject.Items(TestProject.Component("alpha", "1.0"), """<LavaCommand Include="wait" Command="echo done" />"""));
        (await BuildAsync(project)).Succeeds();
        Assert.AreNotEqual(before, project.CurrentRelease);
        Assert.IsEmpty(Directory.GetDirectories(Path.Combine(project.Instance, "code"), ".staging-*"));
    }

    [TestMethod]
    public async Task Services_that_a_server_started_outlive_it_and_another_one_stops_them()
    {
        TestProject project = OnServer(TestProject.OfAlpha(
            more: $"""
                <PropertyGroup><LavaUser>{Environment.UserName}</LavaUser></PropertyGroup>
                <ItemGroup><LavaService Include="sleeper" Command="/bin/sleep" Arguments="600" /></ItemGroup>
                """));
        (await BuildAsync(project, "-t:Start")).Succeeds();
        int server = Server(project);
        await EndServerAsync(project);
        await WaitForAsync<bool>(() => Lives(server) ? null : true);
        (await BuildAsync(project, "-t:Status")).Succeeds().Says("running");
        (await BuildAsync(project, "-t:Stop")).Succeeds();
        (await BuildAsync(project, "-t:Status")).Succeeds().Says("stopped");
    }

    [TestMethod]
    public async Task A_password_is_not_asked_for_at_a_terminal_that_may_be_somebody_elses()
    {
        TestProject project = OnServer(TestProject.OfAlpha(
            more: """
                <Target Name="Ask">
                  <RunLavaProgramWithPassword ProjectFile="$(MSBuildProjectFullPath)" InstanceRoot="$(LavaInstanceRoot)" Program="alpha" Owner="admin" />
                </Target>
                """));
        (await BuildAsync(project)).Succeeds();
        (await BuildAsync(project, "-t:Ask")).FailsWith("LAVA5098");
    }

    [TestCleanup]
    public async Task EndAsync()
    {
        using TestProject? project = _project;
        if (project is not null)
        {
            await EndServerAsync(project);
        }
    }

    private static async Task EndServerAsync(TestProject project) =>
        (await project.DotNetAsync("build-server", "shutdown", "--msbuild")).Succeeds();

    // The client of MSBuild 18.9 sometimes loses what the server answers last, and then exits with 1 (dotnet/msbuild#14172). What the
    // build did is there all the same, and is what these tests look at.
    private static async Task<CommandResult> BuildAsync(TestProject project, params string[] arguments)
    {
        CommandResult result = await project.BuildAsync(arguments);
        return result is { ExitCode: 1, Errors: [] } ? result with { ExitCode = 0 } : result;
    }

    private TestProject OnServer(TestProject project)
    {
        _project = project;
        project.SetVariable("DOTNET_CLI_USE_MSBUILD_SERVER", "1");
        project.SetVariable("MSBUILDDISABLENODEREUSE", "0");
        // A server of the test's own: those of others have other tasks.
        project.SetVariable("MSBUILDNODEHANDSHAKESALT", project.Path);
        return project;
    }

    private static int Server(TestProject project) => Servers(project).Single();

    private static int[] Servers(TestProject project)
    {
        string salt = $"MSBUILDNODEHANDSHAKESALT={project.Path}\0";
        return
        [
            .. Process.GetProcesses().Select(process => process.Id).Where(process =>
                Read(process, "cmdline").Contains("/nodemode:8", StringComparison.Ordinal) && Read(process, "environ").Contains(salt, StringComparison.Ordinal)),
        ];
    }

    private static async Task<T> WaitForAsync<T>(Func<T?> look)
        where T : struct
    {
        for (Stopwatch passed = Stopwatch.StartNew(); passed.Elapsed < Limit; await Task.Delay(50))
        {
            if (look() is { } found)
            {
                return found;
            }
        }

        throw new AssertFailedException($"Nothing came within {Limit}.");
    }

    // A container's first process may never fetch the exit code.
    private static bool Lives(int process) => Read(process, "stat") is { Length: > 0 } state && state.Split(") ")[^1][0] != 'Z';

    private static string Read(int process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile, or is somebody else's.
            return "";
        }
    }
}
