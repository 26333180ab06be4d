namespace Lava.Build.Sdk.Tests;

/// <summary>What every fault must keep to: one coded line, and everything as good as before.</summary>
internal static class Faults
{
    /// <summary>An instance that runs <c>alpha 1.0</c>.</summary>
    public static async Task<TestProject> BuiltAsync()
    {
        TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        return project;
    }

    /// <summary>
    /// Asserts that <paramref name="result"/> failed with one line, that the instance still runs <c>alpha 1.0</c>, and that the cache is whole.
    /// </summary>
    public static Task<Diagnostic> AssertFaultAsync(this TestProject project, CommandResult result, string code, params string[] words) =>
        project.AssertFaultAsync(result, code, FaultTraces.None, words);

    /// <summary>Asserts the same of a fault that leaves <paramref name="traces"/> beside its error.</summary>
    public static async Task<Diagnostic> AssertFaultAsync(
        this TestProject project, CommandResult result, string code, FaultTraces traces, params string[] words)
    {
        Diagnostic error = AssertOneLine(result, code, words);
        CollectionAssert.AreEquivalent(traces.Warnings.ToArray(), result.Warnings.Select(warning => warning.Code).ToArray(), result.ToString());
        AssertCacheIsWhole(project.Cache, traces.Damaged);
        await project.AssertRunsAsync("1.0");
        return error;
    }

    /// <summary>Asserts that all in the cache is what its name says, and so many entries were set aside.</summary>
    public static void AssertCacheIsWhole(string cache, int damaged = 0)
    {
        string[] faults = [.. CacheCheck.Faults(cache)];
        Assert.IsEmpty(faults, string.Join('\n', faults));
        IReadOnlyList<string> aside = CacheCheck.Damaged(cache);
        Assert.HasCount(damaged, aside, string.Join('\n', aside));
    }

    /// <summary>Asserts that there is one error, that it is ours, says all of <paramref name="words"/> and what to do.</summary>
    public static Diagnostic AssertOneLine(CommandResult result, string code, params string[] words)
    {
        Diagnostic error = AssertToldOnce(result, code);
        Assert.AreNotEqual("", error.File, result.ToString());
        foreach (string word in words)
        {
            StringAssert.Contains(error.Text, word, StringComparison.Ordinal);
        }

        Assert.MatchesRegex(@"[.?]\z", error.Text);
        result.DoesNotSay("error MSB").DoesNotSay("unhandled");
        return error;
    }

    /// <summary>Asserts that there is one error and that it was logged once: a summary repeats what was logged, and counts it.</summary>
    public static Diagnostic AssertToldOnce(CommandResult result, string code)
    {
        Assert.AreEqual(1, result.ExitCode, result.ToString());
        Diagnostic error = result.FailsWith(code).Errors.Single();
        bool summary = result.Output.Contains(" Error(s)\n", StringComparison.Ordinal);
        Assert.AreEqual(summary ? 2 : 1, result.Output.Split($" error {code}: ").Length - 1, result.ToString());
        if (summary)
        {
            result.Says("\n    1 Error(s)\n");
        }

        return error;
    }

    /// <summary>Asserts what the instance's program says.</summary>
    public static async Task AssertRunsAsync(this TestProject project, string version) =>
        (await project.RunAsync(Path.Combine(project.Instance, "bin", "alpha"))).Succeeds().Says($"alpha {version}");

    /// <summary>Asserts that the next build, without the fault, succeeds and runs <paramref name="version"/>.</summary>
    public static async Task AssertConvergesAsync(this TestProject project, string version, params string[] arguments)
    {
        (await project.BuildAsync(arguments)).Succeeds();
        await project.AssertRunsAsync(version);
    }
}
