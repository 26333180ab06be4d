using System.Diagnostics;

namespace Lava.Build.Sdk.Tests;

/// <summary>Locks of the living and the dead, and builds that are interrupted.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class FaultLockTests
{
    private const string Holder = "assembling a release, process 4711 of somebody on another";

    [TestMethod]
    [DataRow("instances/instance/code/.lock", "Waiting for the instance")]
    [DataRow("cache/lava-build/locks/unpack", "Waiting for another build that unpacks")]
    public async Task A_build_waits_for_a_living_holder_and_says_for_whom(string path, string words)
    {
        using TestProject project = await ChangedAsync();
        string file = project[path];
        File.WriteAllText(file, Holder + "\n");
        // .NET takes the same lock, flock(2), for a file that it shares with nobody.
        FileStream held = new(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        CommandResult result = await project.WatchBuildAsync((_, line) =>
        {
            if (line.Contains(words, StringComparison.Ordinal))
            {
                held.Dispose();
            }
        });
        held.Dispose();
        result.Succeeds().Says(words).Says(Holder);
        await project.AssertRunsAsync("2.0");
    }

    [TestMethod]
    [DataRow("instances/instance/code/.lock")]
    [DataRow("cache/lava-build/locks/unpack")]
    public async Task A_lock_of_a_killed_process_is_none(string path)
    {
        using TestProject project = await ChangedAsync();
        string file = project[path];
        File.WriteAllText(file, Holder + "\n");
        using (Process holder = Process.Start(new ProcessStartInfo("flock", ["--no-fork", file, "sh", "-c", "echo held; exec sleep 600"]) { RedirectStandardOutput = true })!)
        {
            Assert.AreEqual("held", await holder.StandardOutput.ReadLineAsync());
            holder.Kill();
            await holder.WaitForExitAsync();
        }

        (await project.BuildAsync()).Succeeds().DoesNotSay("Waiting").DoesNotSay(Holder);
        await project.AssertRunsAsync("2.0");
    }

    [TestMethod]
    public async Task An_interrupted_build_says_so_and_leaves_everything_as_it_was()
    {
        using TestProject project = await ChangedAsync("""<ItemGroup><LavaCommand Include="slow" Command="echo started; exec sleep 600" /></ItemGroup>""");
        bool sent = false;
        CommandResult result = await project.WatchBuildAsync(
            (process, line) =>
            {
                if (!sent && line.Contains("started", StringComparison.Ordinal))
                {
                    sent = true;
                    using Process kill = Process.Start("kill", ["-INT", $"{process.Id}"])!;
                    kill.WaitForExit();
                }
            },
            "-v:d");
        Assert.IsTrue(sent, result.ToString());
        Assert.AreEqual(1, result.ExitCode, result.ToString());
        // MSBuild's own words, and no error of ours beside them.
        result.HasNoStack().Says("Attempting to cancel the build...");
        Assert.IsFalse(result.Errors.Any(error => error.Code.StartsWith("LAVA", StringComparison.Ordinal)), result.ToString());
        await project.AssertRunsAsync("1.0");
        Assert.HasCount(1, project.Releases);
        project.Describe(TestProject.Items(TestProject.Component("alpha", "2.0")));
        await project.AssertConvergesAsync("2.0");
    }

    private static async Task<TestProject> ChangedAsync(string more = "")
    {
        TestProject project = await Faults.BuiltAsync();
        project.PackAlpha("2.0");
        project.Describe(TestProject.Items(TestProject.Component("alpha", "2.0")) + more);
        return project;
    }
}
