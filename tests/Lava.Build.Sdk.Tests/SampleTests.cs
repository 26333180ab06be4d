using System.Text.Json;

namespace Lava.Build.Sdk.Tests;

/// <summary>The sample for real: packages of Debian 12 come from its archive, and a LAVA server starts from them.</summary>
[TestClass]
[DoNotParallelize]
public sealed class SampleTests
{
    private const string Activated = """. "$1"/bin/activate && shift && "$@" """;

    [TestMethod]
    [TestCategory("Slow")]
    public async Task The_sample_is_fetched_built_activated_checked_and_built_beside()
    {
        using TestProject place = new();
        string lockFile = Path.Combine(Repository.Root, "sample-instance", "instance.lock.json");
        string locked = await File.ReadAllTextAsync(lockFile);
        string instance = place["instances", "sample"];

        (await BuildAsync(place)).Succeeds().Says($"instance -> {instance}/code/2023.01-2+");
        Assert.AreEqual(locked, await File.ReadAllTextAsync(lockFile));
        string first = TestProject.ReleaseOf(instance);
        StringAssert.StartsWith(first, "2023.01-2+", StringComparison.Ordinal);
        (await RunActivatedAsync(place, instance, "lava-server", "--version")).Succeeds().Says("2023.01");
        (await RunActivatedAsync(place, instance, "lava-server", "manage", "check")).Succeeds().Says("System check identified no issues");

        // Nothing of the host's /etc/lava-server: every kind of file is looked for in the instance.
        CommandResult kinds = await RunActivatedAsync(
            place, instance, "lava-server", "manage", "shell", "-c", "from lava_server.files import File; print(File.KINDS)");
        kinds.Succeeds().Says($"{instance}/etc/lava-server").DoesNotSay("'/etc/lava-server");

        string before = await Snapshot.OfAsync(place["instances"], place["cache"]);
        CommandResult again = (await BuildAsync(place, "-v:n")).Succeeds();
        again.Says("Skipping target \"_CompareLavaRestore\"").Says("Skipping target \"_CompareLavaBuild\"");
        Assert.AreEqual(before, await Snapshot.OfAsync(place["instances"], place["cache"]));

        string release = Path.Combine(instance, "code", first);
        before = await Snapshot.OfAsync(release);
        (await BuildAsync(place, "-c", "Release")).Succeeds();
        Assert.AreNotEqual(first, TestProject.ReleaseOf(instance));
        Assert.HasCount(2, TestProject.ReleasesOf(instance));
        Assert.AreEqual(before, await Snapshot.OfAsync(release));
        (await RunActivatedAsync(place, instance, "lava-server", "--version")).Succeeds().Says("2023.01");
        (await place.RunAsync(Path.Combine(release, "bin", "lava-server"), "--version")).Succeeds().Says("2023.01");

        await ChangeOneVersionAsync(place);
        (await place.BuildAsync($"-p:LavaPrefix={place["instances"]}/")).Succeeds().Says("67 components, 1 of them resolved now");
        Assert.HasCount(3, TestProject.ReleasesOf(instance));
        Assert.AreEqual(before, await Snapshot.OfAsync(release));
        StringAssert.Contains(
            await File.ReadAllTextAsync(Path.Combine(instance, "code", "current", "manifest.txt")), "libjs-prettify == 9-1\n", StringComparison.Ordinal);
        (await RunActivatedAsync(place, instance, "lava-server", "manage", "check")).Succeeds().Says("System check identified no issues");
    }

    // The package that the cache has, as another version of itself: which others apt offers changes with time.
    private static async Task ChangeOneVersionAsync(TestProject place)
    {
        const string Name = "libjs-prettify";
        string sample = Path.Combine(Repository.Root, "sample-instance");
        string locked = await File.ReadAllTextAsync(Path.Combine(sample, "instance.lock.json"));
        using JsonDocument document = JsonDocument.Parse(locked);
        JsonElement pin = document.RootElement.GetProperty("components").GetProperty(Name);
        string archive = Path.Combine(place.Cache, "archives", pin.GetProperty("sha256").GetString()!);
        (await place.RunAsync("dpkg-deb", "-R", archive, place["package"])).Succeeds();
        string control = place["package", "DEBIAN", "control"];
        await File.WriteAllTextAsync(control, (await File.ReadAllTextAsync(control)).Replace(pin.GetProperty("version").GetString()!, "9-1", StringComparison.Ordinal));
        (await place.RunAsync("dpkg-deb", "--root-owner-group", "-b", place["package"], place["prettify.deb"])).Succeeds();

        string components = await File.ReadAllTextAsync(Path.Combine(sample, "components.props"));
        string asked = $"""<LavaComponent Include="{Name}" Source="deb" Version="{pin.GetProperty("version").GetString()}" />""";
        StringAssert.Contains(components, asked, StringComparison.Ordinal);
        string changed = $"""<LavaComponent Include="{Name}" Source="archive" Version="9-1" Path="prettify.deb" />""";
        place.Write("components.props", components.Replace(asked, changed, StringComparison.Ordinal));
        place.Write("instance.lock.json", locked);
        string text = await File.ReadAllTextAsync(Path.Combine(sample, "instance.proj"));
        string assembly = $"<LavaBuildTasksAssembly>{Repository.TasksAssembly}</LavaBuildTasksAssembly>";
        place.Write("instance.proj", text
            .Replace("../src/", $"{Repository.Root}/src/", StringComparison.Ordinal)
            .Replace("<LavaInstance>", $"{assembly}<LavaInstance>", StringComparison.Ordinal));
    }

    private static Task<CommandResult> BuildAsync(TestProject place, params string[] arguments) => place.DotNetAsync(
    [
        "build", Path.Combine(Repository.Root, "sample-instance", "instance.proj"),
        $"-p:LavaPrefix={place["instances"]}/",
        // The state of whoever builds the sample in this repository is left alone.
        $"-p:MSBuildProjectExtensionsPath={place["obj"]}/",
        .. arguments,
    ]);

    private static Task<CommandResult> RunActivatedAsync(TestProject place, string instance, params string[] command) =>
        place.RunAsync("bash", ["-c", Activated, "bash", instance, .. command]);
}
