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
        again.Says("Skipping target \"FetchLavaComponents\"").Says("Skipping target \"AssembleLavaRelease\"");
        Assert.AreEqual(before, await Snapshot.OfAsync(place["instances"], place["cache"]));

        string release = Path.Combine(instance, "code", first);
        before = await Snapshot.OfAsync(release);
        (await BuildAsync(place, "-c", "Release")).Succeeds();
        Assert.AreNotEqual(first, TestProject.ReleaseOf(instance));
        Assert.HasCount(2, TestProject.ReleasesOf(instance));
        Assert.AreEqual(before, await Snapshot.OfAsync(release));
        (await RunActivatedAsync(place, instance, "lava-server", "--version")).Succeeds().Says("2023.01");
        (await place.RunAsync(Path.Combine(release, "bin", "lava-server"), "--version")).Succeeds().Says("2023.01");
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
