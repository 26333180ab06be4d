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

    /// <summary>Asserts that <paramref name="result"/> failed with one line, and that the instance still runs <c>alpha 1.0</c>.</summary>
    public static async Task<Diagnostic> AssertFaultAsync(this TestProject project, CommandResult result, string code, params string[] words)
    {
        Diagnostic error = AssertOneLine(result, code, words);
        await project.AssertRunsAsync("1.0");
        return error;
    }

    /// <summary>Asserts that there is one error, that it is ours, says all of <paramref name="words"/> and what to do.</summary>
    public static Diagnostic AssertOneLine(CommandResult result, string code, params string[] words)
    {
        Assert.AreEqual(1, result.ExitCode, result.ToString());
        Diagnostic error = result.FailsWith(code).Errors.Single();
        Assert.AreNotEqual("", error.File, result.ToString());
        foreach (string word in words)
        {
            StringAssert.Contains(error.Text, word, StringComparison.Ordinal);
        }

        Assert.MatchesRegex(@"[.?]\z", error.Text);
        result.DoesNotSay("error MSB").DoesNotSay("unhandled");
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
