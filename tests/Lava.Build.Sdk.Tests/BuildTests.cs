namespace Lava.Build.Sdk.Tests;

[TestClass]
public sealed class BuildTests
{
    [TestMethod]
    public async Task A_first_build_restores_and_lays_out_an_instance()
    {
        using TestProject project = TestProject.OfAlpha();
        CommandResult result = (await project.BuildAsync()).Succeeds();

        string release = project.CurrentRelease;
        StringAssert.StartsWith(release, "1.0+", StringComparison.Ordinal);
        result.Says($"instance -> {project.Instance}/code/{release}\n");
        Assert.AreEqual("code/current/bin", new FileInfo(Path.Combine(project.Instance, "bin")).LinkTarget);
        foreach (string directory in (string[])["etc", "run", "tmp", "var"])
        {
            Assert.IsTrue(Directory.Exists(Path.Combine(project.Instance, directory)), directory);
        }

        Assert.IsTrue(File.Exists(project.LockFile));
        (await project.RunAsync(Path.Combine(project.Instance, "bin", "alpha"))).Succeeds().Says("alpha 1.0");
    }

    [TestMethod]
    public async Task A_restore_writes_the_lock_file_and_the_cache_but_no_instance()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.RestoreAsync()).Succeeds();

        StringAssert.Contains(project.Read("instance.lock.json"), "\"alpha\": {", StringComparison.Ordinal);
        Assert.AreNotEqual(0, Directory.GetFileSystemEntries(Path.Combine(project.Cache, "archives")).Length);
        Assert.AreNotEqual(0, Directory.GetFileSystemEntries(Path.Combine(project.Cache, "trees")).Length);
        Assert.IsFalse(Directory.Exists(project["instances"]));
        (await project.BuildAsync("--no-restore")).Succeeds();
    }

    [TestMethod]
    public async Task A_directory_with_only_the_project_is_built_without_naming_it()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.DotNetAsync("build")).Succeeds().Says($"instance -> {project.Instance}/code/1.0+");
    }

    [TestMethod]
    public async Task Two_builds_from_scratch_give_the_same_release()
    {
        using TestProject first = TestProject.OfAlpha();
        using TestProject second = TestProject.OfAlpha();
        (await first.BuildAsync()).Succeeds();
        (await second.BuildAsync()).Succeeds();
        Assert.AreEqual(first.CurrentRelease, second.CurrentRelease);
        Assert.AreEqual(first.Read("instance.lock.json"), second.Read("instance.lock.json"));
        string record = Path.Combine("instances", "instance", "code", "current", "release.json");
        Assert.AreEqual(first.Read(record), second.Read(record));
    }

    [TestMethod]
    public async Task Another_configuration_gives_another_release_and_both_remain()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        string debug = project.CurrentRelease;
        (await project.BuildAsync("-c", "Release")).Succeeds();
        string release = project.CurrentRelease;
        Assert.AreNotEqual(debug, release);
        CollectionAssert.AreEquivalent(new[] { debug, release }, project.Releases.ToArray());

        // Each has its own state, and the other's build is noticed.
        (await project.BuildAsync()).Succeeds();
        Assert.AreEqual(debug, project.CurrentRelease);
        Assert.HasCount(2, project.Releases);
    }

    [TestMethod]
    public async Task The_output_directory_is_the_instance_itself()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync("-o", "deployed here")).Succeeds().Says($"instance -> {project["deployed here"]}/code/1.0+");
        (await project.RunAsync(project["deployed here", "bin", "alpha"])).Succeeds().Says("alpha 1.0");
        Assert.IsFalse(Directory.Exists(project["instances"]));
    }

    [TestMethod]
    public async Task Clean_forgets_what_was_built_and_deletes_nothing_of_the_instance()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        project.Write("instances/instance/var/data", "data");
        project.Write("instances/instance/etc/configuration", "text");
        string before = await Snapshot.OfAsync(project.Instance, project.Cache, project.LockFile);

        (await project.DotNetAsync("clean", "instance.proj")).Succeeds();
        Assert.AreEqual(before, await Snapshot.OfAsync(project.Instance, project.Cache, project.LockFile));
        Assert.AreEqual(0, Directory.EnumerateFiles(project["obj"], "build.*", SearchOption.AllDirectories).Count());

        string release = project.CurrentRelease;
        (await project.BuildAsync("-v:n")).Succeeds()
            .DoesNotSay("Skipping target \"_CompareLavaBuild\"")
            .Says($"instance -> {project.Instance}/code/{release}\n");
        Assert.AreEqual(release, project.CurrentRelease);
    }

    [TestMethod]
    public async Task Rebuild_assembles_anew_and_arrives_at_the_same_release()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        string release = project.CurrentRelease;
        (await project.BuildAsync("-t:Rebuild", "-v:n")).Succeeds()
            .DoesNotSay("Skipping target \"_CompareLavaBuild\"")
            .Says($"instance -> {project.Instance}/code/{release}\n");
        Assert.AreEqual(release, project.CurrentRelease);
        Assert.HasCount(1, project.Releases);
    }

    [TestMethod]
    public async Task Targets_of_the_project_run_before_and_after()
    {
        using TestProject project = TestProject.OfAlpha();
        // A target of the project overrides the SDK's only from a file that is imported after it.
        project.Write("Directory.Build.targets", """
            <Project>
              <Target Name="BeforeBuild"><Message Importance="high" Text="before the build" /></Target>
              <Target Name="AfterBuild"><Message Importance="high" Text="after the build" /></Target>
              <Target Name="BeforeClean"><Message Importance="high" Text="before the clean" /></Target>
            </Project>
            """);
        CommandResult result = (await project.BuildAsync("-t:Rebuild")).Succeeds().Says("before the clean").Says("before the build");
        Assert.IsLessThan(
            result.Output.IndexOf("after the build", StringComparison.Ordinal), result.Output.IndexOf("instance -> ", StringComparison.Ordinal));
    }

    [TestMethod]
    public async Task Directory_Build_props_of_the_user_are_seen()
    {
        using TestProject project = TestProject.OfAlpha();
        project.Write("Directory.Build.props", "<Project><PropertyGroup><LavaInstance>named</LavaInstance></PropertyGroup></Project>");
        (await project.BuildAsync()).Succeeds().Says($"instance -> {project["instances", "named"]}/code/1.0+");
    }

    [TestMethod]
    public async Task Two_projects_in_one_directory_keep_apart()
    {
        using TestProject project = TestProject.OfAlpha();
        project.PackAlpha("2.0");
        project.Write("other.proj", TestProject.ProjectText(TestProject.Items(TestProject.Component("alpha", "2.0"))));
        (await project.BuildAsync()).Succeeds().Says($"instance -> {project.Instance}/code/1.0+");
        (await project.DotNetAsync("build", "other.proj")).Succeeds().Says($"other -> {project["instances", "other"]}/code/2.0+");
        Assert.IsTrue(File.Exists(project["other.lock.json"]));
        string before = await Snapshot.OfAsync(project.Path);
        (await project.BuildAsync()).Succeeds();
        Assert.AreEqual(before, await Snapshot.OfAsync(project.Path));
    }

    [TestMethod]
    [DataRow("a b's (c) $(X) #1 ä")]
    [DataRow("a;b %41 @(X)")]
    public async Task A_project_builds_in_a_directory_with_an_odd_name(string odd)
    {
        using TestProject project = new();
        project.PackAlpha("1.0", odd);
        project.Write($"{odd}/instance.proj", TestProject.ProjectText(TestProject.Items(TestProject.Component("alpha", "1.0"))));
        (await project.DotNetAsync("build", Path.Combine(odd, "instance.proj"))).Succeeds().Says($"instance -> {project[odd, "instances", "instance"]}/code/1.0+");
        string before = await Snapshot.OfAsync(project.Path);
        (await project.DotNetAsync("build", Path.Combine(odd, "instance.proj"))).Succeeds();
        Assert.AreEqual(before, await Snapshot.OfAsync(project.Path));
        project.PackAlpha("2.0", odd);
        project.Write($"{odd}/instance.proj", TestProject.ProjectText(TestProject.Items(TestProject.Component("alpha", "2.0"))));
        (await project.DotNetAsync("build", Path.Combine(odd, "instance.proj"))).Succeeds();
        (await project.RunAsync(project[odd, "instances", "instance", "bin", "alpha"])).Succeeds().Says("alpha 2.0");
    }

    [TestMethod]
    public async Task The_checks_of_MSBuild_itself_find_nothing_to_say()
    {
        using TestProject project = TestProject.OfAlpha();
        Assert.HasCount(0, (await project.BuildAsync("-check")).Succeeds().DoesNotSay("BC0").Warnings);
    }
}
