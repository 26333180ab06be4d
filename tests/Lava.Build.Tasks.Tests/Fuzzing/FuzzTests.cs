using System.Globalization;
using Lava.Build.Tests.Unpacking;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Fuzzing;

/// <summary>
/// Random and mutated input for every reader and for the planner. See docs/reliability.md for the variables.
/// </summary>
[TestClass]
[DoNotParallelize]
public sealed class FuzzTests
{
    internal const string InputVariable = "LAVA_TEST_FUZZ_INPUT";
    internal const string TargetVariable = "LAVA_TEST_FUZZ_TARGET";
    private const string SecondsVariable = "LAVA_TEST_FUZZ_SECONDS";
    private const string SeedVariable = "LAVA_TEST_SEED";
    private const string FailuresVariable = "LAVA_TEST_FUZZ_FAILURES";
    private const double DefaultSeconds = 60;

    // The same inputs in every short run: what is new is for the long ones to find, not for whoever changes something else.
    private const int DefaultSeed = 20_261_121;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [TestCategory("Slow")]
    public async Task Random_and_mutated_input_is_read_or_refused_and_nothing_else()
    {
        string only = Variable(TargetVariable);
        FuzzTarget[] all = [.. Targets()];
        try
        {
            FuzzTarget[] targets = [.. all.Where(target => only.Length == 0 || target.Name == only)];
            Assert.IsNotEmpty(targets, $"{TargetVariable} is one of {string.Join(", ", all.Select(target => target.Name))}");
            if (Variable(InputVariable) is { Length: > 0 } saved)
            {
                (string outcome, _, _) = await FuzzRun.TryAsync(targets[0], await File.ReadAllBytesAsync(saved));
                TestContext.WriteLine($"{saved}: {outcome}");
                return;
            }

            double seconds = Variable(SecondsVariable) is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : DefaultSeconds;
            int seed = Variable(SeedVariable) is { Length: > 0 } number ? int.Parse(number, CultureInfo.InvariantCulture) : DefaultSeed;
            TestContext.WriteLine($"{SeedVariable}={seed} {SecondsVariable}={seconds}\n");
            FuzzRun run = new(seed, Variable(FailuresVariable) is { Length: > 0 } failures ? failures : Path.Combine(Path.GetTempPath(), "lava-build-fuzz"));
            IReadOnlyList<string> broken = await run.RunAsync(targets, TimeSpan.FromSeconds(seconds));
            TestContext.WriteLine(run.Table());
            TestContext.WriteLine(run.Codes());
            Assert.IsEmpty(broken, string.Join("\n\n", broken));
            Assert.IsTrue(run.Counts.Values.All(count => count.Outcomes.Count > 1), $"a reader had only one outcome\n{run.Table()}");
        }
        finally
        {
            foreach (FuzzTarget target in all)
            {
                target.Dispose();
            }
        }
    }

    private static IEnumerable<FuzzTarget> Targets() =>
    [
        .. ((ArchiveFormat[])[ArchiveFormat.Zip, .. Workbench.TarFormats]).Select(format => new UnpackFuzzTarget(format)),
        .. TextFuzzTargets.All(),
        .. FileFuzzTarget.All(),
        .. RecordFuzzTargets.All(),
        new PlannerFuzzTarget(),
        new UnionFuzzTarget(),
    ];

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? "";
}
