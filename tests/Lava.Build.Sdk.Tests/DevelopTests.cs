namespace Lava.Build.Sdk.Tests;

/// <summary>Components developed in place (<c>LavaDevelop</c>).</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class DevelopTests
{
    private const string Hello = "usr/lib/python3/dist-packages/hello/__init__.py";

    [TestMethod]
    public async Task A_developed_directorys_modules_come_first_and_all_else_stays_pinned()
    {
        using TestProject project = await BuiltAsync();
        (await WhoAsync(project)).Says("pinned pinned");
        (await project.BuildAsync("-p:LavaDevelop=hello=dev")).Succeeds();
        (await WhoAsync(project)).Says("developed developed");
        Assert.AreEqual("pinned data", File.ReadAllText(Path.Combine(project.Instance, "code", "current", "usr/share/hello/data")));

        // In place: what is edited there is what runs.
        project.Write("dev/hello/__init__.py", "WHO = 'edited'");
        (await WhoAsync(project)).Says("edited developed");
    }

    [TestMethod]
    public async Task The_lock_file_stays_as_it_is_and_the_pinned_release_comes_back()
    {
        using TestProject project = await BuiltAsync();
        string locked = project.Read("instance.lock.json");
        string release = project.CurrentRelease;
        (await project.BuildAsync("-p:LavaDevelop=hello=dev")).Succeeds();
        Assert.AreEqual(locked, project.Read("instance.lock.json"));
        Assert.AreNotEqual(release, project.CurrentRelease);
        (await project.BuildAsync()).Succeeds();
        Assert.AreEqual(locked, project.Read("instance.lock.json"));
        Assert.AreEqual(release, project.CurrentRelease);
        (await WhoAsync(project)).Says("pinned pinned");
    }

    [TestMethod]
    public async Task Modules_may_stand_in_directories_below()
    {
        using TestProject project = await BuiltAsync();
        project.Write("dev/src/hello/__init__.py", "WHO = 'below'");
        (await project.BuildAsync("-p:LavaDevelop=hello=dev:src:.")).Succeeds();
        (await WhoAsync(project)).Says("below developed");
    }

    [TestMethod]
    public async Task A_users_own_file_beside_the_project_keeps_it_on_and_the_command_line_turns_it_off()
    {
        using TestProject project = await BuiltAsync();
        project.Write("instance.proj.user", "<Project><PropertyGroup><LavaDevelop>hello=dev</LavaDevelop></PropertyGroup></Project>");
        (await project.BuildAsync()).Succeeds();
        (await WhoAsync(project)).Says("developed developed");
        (await project.BuildAsync("-question")).Succeeds();
        (await project.BuildAsync("-p:LavaDevelop=")).Succeeds();
        (await WhoAsync(project)).Says("pinned pinned");
        project.Write("instance.proj.user", "<Project><PropertyGroup><LavaDevelp>hello=dev</LavaDevelp></PropertyGroup></Project>");
        (await project.BuildAsync()).FailsWith("LAVA1065");
    }

    [TestMethod]
    public async Task A_locked_restore_or_build_refuses_it()
    {
        using TestProject project = await BuiltAsync();
        string release = project.CurrentRelease;
        (await project.RestoreAsync("--locked-mode", "-p:LavaDevelop=hello=dev")).FailsWith("LAVA1089");
        (await project.BuildAsync("-p:ContinuousIntegrationBuild=true", "-p:LavaDevelop=hello=dev")).FailsWith("LAVA1089");
        (await project.BuildAsync("-p:LavaDevelop=hello=dev")).Succeeds();
        (await project.BuildAsync("--no-restore", "-p:ContinuousIntegrationBuild=true", "-p:LavaDevelop=hello=dev")).FailsWith("LAVA1089");
        Assert.AreNotEqual(release, project.CurrentRelease);
    }

    [TestMethod]
    public async Task A_release_build_with_a_directory_warns_once_and_a_locked_one_fails()
    {
        using TestProject project = await BuiltAsync();
        CommandResult result = (await project.BuildAsync("-c", "Release", "-p:LavaDevelop=hello=dev")).Succeeds();
        Assert.AreEqual("LAVA1088", result.Warnings.Single().Code);
        project.Describe(TestProject.Items("""<LavaComponent Include="hello" Source="local" Path="dev" PythonPath="." />"""));
        (await project.BuildAsync()).Succeeds();
        Assert.AreEqual("LAVA1088", (await project.BuildAsync("-c", "Release")).Succeeds().Warnings.Single().Code);
        (await project.BuildAsync("-c", "Release", "-p:ContinuousIntegrationBuild=true")).FailsWith("LAVA1089");
        (await project.BuildAsync("-p:ContinuousIntegrationBuild=true")).Succeeds();
    }

    [TestMethod]
    [DataRow("LAVA1086", "dev")]
    [DataRow("LAVA1087", "helo=dev")]
    [DataRow("LAVA1032", "hello=nowhere")]
    public async Task What_cannot_be_developed_is_told(string code, string develop)
    {
        using TestProject project = await BuiltAsync();
        CommandResult result = (await project.BuildAsync($"-p:LavaDevelop={develop}")).FailsWith(code);
        Assert.AreEqual(project.File, result.Error(code).File);
    }

    private static async Task<TestProject> BuiltAsync()
    {
        TestProject project = new();
        project.Pack(
            "hello",
            "1.0",
            (Hello, "WHO = 'pinned'"),
            ("lib/python3.11/site-packages/other.py", "WHO = 'pinned'"),
            ("usr/share/hello/data", "pinned data"));
        project.Write("dev/hello/__init__.py", "WHO = 'developed'");
        project.Write("dev/other.py", "WHO = 'developed'");
        project.Describe(TestProject.Items(TestProject.Component("hello", "1.0")));
        (await project.BuildAsync()).Succeeds();
        return project;
    }

    private static async Task<CommandResult> WhoAsync(TestProject project) => (await project.RunAsync(
        Path.Combine(project.Instance, "bin", "python"), "-c", "import hello, other; print(hello.WHO, other.WHO)")).Succeeds();
}
