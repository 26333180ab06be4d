namespace Lava.Build.Sdk.Tests;

[TestClass]
public sealed class BuildTests
{
    [TestMethod]
    public async Task A_first_build_restores_and_lays_out_an_instance()
    {
        using TestProject project = TestProject.OfAlpha();
        CommandResult result = (await project.BuildAsync()).Succeeds();

        string release = project.CurrentRelease;
        StringAssert.StartsWith(release, "1.0+", StringComparison.Ordinal);
        result.Says($"instance -> {project.Instance}/code/{release}");
        Assert.AreEqual("code/current/bin", new FileInfo(Path.Combine(project.Instance, "bin")).LinkTarget);
        foreach (string directory in (string[])["etc", "run", "tmp", "var"])
        {
            Assert.IsTrue(Directory.Exists(Path.Combine(project.Instance, directory)), directory);
        }

        Assert.IsTrue(File.Exists(project.LockFile));
        (await project.RunAsync(Path.Combine(project.Instance, "bin", "alpha"))).Succeeds().Says("alpha 1.0");
    }
}
