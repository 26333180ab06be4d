using System.Text.Json;

namespace Lava.Build.Sdk.Tests;

[TestClass]
[TestCategory("Slow")]
public sealed class ServiceTests
{
    private const string Items = """
        <ItemGroup>
          <LavaValue Include="Port" Value="8123" />
          <LavaService Include="web" Command="alpha" Arguments="--port;@{Port};a%3Bb;@{InstanceRoot}/x" After="prepare" HealthHttp="http://127.0.0.1:@{Port}/" Restart="never" />
          <LavaStep Include="prepare" Command="echo prepared" />
          <LavaCheck Include="home page" Http="http://127.0.0.1:@{Port}/" Expected="alpha" />
        </ItemGroup>
        """;

    [TestMethod]
    public async Task What_runs_stands_in_the_release_and_its_change_makes_another()
    {
        using TestProject project = TestProject.OfAlpha(more: Items);
        (await project.BuildAsync()).Succeeds();
        string release = Path.Combine(project.Instance, "code", "current");
        string name = Path.GetFileName(Directory.ResolveLinkTarget(release, true)!.FullName);
        using (JsonDocument services = JsonDocument.Parse(File.ReadAllText(Path.Combine(release, "share", "lava-build", "services.json"))))
        {
            JsonElement web = services.RootElement.GetProperty("services")[0];
            Assert.AreEqual("--port|8123|a;b|@{InstanceRoot}/x", string.Join('|', web.GetProperty("arguments").EnumerateArray().Select(argument => argument.GetString())));
            Assert.AreEqual("Never", web.GetProperty("restart").GetString());
            Assert.AreEqual("http://127.0.0.1:8123/", services.RootElement.GetProperty("checks")[0].GetProperty("http").GetString());
        }

        (await project.RunAsync(Path.Combine(release, "libexec", "lava-build", "steps", "prepare"))).Succeeds().Says("prepared");
        Assert.AreEqual(name, File.ReadAllText(Path.Combine(project.Instance, "var", "steps", "prepare")).Trim());

        project.Describe(TestProject.Items(TestProject.Component("alpha", "1.0")) + Items.Replace("8123", "8124", StringComparison.Ordinal));
        (await project.BuildAsync()).Succeeds();
        Assert.AreNotEqual(name, Path.GetFileName(Directory.ResolveLinkTarget(release, true)!.FullName));
    }

    [TestMethod]
    public async Task Units_are_installed_for_another_host_and_removed()
    {
        string user = System.Environment.UserName == "root" ? "daemon" : System.Environment.UserName;
        using TestProject project = TestProject.OfAlpha(more: Items + $"<PropertyGroup><LavaUser>{user}</LavaUser><LavaUnitDirectory>units</LavaUnitDirectory></PropertyGroup>");
        File.SetUnixFileMode(project.Path, (UnixFileMode)0b111_101_101);
        CommandResult result = (await project.BuildAsync("-t:InstallServices")).Succeeds();
        Assert.AreEqual(1, result.Output.Split('\n').Count(line => line.Contains("Enabled lava-instance.target", StringComparison.Ordinal)));
        string unit = File.ReadAllText(project["units", "lava-instance-web.service"]);
        StringAssert.Contains(unit, $"# Lava.Build wrote this for the instance {project.Instance}; ", StringComparison.Ordinal);
        StringAssert.Contains(unit, "Requires=lava-instance-prepare.service", StringComparison.Ordinal);

        // Nothing changes, so nothing is said but that no systemd was asked.
        (await project.BuildAsync("-t:InstallServices")).Succeeds().DoesNotSay("Wrote ");
        (await project.BuildAsync("-t:RemoveServices")).Succeeds().Says("Removed ");
        Assert.IsEmpty(Directory.GetFiles(project["units"], "*", SearchOption.AllDirectories));
        Assert.IsTrue(Directory.Exists(project.CurrentRelease is { } release ? Path.Combine(project.Instance, "code", release) : ""));
    }

    [TestMethod]
    public async Task Mistakes_are_told_together_before_anything_is_fetched()
    {
        using TestProject project = TestProject.OfAlpha(more: TestProject.Items(
            """<LavaService Include="Web" Comand="alpha" />""",
            """<LavaService Include="a" Command="alpha" After="b" Restart="sometimes" />""",
            """<LavaStep Include="b" Command="true" After="a" Once="twice" />"""));
        (await project.BuildAsync()).FailsWith("LAVA1060", "LAVA1070", "LAVA1074", "LAVA1078", "LAVA1078");
        Assert.IsFalse(Directory.Exists(project.Instance));
    }
}
