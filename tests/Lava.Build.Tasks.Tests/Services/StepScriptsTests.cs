using System.Diagnostics;
using Lava.Build.Releases;
using Lava.Build.Services;

namespace Lava.Build.Tests.Services;

[TestClass]
public sealed class StepScriptsTests
{
    private const string Counting = "echo \"$LAVA_INSTANCE|$LAVA_RELEASE|$WHO|$PWD\" >> var/log";

    [TestMethod]
    [DataRow(StepFrequency.Release, "one one", 1)]
    [DataRow(StepFrequency.Release, "one two one", 3)]
    [DataRow(StepFrequency.Instance, "one two one", 1)]
    [DataRow(StepFrequency.Start, "one one two", 3)]
    public async Task A_step_is_carried_out_as_often_as_it_says(StepFrequency once, string starts, int expected)
    {
        using TemporaryDirectory instance = new();
        foreach (string release in starts.Split(' '))
        {
            Assert.AreEqual(0, (await RunAsync(instance, release, Step(once, Counting))).ExitCode);
        }

        Assert.HasCount(expected, File.ReadAllLines(Log(instance)));
    }

    [TestMethod]
    public async Task It_runs_in_the_instance_and_knows_the_release_and_its_variables()
    {
        using TemporaryDirectory instance = new();
        await RunAsync(instance, "one", Step(StepFrequency.Start, Counting));
        Assert.AreEqual($"{instance.Path}|{instance.Path}/code/one|it's $me|{instance.Path}\n", File.ReadAllText(Log(instance)));
    }

    [TestMethod]
    public async Task A_step_that_fails_gives_its_exit_code_and_is_due_again()
    {
        using TemporaryDirectory instance = new();
        StepDescription step = Step(StepFrequency.Release, $"{Counting}; echo because >&2; exit 7");
        for (int i = 0; i < 2; i++)
        {
            (int exitCode, string error) = await RunAsync(instance, "one", step);
            Assert.AreEqual(7, exitCode);
            Assert.AreEqual("because\n", error);
        }

        Assert.HasCount(2, File.ReadAllLines(Log(instance)));
        Assert.IsFalse(Directory.Exists(Path.Combine(instance.Path, "var", "steps")));
    }

    [TestMethod]
    public async Task A_step_that_another_release_has_begun_and_not_ended_is_due_again_after_the_way_back()
    {
        using TemporaryDirectory instance = new();
        (string Release, string Command, int ExitCode)[] starts = [("one", Counting, 0), ("two", $"{Counting}; exit 7", 7), ("one", Counting, 0), ("one", Counting, 0)];
        foreach ((string release, string command, int exitCode) in starts)
        {
            Assert.AreEqual(exitCode, (await RunAsync(instance, release, Step(StepFrequency.Release, command))).ExitCode);
        }

        Assert.HasCount(3, File.ReadAllLines(Log(instance)));
    }

    private static StepDescription Step(StepFrequency once, string command) => new()
    {
        Name = "count",
        Command = command,
        Once = once,
        Environment = new Dictionary<string, string> { ["WHO"] = "it's $me" },
    };

    private static string Log(TemporaryDirectory instance) => Path.Combine(instance.Path, "var", "log");

    private static async Task<(int ExitCode, string Error)> RunAsync(TemporaryDirectory instance, string release, StepDescription step)
    {
        GeneratedFile file = StepScripts.For([step]).Single();
        string path = Path.Combine(instance.Path, "code", release, file.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Directory.CreateDirectory(Path.Combine(instance.Path, "var"));
        ProgramFile.Write(path, file.Content!, file.Mode);
        ProcessStartInfo start = new(path) { RedirectStandardError = true, WorkingDirectory = "/" };
        start.Environment.Remove("LAVA_INSTANCE");
        using Process process = Process.Start(start)!;
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, error);
    }
}
