namespace Lava.Build.Sdk.Tests;

[TestClass]
[TestCategory("Slow")]
public sealed class SolutionTests
{
    public static string Library(string items) => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup><TargetFramework>net10.0</TargetFramework><NuGetAudit>false</NuGetAudit></PropertyGroup>
          <ItemGroup>{items}</ItemGroup>
        </Project>
        """;

    [TestMethod]
    public async Task A_solution_builds_its_instances_and_its_libraries()
    {
        using TestProject project = await SolutionAsync();
        string first = project["first", "instances", "first"];
        string second = project["second", "instances", "second"];

        (await project.DotNetAsync("restore", "all.sln")).Succeeds();
        Assert.IsTrue(File.Exists(project["first", "first.lock.json"]));
        Assert.IsTrue(File.Exists(project["second", "second.lock.json"]));
        Assert.IsFalse(Directory.Exists(first));

        (await project.DotNetAsync("build", "all.sln")).Succeeds()
            .Says($"first -> {first}/code/1.0+")
            .Says($"second -> {second}/code/1.0+")
            .Says("library.dll");
        string before = await Snapshot.OfAsync(first, second);

        (await project.DotNetAsync("clean", "all.sln")).Succeeds();
        Assert.IsFalse(File.Exists(project["library", "bin", "Debug", "net10.0", "library.dll"]));
        Assert.AreEqual(before, await Snapshot.OfAsync(first, second));

        (await project.DotNetAsync("build", "all.sln", "-c", "Release")).Succeeds();
        Assert.HasCount(2, TestProject.ReleasesOf(first));
        Assert.HasCount(2, TestProject.ReleasesOf(second));
    }

    [TestMethod]
    public async Task Testing_packing_and_publishing_a_solution_pass_over_its_instances()
    {
        using TestProject project = await SolutionAsync();
        (await project.DotNetAsync("test", "all.sln")).Succeeds();
        (await project.DotNetAsync("pack", "all.sln", "-c", "Debug")).Succeeds();
        Assert.IsTrue(File.Exists(project["library", "bin", "Debug", "library.1.0.0.nupkg"]));
        (await project.DotNetAsync("publish", "all.sln", "-c", "Debug")).Succeeds();
        Assert.IsTrue(File.Exists(project["library", "bin", "Debug", "net10.0", "publish", "library.dll"]));
    }

    [TestMethod]
    [DataRow]
    [DataRow("-graph")]
    public async Task A_solution_in_the_XML_format_builds_its_instance(params string[] switches)
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.DotNetAsync("new", "sln", "-n", "all", "--format", "slnx")).Succeeds();
        (await project.DotNetAsync("sln", "all.slnx", "add", "instance.proj")).Succeeds();
        (await project.DotNetAsync(["build", "all.slnx", .. switches])).Succeeds().Says($"instance -> {project.Instance}/code/1.0+");
    }

    [TestMethod]
    public async Task A_solution_can_list_an_instance_without_building_it()
    {
        using TestProject project = await SolutionAsync();
        string solution = project.Read("all.sln");
        string[] lines = solution.Split('\n');
        string guid = lines.Single(line => line.Contains("first.proj", StringComparison.Ordinal)).Split('"')[^2];
        project.Write("all.sln", string.Join('\n', lines.Where(
            line => !(line.Contains(guid, StringComparison.Ordinal) && line.Contains(".Build.0", StringComparison.Ordinal)))));
        (await project.DotNetAsync("build", "all.sln")).Succeeds().DoesNotSay("first -> ").Says("second -> ");
        Assert.IsFalse(Directory.Exists(project["first", "instances"]));
    }

    [TestMethod]
    public async Task A_solution_restored_by_static_graph_says_that_its_instances_were_passed_over()
    {
        using TestProject project = await SolutionAsync();
        (await project.DotNetAsync("restore", "all.sln", "-p:RestoreUseStaticGraphEvaluation=true")).Succeeds();
        (await project.DotNetAsync("build", "all.sln", "--no-restore")).FailsWith("LAVA1016", "LAVA1016");
    }

    /// <summary>Two instances and a library, put into a solution as a user would.</summary>
    private static async Task<TestProject> SolutionAsync()
    {
        TestProject project = new();
        foreach (string name in (string[])["first", "second"])
        {
            project.PackAlpha("1.0", name);
            project.Write($"{name}/{name}.proj", TestProject.ProjectText(TestProject.Items(TestProject.Component("alpha", "1.0"))));
        }

        project.Write("library/library.csproj", Library(""));
        project.Write("library/Class.cs", "public class Class;");
        (await project.DotNetAsync("new", "sln", "-n", "all", "--format", "sln")).Succeeds();
        (await project.DotNetAsync("sln", "all.sln", "add", "first/first.proj", "second/second.proj", "library/library.csproj")).Succeeds();
        return project;
    }
}
