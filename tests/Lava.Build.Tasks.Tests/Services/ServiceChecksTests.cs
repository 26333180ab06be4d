using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Services;

namespace Lava.Build.Tests.Services;

[TestClass]
public sealed class ServiceChecksTests
{
    private static readonly SourceLocation Location = new("instance.proj", 3, 4);
    private static readonly ServiceDescription Web = new() { Name = "web", Command = "serve" };

    /// <summary>A service, and each problem with it: its code and a part of its text.</summary>
    private static IEnumerable<object[]> Cases =>
    [
        [Web, ""],
        [Web with { Name = "w-2" }, ""],
        [Web with { Name = "Web" }, "LAVA1070: LavaService has the name 'Web'"],
        [Web with { Name = "-web" }, "LAVA1070: '-web'"],
        [Web with { Name = "a.b" }, "LAVA1070: 'a.b'"],
        [Web with { Name = new string('a', 64) }, "LAVA1070: aaa"],
        [Web with { Command = "" }, "LAVA1071: LavaService 'web'"],
        [Web with { Command = "/usr/bin/serve" }, ""],
        [Web with { Command = "@{Release}/libexec/serve" }, ""],
        [Web with { Command = "bin/serve" }, "LAVA1072: 'bin/serve'"],
        [Web with { Command = "serve --all" }, "LAVA1072: 'serve --all'"],
        [Web with { After = ["web2"] }, "LAVA1073: LavaService 'web' comes After 'web2', which is neither a service nor a step. Did you mean 'web'"],
        [Web with { After = ["web"] }, "LAVA1074: web -> web"],
        [Web with { Environment = new Dictionary<string, string> { ["1A"] = "" } }, "LAVA1055: LavaService 'web' sets the variable '1A'"],
        [Web with { WorkingDirectory = "../x" }, "LAVA1007: '../x'"],
        [Web with { StopSignal = "TERM" }, "LAVA1078: LavaService 'web' has the StopSignal 'TERM'. Use one of: SIGHUP, SIGINT"],
        [Web with { DrainSignal = "SIGSEGV" }, "LAVA1078: DrainSignal"],
        [Web with { Health = new HealthCheck { Http = "http://localhost/", Command = "true" } }, "LAVA1077: exactly one of HealthHttp, HealthSocket and HealthCommand"],
    ];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void A_service_is_told_all_that_is_wrong_with_it(ServiceDescription service, string expected)
    {
        IReadOnlyList<Problem> problems = ServiceChecks.Check(new InstanceParts { Services = [new ServicePart(service, Location)] });
        string[] wanted = expected.Split('|', StringSplitOptions.RemoveEmptyEntries);
        Assert.HasCount(wanted.Length, problems, string.Join('\n', problems.Select(problem => problem.Text)));
        foreach ((string one, Problem problem) in wanted.Zip(problems))
        {
            Assert.AreEqual(one[..8], problem.Code);
            Assert.Contains(one[10..], problem.Text);
            Assert.AreEqual(Location, problem.Location);
        }
    }

    [TestMethod]
    public void Services_and_steps_share_their_names()
    {
        StepPart step = new(new StepDescription { Name = "web", Command = "true" }, Location);
        Problem problem = ServiceChecks.Check(new InstanceParts { Services = [new ServicePart(Web, Location)], Steps = [step] }).Single();
        Assert.AreEqual("LAVA1075", problem.Code);
        Assert.Contains("LavaStep 'web'", problem.Text);
    }

    [TestMethod]
    [DataRow("", "", "", false)]
    [DataRow("true", "", "", true)]
    [DataRow("", "http://localhost/", "", true)]
    [DataRow("", "", "SELECT 1", true)]
    [DataRow("true", "", "SELECT 1", false)]
    public void A_check_looks_in_exactly_one_way(string command, string http, string sql, bool good)
    {
        CheckPart part = new(new CheckDescription { Name = "home page", Command = command, Http = http, Sql = sql }, Location);
        string[] codes = [.. ServiceChecks.Check(new InstanceParts { Checks = [part] }).Select(problem => problem.Code)];
        Assert.AreEqual(good ? "" : "LAVA1077", string.Join(' ', codes));
    }
}
