namespace Lava.Build.Sdk.Tests;

/// <summary>Machines and installations that nothing can be built with: the first line says so, in place of a task that fails.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class EnvironmentTests
{
    [TestMethod]
    [DataRow("build")]
    [DataRow("restore")]
    public async Task Tasks_that_are_not_there_are_told_with_their_path(string verb)
    {
        using TestProject project = await Faults.BuiltAsync();
        string missing = project["nowhere", "Lava.Build.Tasks.dll"];
        Diagnostic error = await project.AssertFaultAsync(
            await project.DotNetAsync(verb, "instance.proj", $"-p:LavaBuildTasksAssembly={missing}"),
            "LAVA9023",
            $"'{missing}'",
            "Restore the SDK package again",
            "LavaBuildTasksAssembly");
        Assert.AreEqual(project.File, error.File);
        await project.AssertConvergesAsync("1.0");
    }

    [TestMethod]
    [DataRow("build")]
    [DataRow("restore")]
    public async Task Another_system_than_Linux_is_told(string verb)
    {
        using TestProject project = await Faults.BuiltAsync();
        Diagnostic error = await project.AssertFaultAsync(
            await project.DotNetAsync(verb, "instance.proj", "-p:OS=Windows_NT"), "LAVA9022", "on Linux only", "container or virtual machine");
        Assert.AreEqual(project.File, error.File);
        await project.AssertConvergesAsync("1.0");
    }
}
