using System.Net;
using System.Net.Sockets;
using System.Xml.Linq;

namespace Lava.Build.Sdk.Tests;

/// <summary>`dotnet test` of an instance.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class CheckTests
{
    private static readonly XNamespace Team = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    [TestMethod]
    public async Task Testing_an_instance_builds_it_and_tells_of_each_check_as_of_a_test()
    {
        using TestProject project = OfChecks(null, ("says its version", "command", "alpha | grep 1.0"), ("knows its place", "command", """test "@{Release}" -ef code/current"""));
        (await project.DotNetAsync("test", "instance.proj")).Succeeds()
            .Says($"instance -> {project.Instance}/code/1.0+")
            .Says("  Passed says its version [")
            .Says("  Passed knows its place [")
            .Says("Passed!  - Failed:     0, Passed:     2, Skipped:     0, Total:     2, Duration: ");
    }

    [TestMethod]
    public async Task A_check_that_fails_fails_the_build_and_says_what_it_expected_and_saw()
    {
        using TestProject project = OfChecks(null, ("good", "command", "true"), ("queue is short", "command", "echo 400 jobs wait; exit 3"));
        CommandResult result = (await project.DotNetAsync("test", "instance.proj")).FailsWith("LAVA5090")
            .Says("  Passed good [")
            .Says("  Failed queue is short [")
            .Says("Expected exit code 0, and it ended with 3.")
            .Says("400 jobs wait")
            .Says("Failed!  - Failed:     1, Passed:     1, Skipped:     0, Total:     2, Duration: ");
        StringAssert.Contains(result.Error("LAVA5090").Text, "1 of 2 checks of 'instance' failed: queue is short.", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Without_a_build_the_active_release_is_checked()
    {
        using TestProject project = OfChecks(null, ("good", "command", "true"));
        (await project.DotNetAsync("test", "instance.proj", "--no-build")).FailsWith("LAVA5009");
        (await project.BuildAsync()).Succeeds();
        TestServices.Write(project, null, ("other", "command", "false"));
        (await project.DotNetAsync("test", "instance.proj", "--no-build")).Succeeds().Says("Passed good").DoesNotSay("instance ->");
    }

    [TestMethod]
    public async Task A_filter_chooses_checks_and_a_list_names_them()
    {
        using TestProject project = OfChecks(null, ("home page", "command", "true"), ("login page", "command", "true"), ("database", "command", "false"));
        (await project.DotNetAsync("test", "instance.proj", "--list-tests")).Succeeds()
            .Says("The following Tests are available:").Says("    home page").Says("    database").DoesNotSay("Passed");
        (await project.DotNetAsync("test", "instance.proj", "--no-build", "--filter", "Name~page&Name!=login page")).Succeeds()
            .Says("Passed home page").DoesNotSay("login page").Says("Total:     1,");
        CommandResult none = (await project.DotNetAsync("test", "instance.proj", "--no-build", "--filter", "nothing")).Succeeds();
        Assert.AreEqual("LAVA5094", none.Warnings.Single().Code);
        (await project.DotNetAsync("test", "instance.proj", "--no-build", "--filter", "TestCategory=Slow")).FailsWith("LAVA5092");
    }

    [TestMethod]
    public async Task Results_are_written_where_the_switches_say()
    {
        using TestProject project = OfChecks(null, ("good", "command", "true"), ("bad", "command", "false"));
        (await project.DotNetAsync("test", "instance.proj", "--logger", "trx;LogFileName=checks.trx", "--logger", "console;verbosity=detailed", "--results-directory", "out"))
            .FailsWith("LAVA5090")
            .Says($"Results File: {project["out", "checks.trx"]}");
        XElement run = XDocument.Load(project["out", "checks.trx"]).Root!;
        CollectionAssert.AreEqual(
            new[] { "good Passed", "bad Failed" },
            run.Descendants(Team + "UnitTestResult").Select(result => $"{result.Attribute("testName")!.Value} {result.Attribute("outcome")!.Value}").ToArray());
        (await project.DotNetAsync("test", "instance.proj", "--no-build", "--filter", "good", "--logger", "trx")).Succeeds();
        Assert.HasCount(1, Directory.GetFiles(project["TestResults"], "*.trx"));
        (await project.DotNetAsync("test", "instance.proj", "--no-build", "--logger", "html")).FailsWith("LAVA5097");
    }

    [TestMethod]
    public async Task An_instance_that_does_not_run_is_one_error_and_no_wall_of_failures()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using TestProject project = OfChecks(port, ("one", "http", $"http://127.0.0.1:{port}/"), ("two", "command", "true"));
        (await project.DotNetAsync("test", "instance.proj", "--filter", "two")).Succeeds();
        listener.Stop();
        CommandResult result = (await project.DotNetAsync("test", "instance.proj")).FailsWith("LAVA5091").DoesNotSay("Failed one");
        StringAssert.Contains(result.Error("LAVA5091").Text, "'dotnet build instance.proj -t:Start'", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task The_checks_alone_are_a_target_that_the_terminal_logger_shows_as_tests()
    {
        using TestProject project = OfChecks(null, ("good", "command", "true"), ("bad", "command", "echo seen; exit 1"));
        (await project.BuildAsync()).Succeeds();
        // 'net10.0' and the colours stand in between.
        CommandResult result = (await project.DotNetAsync("build", "instance.proj", "--no-restore", "-t:Check", "-tl:on")).Says("Failed bad [").Says("seen").Says("Test summary: total: 2");
        Assert.AreNotEqual(0, result.ExitCode, result.ToString());
        Assert.HasCount(1, project.Releases);
    }

    [TestMethod]
    public async Task A_solution_is_tested_without_its_instances_unless_they_say_that_they_are_tests()
    {
        using TestProject project = OfChecks(null, ("bad", "command", "false"));
        (await project.DotNetAsync("new", "sln", "-n", "all", "--format", "sln")).Succeeds();
        (await project.DotNetAsync("sln", "all.sln", "add", "instance.proj")).Succeeds();
        (await project.DotNetAsync("test", "all.sln")).Succeeds().DoesNotSay("bad");
        (await project.DotNetAsync("test", "all.sln", "-p:IsTestProject=true")).FailsWith("LAVA5090");
    }

    [TestMethod]
    public async Task An_instance_without_checks_says_so()
    {
        using TestProject project = OfChecks(null);
        CommandResult result = (await project.DotNetAsync("test", "instance.proj")).Succeeds();
        Assert.AreEqual("LAVA5095", result.Warnings.Single().Code);
    }

    [TestMethod]
    public async Task Where_tests_are_programs_of_the_other_platform_the_error_names_the_other_way()
    {
        using TestProject project = OfChecks(null, ("good", "command", "true"));
        project.Write("global.json", """{ "test": { "runner": "Microsoft.Testing.Platform" } }""");
        (await project.DotNetAsync("test", "--project", "instance.proj")).FailsWith("LAVA5096").Says("dotnet build instance.proj -t:Check");
        (await project.BuildAsync()).Succeeds();
        (await project.BuildAsync("-t:Check")).Succeeds().Says("Passed good");
    }

    private static TestProject OfChecks(int? port, params (string Name, string Kind, string Value)[] checks)
    {
        TestProject project = TestProject.OfAlpha(more: TestProject.Items(TestServices.Item));
        TestServices.Write(project, port, checks);
        return project;
    }
}
