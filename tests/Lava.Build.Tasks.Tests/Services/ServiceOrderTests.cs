using Lava.Build.Services;

namespace Lava.Build.Tests.Services;

[TestClass]
public sealed class ServiceOrderTests
{
    [TestMethod]
    public void Everything_comes_after_what_it_waits_for_and_otherwise_as_given()
    {
        IReadOnlyList<string> order = ServiceOrder.Sort(
            Graph("web=migrate", "scheduler=migrate", "migrate=database", "database=", "other="), out IReadOnlyList<string> cycle);
        Assert.IsEmpty(cycle);
        Assert.AreEqual("database migrate web scheduler other", string.Join(' ', order));
    }

    [TestMethod]
    [DataRow("a -> a", "a=a")]
    [DataRow("a -> b -> a", "a=b", "b=a")]
    [DataRow("b -> c -> b", "a=b", "b=c", "c=b")]
    public void A_circle_is_told_from_its_first_name_to_the_same_again(string expected, params string[] graph)
    {
        ServiceOrder.Sort(Graph(graph), out IReadOnlyList<string> cycle);
        Assert.AreEqual(expected, string.Join(" -> ", cycle));
    }

    [TestMethod]
    public void What_some_wait_for_comes_with_them_and_nothing_else()
    {
        IReadOnlySet<string> closure = ServiceOrder.Closure(Graph("web=migrate", "migrate=database", "database=", "other=database"), ["web"]);
        Assert.AreEqual("database migrate web", string.Join(' ', closure.Order()));
    }

    private static Dictionary<string, IReadOnlyList<string>> Graph(params string[] lines) =>
        lines.Select(line => line.Split('=')).ToDictionary(
            pair => pair[0], IReadOnlyList<string> (pair) => pair[1].Split(',', StringSplitOptions.RemoveEmptyEntries));
}
