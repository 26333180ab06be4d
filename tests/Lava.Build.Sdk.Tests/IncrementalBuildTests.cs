namespace Lava.Build.Sdk.Tests;

[TestClass]
public sealed class IncrementalBuildTests
{
    [TestMethod]
    public async Task A_second_build_skips_its_targets_and_writes_nothing()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        string release = project.CurrentRelease;
        string before = await Snapshot.OfAsync(project.Path);

        CommandResult result = (await project.BuildAsync("-v:d")).Succeeds();
        foreach (string task in (string[])
            ["CheckLavaDescription", "ResolveLavaComponents", "FetchLavaComponents", "UnpackLavaComponents", "AssembleLavaRelease", "ActivateLavaRelease"])
        {
            result.DoesNotSay($"Task \"{task}\"");
        }

        result.Says("Skipping target \"_CompareLavaRestore\"").Says("Skipping target \"_CompareLavaBuild\"");
        result.DoesNotSay("from assembly \"" + Repository.TasksAssembly);
        result.Says($"instance -> {project.Instance}/code/{release}\n");
        Assert.AreEqual(before, await Snapshot.OfAsync(project.Path));
    }

    [TestMethod]
    public async Task A_second_build_does_not_even_need_the_assembly_of_the_tasks_to_load()
    {
        using TestProject project = TestProject.OfAlpha();
        string assembly = project["Lava.Build.Tasks.dll"];
        File.Copy(Repository.TasksAssembly, assembly);
        DateTime time = File.GetLastWriteTimeUtc(assembly);
        (await project.BuildAsync($"-p:LavaBuildTasksAssembly={assembly}")).Succeeds();
        await File.WriteAllTextAsync(assembly, "not an assembly");
        File.SetLastWriteTimeUtc(assembly, time);
        (await project.BuildAsync($"-p:LavaBuildTasksAssembly={assembly}")).Succeeds();
    }

    [TestMethod]
    public async Task A_question_fails_before_a_build_and_passes_after_it()
    {
        using TestProject project = TestProject.OfAlpha();
        CommandResult before = await project.DotNetAsync("msbuild", "instance.proj", "-question", "-nologo");
        Assert.AreNotEqual(0, before.ExitCode, before.ToString());
        (await project.BuildAsync()).Succeeds();
        (await project.DotNetAsync("msbuild", "instance.proj", "-question", "-nologo")).Succeeds();
        (await project.BuildAsync("-question")).Succeeds();
    }

    [TestMethod]
    public async Task A_changed_version_gives_a_second_release_beside_an_untouched_first_one()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        string first = project.CurrentRelease;
        string directory = Path.Combine(project.Instance, "code", first);
        string before = await Snapshot.OfAsync(directory);

        project.PackAlpha("2.0");
        project.Describe(TestProject.Items(TestProject.Component("alpha", "2.0")));
        (await project.BuildAsync()).Succeeds();

        StringAssert.StartsWith(project.CurrentRelease, "2.0+", StringComparison.Ordinal);
        CollectionAssert.AreEqual(new[] { first, project.CurrentRelease }, project.Releases.ToArray());
        Assert.AreEqual(before, await Snapshot.OfAsync(directory));
        (await project.RunAsync(Path.Combine(project.Instance, "bin", "alpha"))).Says("alpha 2.0");
        (await project.RunAsync(Path.Combine(directory, "bin", "alpha"))).Says("alpha 1.0");
    }

    [TestMethod]
    public async Task A_removed_component_leaves_the_lock_file_and_the_next_release()
    {
        using TestProject project = TestProject.OfAlpha();
        project.Pack("beta", "1.0", ("bin/beta", "#!/bin/sh\necho beta\n"));
        string alpha = TestProject.Component("alpha", "1.0");
        project.Describe($"""
            <PropertyGroup><LavaPrimaryComponent>alpha</LavaPrimaryComponent></PropertyGroup>
            {TestProject.Items(alpha, TestProject.Component("beta", "1.0"))}
            """);
        (await project.BuildAsync()).Succeeds();
        string first = project.CurrentRelease;
        (await project.RunAsync(Path.Combine(project.Instance, "bin", "beta"))).Succeeds();

        project.Describe(TestProject.Items(alpha));
        (await project.BuildAsync()).Succeeds();
        Assert.AreNotEqual(first, project.CurrentRelease);
        Assert.IsFalse(project.Read("instance.lock.json").Contains("beta", StringComparison.Ordinal));
        Assert.IsFalse(File.Exists(Path.Combine(project.Instance, "bin", "beta")));
        Assert.HasCount(2, project.Releases);
    }

    [TestMethod]
    public async Task An_added_component_alone_is_fetched()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        project.Pack("beta", "1.0", ("bin/beta", "#!/bin/sh\necho beta\n"));
        string alpha = TestProject.Component("alpha", "1.0");
        project.Describe(TestProject.Items(alpha, TestProject.Component("beta", "1.0")));
        // The first one's archive is gone: whoever asked for it again would fail.
        File.Delete(project["archives", "alpha-1.0.tar.gz"]);
        Directory.Delete(Path.Combine(project.Cache, "archives"), recursive: true);
        (await project.BuildAsync()).Succeeds();
        (await project.RunAsync(Path.Combine(project.Instance, "bin", "beta"))).Succeeds();
        (await project.RunAsync(Path.Combine(project.Instance, "bin", "alpha"))).Succeeds();
    }

    [TestMethod]
    public async Task A_deleted_instance_is_built_again_without_the_network()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        string release = project.CurrentRelease;
        TestDirectory.Delete(project.Instance);
        File.Delete(project["archives", "alpha-1.0.tar.gz"]);
        (await project.BuildAsync()).Succeeds();
        Assert.AreEqual(release, project.CurrentRelease);
        (await project.RunAsync(Path.Combine(project.Instance, "bin", "alpha"))).Says("alpha 1.0");
    }

    [TestMethod]
    public async Task A_deleted_cache_matters_only_to_what_is_not_yet_in_the_instance()
    {
        using TestProject project = TestProject.OfAlpha();
        project.Pack("beta", "1.0", ("share/beta", "one"));
        project.Describe($"""
            <PropertyGroup><LavaPrimaryComponent>alpha</LavaPrimaryComponent></PropertyGroup>
            {TestProject.Items(TestProject.Component("alpha", "1.0"), TestProject.Component("beta", "1.0"))}
            """);
        (await project.BuildAsync()).Succeeds();
        string before = await Snapshot.OfAsync(project.Instance, project.LockFile);
        TestDirectory.Delete(project.Cache);

        // Deleting it alone is no reason to fetch anything.
        (await project.BuildAsync("-v:n")).Succeeds().Says("Skipping target \"_CompareLavaRestore\"");
        Assert.AreEqual(before, await Snapshot.OfAsync(project.Instance, project.LockFile));
        Assert.IsFalse(Directory.Exists(Path.Combine(project.Cache, "archives")));

        project.Pack("beta", "2.0", ("share/beta", "two"));
        File.Delete(project["archives", "alpha-1.0.tar.gz"]);
        project.Describe($"""
            <PropertyGroup><LavaPrimaryComponent>alpha</LavaPrimaryComponent></PropertyGroup>
            {TestProject.Items(TestProject.Component("alpha", "1.0"), TestProject.Component("beta", "2.0"))}
            """);
        (await project.BuildAsync()).Succeeds();
        Assert.HasCount(2, project.Releases);
        Assert.AreEqual("two", File.ReadAllText(Path.Combine(project.Instance, "code", "current", "share", "beta")));
        Assert.AreEqual(1, Directory.EnumerateFiles(Path.Combine(project.Cache, "archives")).Count());
    }

    [TestMethod]
    public async Task A_roll_back_by_hand_is_noticed_and_the_next_build_switches_forward()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        string first = project.CurrentRelease;
        project.PackAlpha("2.0");
        project.Describe(TestProject.Items(TestProject.Component("alpha", "2.0")));
        (await project.BuildAsync()).Succeeds();
        string second = project.CurrentRelease;

        string current = Path.Combine(project.Instance, "code", "current");
        File.Delete(current);
        File.CreateSymbolicLink(current, first);
        (await project.BuildAsync("-v:n")).Succeeds().Says($"instance now runs {second}");
        Assert.AreEqual(second, project.CurrentRelease);
        (await project.BuildAsync("-v:n")).Succeeds().Says("Skipping target \"_CompareLavaBuild\"");
    }

    [TestMethod]
    public async Task A_switch_by_hand_that_meets_the_end_of_a_build_is_noticed_by_the_next_one()
    {
        using TestProject project = TestProject.OfAlpha(more: """
            <Target Name="Switch" AfterTargets="ActivateLavaRelease" Condition="'$(SwitchTo)' != ''">
              <Exec Command="ln -sfn $(SwitchTo) $(LavaInstanceRoot)/code/current" />
            </Target>
            """);
        (await project.BuildAsync()).Succeeds();
        string first = project.CurrentRelease;
        (await project.BuildAsync("-p:LavaRevision=r2", $"-p:SwitchTo={first}")).Succeeds();
        Assert.AreEqual(first, project.CurrentRelease);
        (await project.BuildAsync("-p:LavaRevision=r2")).Succeeds();
        StringAssert.StartsWith(project.CurrentRelease, "r2+", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task What_a_killed_build_of_another_description_did_to_the_store_is_put_in_order_by_the_next_one()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        string program = Directory.GetFiles(Path.Combine(project.Instance, "code", ".store"), "alpha", SearchOption.AllDirectories).Single();
        project.Describe(TestProject.Items(
            TestProject.Component("alpha", "1.0"), $"""<LavaCommand Include="harms" Command="rm {program}; echo harmed; sleep 1000" Condition="'$(LavaRevision)' == 'r2'" />"""));
        (await project.BuildAsync()).Succeeds();
        CommandResult killed = await project.WatchBuildAsync(
            (process, line) =>
            {
                if (line.Contains("harmed", StringComparison.Ordinal))
                {
                    process.Kill();
                }
            },
            "-p:LavaRevision=r2");
        Assert.AreNotEqual(0, killed.ExitCode, killed.ToString());
        Assert.IsFalse(File.Exists(program));
        (await project.BuildAsync()).Succeeds().Says("LAVA4040");
        (await project.RunAsync(Path.Combine(project.Instance, "bin", "alpha"))).Succeeds();
    }

    [TestMethod]
    public async Task What_a_build_of_another_configuration_began_is_ended_by_the_next_one()
    {
        using TestProject project = TestProject.OfAlpha(more: TestProject.Items(
            """<LavaTemplate Include="$(Configuration)" Destination="etc/alpha.conf" />"""));
        project.Write("Debug", "debug\n");
        project.Write("Release", "release\n");
        (await project.BuildAsync()).Succeeds();
        string configuration = Path.Combine(project.Instance, "etc", "alpha.conf");

        string first = project.CurrentRelease;

        // Killed when it has written etc, before it switches.
        CommandResult killed = await project.RunAsync(
            "strace", "-f", "-qq", "-P", Path.Combine(project.Instance, "etc"), "-e", "trace=fsync", "-e", "inject=fsync:signal=KILL", "-o", "/dev/null",
            "dotnet", "build", "instance.proj", "-c", "Release");
        Assert.AreNotEqual(0, killed.ExitCode, killed.ToString());
        Assert.AreEqual("release\n", await File.ReadAllTextAsync(configuration));
        Assert.AreEqual(first, project.CurrentRelease);

        (await project.BuildAsync()).Succeeds();
        Assert.AreEqual("debug\n", await File.ReadAllTextAsync(configuration));
        Assert.AreEqual(first, project.CurrentRelease);
    }

    [TestMethod]
    public async Task A_lock_file_that_changes_while_its_archives_are_unpacked_is_read_again()
    {
        using TestProject project = TestProject.OfAlpha(more: """
            <Target Name="Edit" AfterTargets="UnpackLavaComponents" Condition="'$(Edits)' == 'true'">
              <Touch Files="$(LavaLockFile)" />
            </Target>
            """);
        (await project.RestoreAsync("-p:Edits=true")).Succeeds();
        (await project.RestoreAsync("-v:d")).Succeeds().Says("Task \"UnpackLavaComponents\"");
        (await project.RestoreAsync("-v:d")).Succeeds().DoesNotSay("Task \"UnpackLavaComponents\"");
    }

    [TestMethod]
    public async Task What_a_link_in_a_templates_place_leads_to_is_looked_at_by_each_build()
    {
        using TestProject project = TestProject.OfAlpha(more: TestProject.Items("""<LavaTemplate Include="template" Destination="etc/alpha.conf" />"""));
        string text = project.Write("elsewhere/template", "one\n");
        File.CreateSymbolicLink(project["template"], text);
        (await project.BuildAsync()).Succeeds();
        DateTime time = File.GetLastWriteTimeUtc(text);
        await File.WriteAllTextAsync(text, "two\n");
        File.SetLastWriteTimeUtc(text, time);
        (await project.BuildAsync()).Succeeds();
        Assert.AreEqual("two\n", await File.ReadAllTextAsync(Path.Combine(project.Instance, "etc", "alpha.conf")));
    }

    [TestMethod]
    public async Task A_Python_that_is_called_by_its_name_and_changes_is_noticed()
    {
        using TestProject project = TestProject.OfAlpha();
        string python = Directory.CreateDirectory(project["programs"]).FullName + "/our-python";
        project.SetVariable("PATH", $"/nowhere:{project["programs"]}:{Environment.GetEnvironmentVariable("PATH")}");
        File.CreateSymbolicLink(python, "/usr/bin/python3");
        (await project.BuildAsync("-p:LavaPython=our-python")).Succeeds();
        (await project.BuildAsync("-p:LavaPython=our-python", "-v:d")).Succeeds().DoesNotSay("Task \"UnpackLavaComponents\"").DoesNotSay("Task \"AssembleLavaRelease\"");
        File.Delete(python);
        File.WriteAllText(python, "#!/bin/sh\nexec /usr/bin/python3 \"$@\"\n");
        File.SetUnixFileMode(python, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        (await project.BuildAsync("-p:LavaPython=our-python", "-v:d")).Succeeds().Says("Task \"UnpackLavaComponents\"").Says("Task \"AssembleLavaRelease\"");
    }

    [TestMethod]
    public async Task A_change_back_to_an_older_version_switches_to_the_release_that_stands()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        string first = project.CurrentRelease;
        string before = await Snapshot.OfAsync(Path.Combine(project.Instance, "code", first));
        project.PackAlpha("2.0");
        project.Describe(TestProject.Items(TestProject.Component("alpha", "2.0")));
        (await project.BuildAsync()).Succeeds();
        project.Describe(TestProject.Items(TestProject.Component("alpha", "1.0")));
        (await project.BuildAsync()).Succeeds().Says($"/code/{first}\n");
        Assert.AreEqual(first, project.CurrentRelease);
        Assert.HasCount(2, project.Releases);
        Assert.AreEqual(before, await Snapshot.OfAsync(Path.Combine(project.Instance, "code", first)));
    }

    [TestMethod]
    public async Task A_changed_property_alone_is_noticed()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        (await project.BuildAsync("-p:LavaRevision=r7")).Succeeds();
        StringAssert.StartsWith(project.CurrentRelease, "r7+", StringComparison.Ordinal);
        (await project.BuildAsync("-p:LavaInstance=other")).Succeeds().Says($"instance -> {project["instances", "other"]}/code/1.0+");
    }

    [TestMethod]
    public async Task What_was_deleted_from_the_store_or_from_obj_comes_back()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        string program = Path.Combine(project.Instance, "bin", "alpha");
        foreach (string tree in Directory.GetDirectories(Path.Combine(project.Instance, "code", ".store")))
        {
            Directory.Delete(tree, recursive: true);
        }

        (await project.BuildAsync()).Succeeds();
        (await project.RunAsync(program)).Says("alpha 1.0");
        foreach (string record in (string[])["release.txt", "trees.txt"])
        {
            File.Delete(Directory.GetFiles(project["obj"], record, SearchOption.AllDirectories).Single());
            (await project.BuildAsync()).Succeeds();
        }
    }

    [TestMethod]
    [TestCategory("Slow")]
    public async Task A_deleted_directory_or_secret_of_the_instance_comes_back()
    {
        using TestProject project = TestProject.OfAlpha(more: TestProject.Items(
            """<LavaDirectory Include="var/log" />""", """<LavaSecret Include="etc/keys/secret" />"""));
        (await project.BuildAsync()).Succeeds();
        foreach (string place in (string[])["var/log", "etc/keys", "run"])
        {
            Directory.Delete(Path.Combine(project.Instance, place), recursive: true);
            (await project.BuildAsync()).Succeeds();
            Assert.IsTrue(Directory.Exists(Path.Combine(project.Instance, place)), place);
        }

        Assert.IsTrue(File.Exists(Path.Combine(project.Instance, "etc", "keys", "secret")));
        (await project.BuildAsync("-v:n")).Succeeds().Says("Skipping target \"_CompareLavaBuild\"");
    }

    [TestMethod]
    public async Task A_damaged_archive_is_fetched_again_by_the_same_restore()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.RestoreAsync()).Succeeds();
        string archive = Directory.GetFiles(Path.Combine(project.Cache, "archives")).Single();
        byte[] content = File.ReadAllBytes(archive);
        content[20] ^= 1;
        File.Delete(archive);
        File.WriteAllBytes(archive, content);
        Directory.Delete(Path.Combine(project.Cache, "trees"), recursive: true);
        (await project.BuildAsync()).Succeeds().Says("LAVA2002");
        (await project.RunAsync(Path.Combine(project.Instance, "bin", "alpha"))).Says("alpha 1.0");
    }
}
