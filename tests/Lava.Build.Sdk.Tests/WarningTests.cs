namespace Lava.Build.Sdk.Tests;

[TestClass]
public sealed class WarningTests
{
    private const string Warns = """<LavaComponent Update="alpha" Excludes="share/nothing" />""";

    [TestMethod]
    public async Task A_warning_leaves_the_build_good_unless_the_project_says_otherwise()
    {
        using TestProject project = TestProject.OfAlpha(more: TestProject.Items(Warns));
        Assert.AreEqual("LAVA4003", (await project.BuildAsync()).Succeeds().Warnings.Single().Code);
        Assert.HasCount(0, (await project.BuildAsync("-t:Rebuild", "-p:NoWarn=LAVA4003")).Succeeds().Warnings);
        (await project.BuildAsync("-t:Rebuild", "-p:WarningsAsErrors=LAVA4003")).FailsWith("LAVA4003");
        (await project.BuildAsync("-t:Rebuild", "-p:TreatWarningsAsErrors=true")).FailsWith("LAVA4003");
    }
}
