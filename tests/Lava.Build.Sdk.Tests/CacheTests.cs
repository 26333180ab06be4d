using System.Globalization;

namespace Lava.Build.Sdk.Tests;

/// <summary>The cache between builds: pruned, deleted and shared.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class CacheTests
{
    private static readonly string[] Users = ["12001", "12002"];

    [TestMethod]
    public async Task A_prune_says_what_it_removed_and_the_instance_goes_on_without()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        (await PruneAsync(project)).Succeeds().Says("Removed 0 archives, 0 trees and 0 other entries");
        (await PruneAsync(project, "-p:LavaCacheDays=0")).Succeeds().Says($"Removed 1 archives, 1 trees and 0 other entries from {project.Cache}: ");
        Assert.IsEmpty(Directory.GetFileSystemEntries(Path.Combine(project.Cache, "archives")));
        (await project.BuildAsync("--no-incremental")).Succeeds().DoesNotSay("warning");
        (await project.BuildAsync("-p:LavaInstance=other")).Succeeds();
    }

    [TestMethod]
    [DataRow("-1")]
    [DataRow("soon")]
    public async Task Days_that_are_no_number_are_an_error(string days)
    {
        using TestProject project = TestProject.OfAlpha();
        CommandResult result = (await PruneAsync(project, $"-p:LavaCacheDays={days}")).FailsWith("LAVA1061");
        Assert.Contains("LavaCacheDays", result.Error("LAVA1061").Text);
    }

    [TestMethod]
    public async Task A_prune_in_the_build_that_has_just_restored_does_not_wait_for_itself()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync("-t:PruneCache", "-p:LavaCacheDays=0")).Succeeds().Says("Removed 1 archives, 1 trees");
        (await project.BuildAsync()).Succeeds();
    }

    [TestMethod]
    public async Task Builds_beside_prunes_of_everything_all_end_right()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        // What is found from here on, only these builds can have made.
        (await PruneAsync(project, "-p:LavaCacheDays=0")).Succeeds();
        Task[] builds =
        [
            .. Enumerable.Range(0, 2).Select(async builder =>
            {
                for (int round = 0; round < 3; round++)
                {
                    // Projects of their own: one lock file and one obj/ are no matter of the cache.
                    string directory = $"p{builder}";
                    project.PackAlpha("1.0", directory);
                    project.Write($"{directory}/instance.proj", project.Read("instance.proj"));
                    string instance = string.Create(CultureInfo.InvariantCulture, $"i{round}");
                    CommandResult result = (await project.DotNetAsync("build", $"{directory}/instance.proj", $"-p:LavaInstance={instance}")).Succeeds();
                    result.DoesNotSay("warning");
                    string program = project[directory, "instances", instance, "bin", "alpha"];
                    Assert.AreEqual("alpha 1.0\n", (await project.RunAsync(program)).Succeeds().Output);
                }
            }),
        ];
        List<CommandResult> prunes = [];
        while (!Task.WhenAll(builds).IsCompleted)
        {
            prunes.Add((await PruneAsync(project, "-p:LavaCacheDays=0")).Succeeds().Says("Removed "));
        }

        await Task.WhenAll(builds);
        Assert.IsTrue(prunes.Any(MetBuilds), string.Join('\n', prunes));
    }

    [TestMethod]
    [DataRow(0b010_111_111_000)]
    [DataRow(0b011_111_111_000)]
    public async Task Two_users_build_with_one_cache(int mode)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Inconclusive("Only root can be two users.");
        }

        using TestProject project = TestProject.OfAlpha();
        string cache = project["shared"];
        File.SetUnixFileMode(project.Path, (UnixFileMode)0b111_101_101);
        Directory.CreateDirectory(cache);
        (await project.RunAsync("chgrp", "13000", cache)).Succeeds();
        File.SetUnixFileMode(cache, (UnixFileMode)mode);
        foreach (string user in Users)
        {
            project.PackAlpha("1.0", user);
            project.Write($"{user}/instance.proj", project.Read("instance.proj"));
            (await project.RunAsync("chown", "-R", $"{user}:{user}", project[user])).Succeeds();
        }

        CommandResult first = (await AsAsync(project, Users[0], cache)).Succeeds();
        Assert.IsEmpty(first.Warnings);
        CommandResult second = (await AsAsync(project, Users[1], cache)).Succeeds();
        Assert.IsTrue(second.Warnings.All(warning => warning.Code == "LAVA4032"), second.ToString());
        foreach (string user in Users)
        {
            Assert.AreEqual("alpha 1.0\n", (await project.RunAsync(project[user, "instances", "instance", "bin", "alpha"])).Succeeds().Output);
            (await AsAsync(project, user, cache, "--no-incremental")).Succeeds().DoesNotSay("warning");
        }
    }

    private static bool MetBuilds(CommandResult prune) =>
        prune.Output.Contains("Other builds use the cache", StringComparison.Ordinal)
        || !prune.Output.Contains("Removed 0 archives, 0 trees and 0 other", StringComparison.Ordinal);

    private static Task<CommandResult> PruneAsync(TestProject project, params string[] arguments) =>
        project.DotNetAsync(["build", "instance.proj", "--no-restore", "-t:PruneCache", .. arguments]);

    private static Task<CommandResult> AsAsync(TestProject project, string user, string cache, params string[] arguments) => project.RunAsync(
        "setpriv",
        [
            $"--reuid={user}", $"--regid={user}", "--groups=13000", "env", $"HOME={project[user]}", $"TMPDIR={project[user]}",
            "sh", "-c", "umask 077; exec \"$@\"", "sh", "dotnet", "build", project[user, "instance.proj"], $"-p:LavaCacheRoot={cache}", .. arguments,
        ]);
}
