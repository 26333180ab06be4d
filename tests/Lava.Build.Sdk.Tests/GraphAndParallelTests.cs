namespace Lava.Build.Sdk.Tests;

[TestClass]
[TestCategory("Slow")]
public sealed class GraphAndParallelTests
{
    private const int Instances = 4;

    private const string Traversal = """
        <Project DefaultTargets="Build">
          <ItemGroup><ProjectReference Include="*/*.proj" /></ItemGroup>
          <Target Name="Restore"><MSBuild Projects="@(ProjectReference)" Targets="Restore" BuildInParallel="true" /></Target>
          <Target Name="Build"><MSBuild Projects="@(ProjectReference)" Targets="Build" BuildInParallel="true" /></Target>
        </Project>
        """;

    [TestMethod]
    [DataRow("-graph")]
    [DataRow("-graph", "-isolate")]
    [DataRow("-mt")]
    [DataRow("-mt", "-m:2")]
    public async Task An_instance_builds_however_MSBuild_runs(params string[] switches)
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync(switches)).Succeeds().Says($"instance -> {project.Instance}/code/1.0+");
        // The same again finds nothing to do.
        string before = await Snapshot.OfAsync(project.Instance, project.Cache);
        (await project.BuildAsync(switches)).Succeeds();
        Assert.AreEqual(before, await Snapshot.OfAsync(project.Instance, project.Cache));
    }

    [TestMethod]
    [DataRow("-m:4")]
    [DataRow("-m:4", "-mt")]
    [DataRow("-m:2", "-graph")]
    public async Task Several_instances_build_at_once_with_one_cache(params string[] switches)
    {
        using TestProject project = new();
        project.Write("all.proj", Traversal);
        foreach (int number in Enumerable.Range(1, Instances))
        {
            project.PackAlpha("1.0", $"host{number}");
            project.Write($"host{number}/instance{number}.proj", TestProject.ProjectText(TestProject.Items(TestProject.Component("alpha", "1.0"))));
        }

        (await project.DotNetAsync(["msbuild", "all.proj", "-nologo", "-restore", .. switches])).Succeeds();
        foreach (int number in Enumerable.Range(1, Instances))
        {
            string instance = project[$"host{number}", "instances", $"instance{number}"];
            (await project.RunAsync(Path.Combine(instance, "bin", "alpha"))).Succeeds().Says("alpha 1.0");
        }
    }

    [TestMethod]
    public async Task Two_builds_of_one_instance_at_once_both_end_right()
    {
        using TestProject project = TestProject.OfAlpha();
        CommandResult[] results = await Task.WhenAll(project.BuildAsync(), project.BuildAsync());
        Assert.HasCount(2, results);
        foreach (CommandResult result in results)
        {
            result.Succeeds().Says($"/code/{project.CurrentRelease}\n");
        }

        (await project.BuildAsync()).Succeeds();
        Assert.HasCount(1, project.Releases);
        (await project.RunAsync(Path.Combine(project.Instance, "bin", "alpha"))).Succeeds();
    }

    [TestMethod]
    [DataRow]
    [DataRow("-graph")]
    public async Task A_library_that_refers_to_an_instance_builds_it_first(params string[] switches)
    {
        using TestProject project = TestProject.OfAlpha();
        project.Write("library/library.csproj", SolutionTests.Library("""
            <ProjectReference Include="../instance.proj" SkipGetTargetFrameworkProperties="true" ReferenceOutputAssembly="false" />
            """));
        project.Write("library/Class.cs", "public class Class;");
        (await project.DotNetAsync(["build", "library/library.csproj", .. switches])).Succeeds()
            .Says($"instance -> {project.Instance}/code/{project.CurrentRelease}")
            .Says("library.dll");
        Assert.IsFalse(Directory.EnumerateFiles(project["library", "bin"], "release.json", SearchOption.AllDirectories).Any());
    }
}
