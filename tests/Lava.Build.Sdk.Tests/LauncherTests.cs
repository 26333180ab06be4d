namespace Lava.Build.Sdk.Tests;

[TestClass]
public sealed class LauncherTests
{
    private const string Module = """
        import os, sys
        initialised = False
        def main():
            print("module", sys.argv[1:], os.environ["GREETING"], os.environ["LAVA_INSTANCE"])
            import builtins
            print("initialised", getattr(builtins, "prepared", False))
            return 7
        """;

    [TestMethod]
    public async Task A_launcher_of_a_command_passes_arguments_environment_and_exit_code_through()
    {
        using TestProject project = TestProject.OfAlpha(more: """
            <ItemGroup>
              <LavaLauncher Include="greet" Command="sh -c 'echo &quot;$GREETING&quot; &quot;$@&quot;; alpha; exit 5' sh" Environment="GREETING=good day;OTHER=a=b" />
            </ItemGroup>
            """);
        (await project.BuildAsync()).Succeeds();
        CommandResult result = await project.RunAsync(Path.Combine(project.Instance, "bin", "greet"), "two words", "$HOME");
        Assert.AreEqual(5, result.ExitCode, result.ToString());
        Assert.AreEqual("good day two words $HOME\nalpha 1.0\n", result.Output);
    }

    [TestMethod]
    public async Task A_launcher_of_an_entry_point_runs_initialisation_then_the_function()
    {
        using TestProject project = new();
        project.Pack("alpha", "1.0", ("lib/python3/dist-packages/alpha/__init__.py", ""), ("lib/python3/dist-packages/alpha/cli.py", Module));
        project.Describe($"""
            {TestProject.Items(TestProject.Component("alpha", "1.0"))}
            <ItemGroup>
              <LavaLauncher Include="entry" EntryPoint="alpha.cli:main" Environment="GREETING=hello" Initialization="import builtins&#10;builtins.prepared = True" />
            </ItemGroup>
            """);
        (await project.BuildAsync()).Succeeds();
        CommandResult result = await project.RunAsync(Path.Combine(project.Instance, "bin", "entry"), "two words", "-x");
        Assert.AreEqual(7, result.ExitCode, result.ToString());
        result.Says($"module ['two words', '-x'] hello {project.Instance}").Says("initialised True");
    }

    [TestMethod]
    public async Task Programs_of_components_run_from_a_moved_instance()
    {
        using TestProject project = TestProject.OfAlpha();
        (await project.BuildAsync()).Succeeds();
        string moved = project["moved to 'another' $place"];
        Directory.Move(project.Instance, moved);
        (await project.RunAsync(Path.Combine(moved, "bin", "alpha"))).Succeeds().Says("alpha 1.0");
        (await project.RunAsync("bash", "-c", ". \"$1\"/bin/activate && alpha && echo \"$LAVA_INSTANCE\"", "bash", moved))
            .Succeeds().Says("alpha 1.0").Says(moved);
    }
}
