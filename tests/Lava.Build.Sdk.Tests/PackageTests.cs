using System.IO.Compression;
using NuGet.Frameworks;

namespace Lava.Build.Sdk.Tests;

[TestClass]
[TestCategory("Slow")]
public sealed class PackageTests
{
    // MSBuild 18.6, the oldest that the targets accept, runs on .NET 10.
    private static readonly NuGetFramework Runtime = NuGetFramework.Parse("net10.0");

    private static readonly TestDirectory Feed = new();

    // A version that no other run has: what is restored once under a version is never looked at again.
    private static readonly string Version = $"1.0.0-test.{Guid.NewGuid():N}";

    private static readonly Lazy<Task<string>> Package = new(PackAsync);

    [ClassCleanup]
    public static void RemoveFeed() => Feed.Dispose();

    [TestMethod]
    public async Task The_package_holds_the_SDK_and_tasks_that_its_oldest_MSBuild_can_load()
    {
        using ZipArchive package = await ZipFile.OpenReadAsync(await Package.Value);
        string[] names = [.. package.Entries.Select(entry => entry.FullName)];
        foreach (string folder in (string[])["Sdk", "targets", "applications"])
        {
            foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository.Sdk, folder), "*", SearchOption.AllDirectories))
            {
                string name = Path.GetRelativePath(Repository.Sdk, file);
                if (!name.Contains("__pycache__", StringComparison.Ordinal))
                {
                    CollectionAssert.Contains(names, name);
                }
            }
        }

        string assembly = names.Single(name => name.EndsWith(".dll", StringComparison.Ordinal));
        CollectionAssert.Contains(names, Path.ChangeExtension(assembly, ".runtimeconfig.json"), "dotnet exec runs it, too.");
        string[] parts = assembly.Split('/');
        Assert.AreEqual("tools", parts[0]);
        Assert.AreEqual("Lava.Build.Tasks.dll", parts[^1]);
        NuGetFramework folderFramework = NuGetFramework.ParseFolder(parts[1]);
        Assert.IsTrue(DefaultCompatibilityProvider.Instance.IsCompatible(Runtime, folderFramework), $"{assembly} on {Runtime}");

        using StreamReader nuspec = new(await package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).OpenAsync());
        string text = await nuspec.ReadToEndAsync();
        StringAssert.Contains(text, "packageType name=\"MSBuildSdk\"", StringComparison.Ordinal);
        Assert.IsFalse(text.Contains("<dependency ", StringComparison.Ordinal), text);
    }

    [TestMethod]
    public async Task A_project_outside_the_repository_builds_with_the_packed_SDK_alone()
    {
        using TestProject project = await OutsideAsync($"Lava.Build.Sdk/{Version}");
        CommandResult result = (await project.BuildAsync("-v:d")).Succeeds();
        result.DoesNotSay(Repository.Root + "/").Says($"instance -> {project.Instance}/code/1.0+");
        (await project.RunAsync(Path.Combine(project.Instance, "bin", "alpha"))).Succeeds().Says("alpha 1.0");
        CommandResult tasks = await project.DotNetAsync("msbuild", "instance.proj", "-getProperty:LavaBuildTasksAssembly");
        StringAssert.StartsWith(Path.GetFullPath(tasks.Succeeds().Output.Trim()), project["packages"], StringComparison.Ordinal);
        (await project.BuildAsync("-v:n")).Succeeds().Says("Skipping target \"_CompareLavaBuild\"");
        (await project.DotNetAsync("run", "--project", "instance.proj", "-p:LavaUser=root", "--", "alpha")).Succeeds().Says("alpha 1.0");
    }

    [TestMethod]
    public async Task The_version_of_the_SDK_can_stand_in_global_json()
    {
        using TestProject project = await OutsideAsync("Lava.Build.Sdk");
        project.Write("global.json", $$"""{ "msbuild-sdks": { "Lava.Build.Sdk": "{{Version}}" } }""");
        (await project.BuildAsync()).Succeeds().Says($"instance -> {project.Instance}/code/1.0+");
    }

    [TestMethod]
    public async Task The_application_of_the_package_is_found()
    {
        using TestProject project = await OutsideAsync($"Lava.Build.Sdk/{Version}");
        (await project.DotNetAsync("msbuild", "instance.proj", "-p:LavaApplication=lava-server", "-getItem:LavaLauncher,LavaTemplate"))
            .Succeeds().Says("lava_instance.cli:main").Says("settings.yaml").DoesNotSay(Repository.Root + "/");
    }

    private static async Task<TestProject> OutsideAsync(string sdk)
    {
        await Package.Value;
        TestProject project = new();
        project.PackAlpha("1.0");
        project.Write("instance.proj", $"<Project Sdk=\"{sdk}\">{TestProject.Items(TestProject.Component("alpha", "1.0"))}</Project>");
        project.Write("nuget.config", $"""
            <configuration>
              <packageSources><clear /><add key="feed" value="{Feed.Path}" /></packageSources>
            </configuration>
            """);
        project.SetVariable("NUGET_PACKAGES", project["packages"]);
        return project;
    }

    /// <summary>Packs what the tests were built with; building it again would change files under tests that run at the same time.</summary>
    private static async Task<string> PackAsync()
    {
        using TestProject environment = new();
        (await environment.DotNetAsync(
            "pack", Repository.Sdk, "--no-build", "-c", Repository.Configuration, "-o", Feed.Path, $"-p:PackageVersion={Version}")).Succeeds();
        return Directory.GetFiles(Feed.Path, "*.nupkg").Single();
    }
}
