using System.Globalization;
using Lava.Build.Services;
using Lava.Build.Services.Supervision;

namespace Lava.Build.Tests.Services.Supervision;

/// <summary>The time of day of a supervisor is set, by libfaketime and for it alone; the clock that nobody sets goes on.</summary>
[TestClass]
public sealed class ClockTests
{
    private const string Library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

    [TestMethod]
    public async Task A_clock_that_jumps_by_a_year_disturbs_nothing()
    {
        if (!File.Exists(Library))
        {
            Assert.Inconclusive("Only libfaketime (the package faketime) sets the clock of one process.");
        }

        using RunningInstance instance = new();
        string clock = instance.At("clock");
        Set(clock, 0);
        instance.Describe(instance.Service("web", "echo start >> var/starts; exec sleep 1000") with
        {
            Health = new HealthCheck { Command = "echo look >> var/looks", Interval = 1, Timeout = 5 },
            Restart = RestartPolicy.Always,
            RestartDelay = 1,
        });
        SupervisorProcess supervisor = instance.Run(new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = Library,
            ["FAKETIME_TIMESTAMP_FILE"] = clock,
            ["FAKETIME_NO_CACHE"] = "1",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        });
        await supervisor.SaysAsync("sample -> ");
        DateTime started = instance["web"].Since;

        foreach (int days in (int[])[400, -400])
        {
            Set(clock, days);
            int looks = Looks(instance);
            await RunningInstance.UntilAsync(() => Looks(instance) >= looks + 2, "two more looks");
            Assert.AreEqual((ServiceCondition.Healthy, 0), (instance["web"].Condition, instance["web"].Restarts));
        }

        int process = instance["web"].Process.Id;
        Lava.Build.Platform.Posix.Kill(process, Lava.Build.Platform.Posix.SIGKILL);
        await RunningInstance.UntilAsync(() => instance["web"] is { Condition: ServiceCondition.Healthy, Restarts: 1 }, "a restart");
        // Or no jump was seen, and nothing was tested.
        Assert.IsLessThan(started - TimeSpan.FromDays(300), instance["web"].Since);
        Assert.HasCount(2, await File.ReadAllLinesAsync(instance.At("var/starts")));

        Set(clock, 400);
        Assert.AreEqual(0, await supervisor.StopAsync());
        instance.AssertNothingRuns();
    }

    private static int Looks(RunningInstance instance) => File.Exists(instance.At("var/looks")) ? File.ReadAllLines(instance.At("var/looks")).Length : 0;

    // Renamed, so that nobody reads half of it.
    private static void Set(string clock, int days)
    {
        File.WriteAllText($"{clock}.new", string.Create(CultureInfo.InvariantCulture, $"{days:+0;-0;+0}d"));
        File.Move($"{clock}.new", clock, overwrite: true);
    }
}
