using System.Text.Json;

namespace Lava.Build.Sdk.Tests;

/// <summary>`-t:Manage`: a program of the release with the build's own input, output and exit code.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class ManageTests
{
    private const string Program = """
        #!/bin/sh
        shift
        case $1 in
          say) shift; for a; do echo "<$a>"; done ;;
          err) echo "main.c(1): error C1000: not the build's"; echo "x : warning Y2: nor this" >&2 ;;
          read) read -r line; echo "read $line" ;;
          who) id -un ;;
          where) pwd; echo "$LAVA_INSTANCE"; echo "secret:$SECRET" ;;
          exit) exit "$2" ;;
          ask) printf 'Name: '; read -r name; echo "hello $name" ;;
          tty) test -t 0 && test -t 1 && echo 'on a terminal' ;;
        esac
        """;

    [TestMethod]
    public async Task Arguments_are_split_as_in_a_shell_and_nothing_is_expanded()
    {
        using TestProject project = await BuiltAsync();
        (await project.BuildAsync("-t:Manage", "-p:LavaArguments=say 'a b' it\\'s c\\ d $HOME *")).Succeeds()
            .Says("<a b>\n<it's>\n<c d>\n<$HOME>\n<*>\n");
    }

    [TestMethod]
    public async Task What_it_prints_is_passed_on_and_is_no_message_of_the_build()
    {
        using TestProject project = await BuiltAsync();
        (await project.BuildAsync("-t:Manage", "-p:LavaArguments=err", "-warnaserror")).Succeeds()
            .Says("main.c(1): error C1000: not the build's\n").Says("x : warning Y2: nor this\n")
            .Says("0 Warning(s)").Says("0 Error(s)");
    }

    [TestMethod]
    public async Task Standard_input_is_passed_on()
    {
        using TestProject project = await BuiltAsync();
        (await project.RunAsync("sh", "-c", "echo a line | dotnet build instance.proj -t:Manage -p:LavaArguments=read")).Succeeds().Says("read a line\n");
    }

    [TestMethod]
    public async Task It_runs_in_the_instance_without_the_callers_variables()
    {
        using TestProject project = await BuiltAsync();
        project.SetVariable("SECRET", "hidden");
        (await project.BuildAsync("-t:Manage", "-p:LavaArguments=where")).Succeeds().Says($"{project.Instance}\n{project.Instance}\nsecret:\n");
    }

    [TestMethod]
    public async Task Root_runs_it_as_the_instances_user_although_nothing_else_runs_there()
    {
        if (Environment.UserName != "root")
        {
            Assert.Inconclusive("Only root runs programs as another user.");
        }

        using TestProject project = await BuiltAsync();
        (await project.RunAsync("chmod", "755", project.Path)).Succeeds();
        (await project.BuildAsync("-t:Manage", "-p:LavaUser=nobody", "-p:LavaArguments=who")).Succeeds().Says("nobody\n");
    }

    [TestMethod]
    [DataRow("1")]
    [DataRow("42")]
    public async Task Its_exit_code_fails_the_build_and_is_told(string code)
    {
        using TestProject project = await BuiltAsync();
        CommandResult result = (await project.BuildAsync("-t:Manage", $"-p:LavaArguments=exit {code}")).FailsWith("LAVA5087");
        StringAssert.Contains(result.Error("LAVA5087").Text, $"exit code {code}.", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_script_gets_the_exit_code_from_the_targets_result_and_the_output_apart_from_it()
    {
        using TestProject project = await BuiltAsync();
        CommandResult result = await project.RunAsync("sh", "-c", "dotnet build instance.proj -t:Manage -p:LavaArguments='exit 42' -getTargetResult:Manage 2>/dev/null");
        Assert.AreEqual(1, result.ExitCode, result.ToString());
        using JsonDocument json = JsonDocument.Parse(result.Output);
        JsonElement manage = json.RootElement.GetProperty("TargetResults").GetProperty("Manage");
        Assert.AreEqual("42", manage.GetProperty("Items")[0].GetProperty("ExitCode").GetString());
        CommandResult said = await project.RunAsync("sh", "-c", "dotnet build instance.proj -t:Manage -p:LavaArguments='say hello' -getTargetResult:Manage 2>err");
        Assert.AreEqual(0, said.DoesNotSay("<hello>").ExitCode, said.ToString());
        Assert.AreEqual("<hello>\n", project.Read("err"));
    }

    [TestMethod]
    public async Task On_a_terminal_it_has_the_terminal()
    {
        using TestProject project = await BuiltAsync();
        (await OnTerminalAsync(project, "", "-tl:off", "tty")).Succeeds().Says("on a terminal");
    }

    [TestMethod]
    [DataRow("-tl:off")]
    [DataRow("-tl:on")]
    public async Task It_can_ask_on_a_terminal_also_while_the_terminal_logger_draws_on_it(string logger)
    {
        using TestProject project = await BuiltAsync();
        (await OnTerminalAsync(project, "echo Ada", logger, "ask")).Succeeds().Says("Name: ").Says("hello Ada");
    }

    [TestMethod]
    public async Task In_a_process_that_serves_others_its_output_becomes_messages()
    {
        using TestProject project = await BuiltAsync();
        project.SetVariable("MSBUILDNOINPROCNODE", "1");
        (await project.BuildAsync("-t:Manage", "-p:LavaArguments=say hello")).Succeeds().Says("<hello>");
        (await project.BuildAsync("-t:Manage", "-p:LavaArguments=exit 3")).FailsWith("LAVA5087");
    }

    [TestMethod]
    [DataRow("LAVA5085", "-p:LavaManageProgram=")]
    [DataRow("LAVA5086", "-p:LavaArguments='not closed")]
    [DataRow("LAVA5086", "-p:LavaManageProgram='manage")]
    [DataRow("LAVA5088", "-p:LavaManageProgram=alhpa manage")]
    public async Task What_cannot_be_run_is_told(string code, string property)
    {
        using TestProject project = await BuiltAsync();
        (await project.BuildAsync("-t:Manage", property)).FailsWith(code);
    }

    [TestMethod]
    public async Task Without_a_release_there_is_nothing_to_run()
    {
        using TestProject project = New();
        (await project.BuildAsync("-t:Manage")).FailsWith("LAVA5009");
    }

    private static async Task<TestProject> BuiltAsync()
    {
        TestProject project = New();
        (await project.BuildAsync()).Succeeds();
        return project;
    }

    private static TestProject New()
    {
        TestProject project = new();
        project.Pack("alpha", "1.0", ("bin/alpha", Program));
        project.Describe(
            "<PropertyGroup><LavaManageProgram>alpha manage</LavaManageProgram>"
            // Root would make the instance's own user, whom the test's directory is closed to.
            + $"<LavaUser>{Environment.UserName}</LavaUser></PropertyGroup>" + TestProject.Items(TestProject.Component("alpha", "1.0")));
        return project;
    }

    // script(1) makes a terminal; what is typed waits in it until somebody reads.
    private static Task<CommandResult> OnTerminalAsync(TestProject project, string type, string logger, string arguments) => project.RunAsync(
        "sh", "-c", $"{(type.Length == 0 ? ":" : type)} | script -qec 'stty rows 40 cols 120; dotnet build instance.proj --no-restore -t:Manage -p:LavaArguments={arguments} {logger}' /dev/null");
}
