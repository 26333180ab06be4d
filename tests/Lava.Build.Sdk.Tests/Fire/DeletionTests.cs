using System.Diagnostics;

namespace Lava.Build.Sdk.Tests.Fire;

/// <summary>The cache, or a part of it, is deleted by hand while builds work with it.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class DeletionTests(TestContext context)
{
    private const int DefaultDeletions = 10;
    private const string Instance = "main";
    private static readonly string[] Parts = ["", "archives", "trees", "incoming", "locks", "state"];

    [TestMethod]
    public async Task A_cache_that_is_deleted_while_a_build_runs_costs_one_line_at_most_and_the_next_build_converges()
    {
        int seed = FireSettings.Seed;
        context.WriteLine($"LAVA_TEST_SEED={seed}");
        Random random = new(seed);
        using FireProject fire = await FireProject.CreateAsync();
        fire.Describe(0);
        long start = Stopwatch.GetTimestamp();
        (await BuildAsync(fire)).Succeeds();
        TimeSpan duration = Stopwatch.GetElapsedTime(start);
        SortedDictionary<string, int> outcomes = new(StringComparer.Ordinal);
        for (int version = 1; version <= FireSettings.Count("LAVA_TEST_DELETIONS", DefaultDeletions); version++)
        {
            string before = InstanceCheck.Current(fire.InstanceOf(Instance))!;
            fire.Describe(version);
            string part = Parts[random.Next(Parts.Length)];
            Task<CommandResult> build = BuildAsync(fire);
            await Task.Delay(duration * random.NextDouble());

            // It may meet with what is just being made, as anybody's would, and then leave a part.
            await fire.Project.RunAsync("rm", "-rf", Path.Combine(fire.Cache, part));
            CommandResult result = await build;
            string what = $"{part} deleted\n{result}";
            result.HasNoStack();
            Assert.HasCount(result.ExitCode == 0 ? 0 : 1, result.Errors, what);
            string outcome = $"{part}: {(result.ExitCode == 0 ? "none" : result.Errors[0].Code)}";
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            Assert.IsEmpty(InstanceCheck.ReleaseFaults(fire.InstanceOf(Instance)), what);
            Assert.IsTrue(result.ExitCode == 0 || InstanceCheck.Current(fire.InstanceOf(Instance)) == before, what);

            (await BuildAsync(fire)).Succeeds();
            Assert.AreEqual($"alpha {version}\n", (await fire.Project.RunAsync(Path.Combine(fire.InstanceOf(Instance), "bin", "alpha"))).Output, what);
            Assert.IsEmpty(CacheCheck.Faults(fire.Cache), what);
        }

        context.WriteLine(string.Join('\n', outcomes.Select(outcome => $"| {outcome.Key} | {outcome.Value} |")));
    }

    private static Task<CommandResult> BuildAsync(FireProject fire) => fire.Project.DotNetAsync(FireProject.BuildArguments(Instance));
}
