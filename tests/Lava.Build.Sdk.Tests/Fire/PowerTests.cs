using System.Text.RegularExpressions;

namespace Lava.Build.Sdk.Tests.Fire;

[TestClass]
[TestCategory("Slow")]
public sealed partial class PowerTests(TestContext context)
{
    private const string Instance = "main";

    [TestMethod]
    public async Task Nothing_is_visible_before_it_is_durable()
    {
        using FireProject fire = await FireProject.CreateAsync();
        string current = Path.Combine(fire.InstanceOf(Instance), "code", "current");
        fire.Describe(1);
        await TraceAsync(fire, "a first build", current);
        fire.Describe(2);
        await TraceAsync(fire, "a changed version", current);
        fire.Describe(1);
        await TraceAsync(fire, "a rollback", current);
        fire.DeleteInstance(Instance);
        await TraceAsync(fire, "a new instance", current);
    }

    private async Task TraceAsync(FireProject fire, string what, string current)
    {
        string trace = fire.Project["trace"];
        (await fire.Project.RunAsync(
            "strace", ["-f", "-y", "-s", "0", "-o", trace, "-e", StraceParser.Calls, "dotnet", .. FireProject.BuildArguments(Instance)])).Succeeds();
        DurabilityModel model = new(
            path => path.StartsWith(fire.Project.Path + "/", StringComparison.Ordinal) && !IsOfMSBuild(fire, path) && path != trace,
            path => ScratchPattern().IsMatch(path),
            path => path == current);
        IReadOnlyList<string> violations = model.Check(StraceParser.Parse(File.ReadLines(trace)));
        context.WriteLine($"| {what} | {File.ReadLines(trace).Count()} calls | {model.Publications} became visible | {violations.Count} violations |");
        Assert.IsEmpty(violations, $"{what}:\n{string.Join('\n', violations)}");
        Assert.IsGreaterThan(0, model.Publications, what);
    }

    // What MSBuild keeps is compared with what is found, and made again where it is missing.
    private static bool IsOfMSBuild(FireProject fire, string path) => path.StartsWith(fire.Project["obj"], StringComparison.Ordinal);

    [GeneratedRegex(@"/\.staging-|\.[0-9a-f]{32}\.tmp$|/lava-build/(incoming|locks|state)(/|$)|/code/\.lock$|/main/tmp/")]
    private static partial Regex ScratchPattern();
}
