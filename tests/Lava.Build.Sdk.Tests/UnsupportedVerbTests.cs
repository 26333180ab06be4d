namespace Lava.Build.Sdk.Tests;

[TestClass]
[TestCategory("Slow")]
public sealed class UnsupportedVerbTests
{
    [TestMethod]
    [DataRow("LAVA6001", "test", "instance.proj")]
    [DataRow("LAVA6002", "pack", "instance.proj")]
    [DataRow("LAVA6003", "publish", "instance.proj")]
    public async Task A_verb_that_an_instance_does_not_have_fails_with_one_coded_line(string code, params string[] arguments)
    {
        using TestProject project = TestProject.OfAlpha();
        CommandResult result = (await project.DotNetAsync(arguments)).FailsWith(code);
        Assert.AreEqual(project.File, result.Error(code).File, result.ToString());
    }

    [TestMethod]
    public async Task Testing_by_the_other_platform_fails_in_the_same_way()
    {
        using TestProject project = TestProject.OfAlpha();
        project.Write("global.json", """{ "test": { "runner": "Microsoft.Testing.Platform" } }""");
        (await project.DotNetAsync("test", "--project", "instance.proj")).FailsWith("LAVA6001");
    }

    [TestMethod]
    [DataRow("list", "instance.proj", "package")]
    [DataRow("add", "instance.proj", "package", "Some.Package")]
    [DataRow("remove", "instance.proj", "package", "Some.Package")]
    public async Task The_verbs_of_NuGet_packages_end_without_a_crash_and_change_nothing(params string[] arguments)
    {
        using TestProject project = TestProject.OfAlpha();
        string before = project.Read("instance.proj");
        (await project.DotNetAsync(arguments)).HasNoStack();
        Assert.AreEqual(before, project.Read("instance.proj"));
    }
}
