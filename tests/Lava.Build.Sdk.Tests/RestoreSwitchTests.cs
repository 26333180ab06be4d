namespace Lava.Build.Sdk.Tests;

[TestClass]
[TestCategory("Slow")]
public sealed class RestoreSwitchTests
{
    [TestMethod]
    public async Task A_build_without_restore_says_that_one_is_needed()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync("--no-restore")).FailsWith("LAVA1016");
        Assert.IsFalse(Directory.Exists(project.Instance));

        (await project.RestoreAsync()).Succeeds();
        project.PackAlpha("2.0");
        project.Describe(TestProject.Items(TestProject.Component("alpha", "2.0")));
        (await project.BuildAsync("--no-restore")).FailsWith("LAVA1016");
        (await project.BuildAsync()).Succeeds();
    }

    [TestMethod]
    [DataRow("--locked-mode")]
    [DataRow("-p:ContinuousIntegrationBuild=true")]
    public async Task Locked_mode_needs_the_lock_file_and_never_changes_it(string argument)
    {
        using TestProject project = TestProject.OfAlpha();
        CommandResult result = (await project.RestoreAsync(argument)).FailsWith("LAVA1017");
        Assert.AreEqual(project.LockFile, result.Error("LAVA1017").File);
        Assert.IsFalse(File.Exists(project.LockFile));

        (await project.RestoreAsync()).Succeeds();
        string before = await Snapshot.OfAsync(project.LockFile);
        (await project.RestoreAsync(argument)).Succeeds();

        project.PackAlpha("2.0");
        project.Describe(TestProject.Items(TestProject.Component("alpha", "2.0")));
        (await project.RestoreAsync(argument)).FailsWith("LAVA1011");
        Assert.AreEqual(before, await Snapshot.OfAsync(project.LockFile));
    }

    [TestMethod]
    public async Task Force_evaluate_takes_changed_content_that_a_restore_refuses()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.RestoreAsync()).Succeeds();
        string locked = project.Read("instance.lock.json");

        // The same version, with other content.
        project.Pack("alpha", "1.0", ("bin/alpha", "#!/bin/sh\necho changed and longer than it was\n"));
        TestDirectory.Delete(project.Cache);
        (await project.RestoreAsync()).FailsWith("LAVA2001");
        Assert.AreEqual(locked, project.Read("instance.lock.json"));

        (await project.BuildAsync("-p:RestoreForceEvaluate=true")).Succeeds();
        Assert.AreNotEqual(locked, project.Read("instance.lock.json"));
        (await project.RunAsync(Path.Combine(project.Instance, "bin", "alpha"))).Says("changed");
        (await project.RestoreAsync("--force-evaluate")).Succeeds();
    }

    [TestMethod]
    public async Task Force_looks_at_everything_anew_and_rewrites_no_lock_file()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.RestoreAsync()).Succeeds();
        string before = await Snapshot.OfAsync(project.LockFile);
        (await project.RestoreAsync("-v:d")).Succeeds().DoesNotSay("Task \"ResolveLavaComponents\"");
        (await project.RestoreAsync("--force", "-v:d")).Succeeds().Says("Task \"ResolveLavaComponents\"");
        Assert.AreEqual(before, await Snapshot.OfAsync(project.LockFile));
    }

    [TestMethod]
    public async Task The_lock_file_can_stand_elsewhere()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.RestoreAsync("--lock-file-path", "locks/amd64.json")).Succeeds();
        Assert.IsTrue(File.Exists(project["locks", "amd64.json"]));
        Assert.IsFalse(File.Exists(project.LockFile));
        (await project.BuildAsync("-p:LavaLockFile=locks/amd64.json", "-p:LavaLockedMode=true")).Succeeds();
        Assert.IsFalse(File.Exists(project.LockFile));
    }

    [TestMethod]
    public async Task A_deleted_lock_file_is_written_again_the_same()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        string locked = project.Read("instance.lock.json");
        File.Delete(project.LockFile);
        (await project.BuildAsync()).Succeeds();
        Assert.AreEqual(locked, project.Read("instance.lock.json"));
    }

    [TestMethod]
    public async Task The_lock_file_is_stable_sorted_and_names_no_place_and_no_time()
    {
        using TestProject project = new();
        string[] names = ["zeta", "alpha", "Mu"];
        foreach (string name in names)
        {
            project.Pack(name, "1.0", ($"share/{name}", name));
        }

        project.Describe($"""
            <PropertyGroup><LavaPrimaryComponent>alpha</LavaPrimaryComponent></PropertyGroup>
            {TestProject.Items([.. names.Select(name => TestProject.Component(name, "1.0"))])}
            """);
        (await project.RestoreAsync()).Succeeds();
        string[] lines = project.Read("instance.lock.json").Split('\n');
        CollectionAssert.AreEqual(
            new[] { "    \"Mu\": {", "    \"alpha\": {", "    \"zeta\": {" },
            lines.Where(line => line.StartsWith("    \"", StringComparison.Ordinal) && line.EndsWith('{')).ToArray());
        Assert.IsFalse(project.Read("instance.lock.json").Contains(project.Path, StringComparison.Ordinal));
    }
}
