using Lava.Build.Diagnostics;
using Lava.Build.Services;
using Lava.Build.Services.Supervision;

namespace Lava.Build.Tests.Services.Supervision;

[TestClass]
public sealed class StartPlanTests
{
    private static readonly InstanceServices All = new()
    {
        Services = [Service("database"), Service("web", "migrate"), Service("worker", "web", "elsewhere"), Service("other")],
        Steps = [Step("migrate", "database"), Step("unasked", "other")],
    };

    [TestMethod]
    public void Without_names_all_runs()
    {
        StartPlan plan = StartPlan.Of(All, [], SourceLocation.None);
        CollectionAssert.AreEqual(new[] { "database", "web", "worker", "other" }, plan.Services.Select(service => service.Name).ToArray());
        CollectionAssert.AreEqual(new[] { "migrate", "unasked" }, plan.Steps.Select(step => step.Name).ToArray());
    }

    [TestMethod]
    public void A_name_brings_all_that_it_waits_for_and_nothing_else()
    {
        StartPlan plan = StartPlan.Of(All, ["worker"], SourceLocation.None);
        CollectionAssert.AreEqual(new[] { "database", "web", "worker" }, plan.Services.Select(service => service.Name).ToArray());
        CollectionAssert.AreEqual(new[] { "migrate" }, plan.Steps.Select(step => step.Name).ToArray());
        CollectionAssert.AreEqual(new[] { "web" }, plan.Predecessors["worker"].ToArray(), "What the instance does not have is nothing to wait for.");
        CollectionAssert.AreEqual(new[] { "web" }, plan.SuccessorsOf("migrate").ToArray());
    }

    [TestMethod]
    public void All_unknown_names_are_told_together()
    {
        LavaException failure = Assert.ThrowsExactly<LavaException>(() => StartPlan.Of(All, ["wbe", "web", "nothing-like-it"], SourceLocation.None));
        CollectionAssert.AreEqual(new[] { "LAVA5010", "LAVA5010" }, failure.Problems.Select(problem => problem.Code).ToArray());
        StringAssert.EndsWith(failure.Problems[0].Text, "Did you mean 'web'?", StringComparison.Ordinal);
        StringAssert.EndsWith(failure.Problems[1].Text, "Known: database, web, worker, other.", StringComparison.Ordinal);
    }

    [TestMethod]
    public void What_waits_for_itself_is_refused()
    {
        InstanceServices circle = new() { Services = [Service("a", "b"), Service("b", "a")] };
        LavaException failure = Assert.ThrowsExactly<LavaException>(() => StartPlan.Of(circle, [], SourceLocation.None));
        Assert.AreEqual("LAVA5001", failure.Problems.Single().Code);
    }

    private static ServiceDescription Service(string name, params string[] after) => new() { Name = name, Command = name, After = after };

    private static StepDescription Step(string name, params string[] after) => new() { Name = name, Command = name, After = after };
}
