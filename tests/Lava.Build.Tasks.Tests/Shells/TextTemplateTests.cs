using Lava.Build.Diagnostics;
using Lava.Build.Releases;

namespace Lava.Build.Tests.Shells;

[TestClass]
public sealed class TextTemplateTests
{
    private static readonly string[] Known = ["InstanceName", "Python.Version", "_x1"];

    [TestMethod]
    [DataRow("", "")]
    [DataRow("no hole, a@b, {x}, @ {, @", "no hole, a@b, {x}, @ {, @")]
    [DataRow("a@{InstanceName}b", "a<InstanceName>b")]
    [DataRow("@{InstanceName}@{_x1}", "<InstanceName><_x1>")]
    [DataRow("@{Python.Version}", "<Python.Version>")]
    [DataRow("@@{InstanceName}", "@{InstanceName}")]
    [DataRow("@@@{InstanceName}", "@@{InstanceName}")]
    [DataRow("@@ @@@ @@{@{_x1}", "@@ @@@ @{<_x1>")]
    [DataRow("end @@{", "end @{")]
    public void Holes_are_filled_and_all_else_stays(string text, string expected) =>
        Assert.AreEqual(expected, TextTemplate.Fill(text, name => Known.Contains(name) ? $"<{name}>" : null, "file"));

    [TestMethod]
    public void What_is_filled_in_is_not_looked_at_again() =>
        Assert.AreEqual("@{a} @@{b}", TextTemplate.Fill("@{x}", _ => "@{a} @@{b}", "file"));

    [TestMethod]
    [DataRow("@{", 1, 1)]
    [DataRow("a\n  @{InstanceName", 2, 3)]
    [DataRow("@{}", 1, 1)]
    [DataRow("@{1a}", 1, 1)]
    [DataRow("@{.a}", 1, 1)]
    [DataRow("@{a b}", 1, 1)]
    [DataRow("@{é}", 1, 1)]
    [DataRow("\n\n@@{ @{a\n}", 3, 5)]
    public void A_malformed_hole_is_LAVA4021_with_its_place(string text, int line, int column)
    {
        Problem problem = Assert.ThrowsExactly<LavaException>(() => TextTemplate.Fill(text, _ => "", "some.file")).Problems.Single();
        Assert.AreEqual("LAVA4021", problem.Code);
        Assert.AreEqual(new SourceLocation("some.file", line, column), problem.Location);
        StringAssert.Contains(problem.Text, "'some.file'");
        StringAssert.Contains(problem.Text, "after '@{' there must be a name of letters, digits, '_' and '.', then '}'.");
    }

    [TestMethod]
    public void An_unknown_hole_is_LAVA4020_and_suggests_the_nearest_name()
    {
        Problem problem = Assert.ThrowsExactly<LavaException>(
            () => TextTemplate.Fill("x\n @{instancename}", _ => null, "some.file", Known)).Problems.Single();
        Assert.AreEqual("LAVA4020", problem.Code);
        Assert.AreEqual(new SourceLocation("some.file", 2, 2), problem.Location);
        StringAssert.StartsWith(problem.Text, "Template 'some.file' has the hole '@{instancename}', which nothing fills. Did you mean 'InstanceName'?");
        StringAssert.Contains(problem.Text, "Known names: InstanceName, Python.Version, _x1.");
    }

    [TestMethod]
    public void Nothing_is_suggested_where_nothing_is_near()
    {
        string text = Assert.ThrowsExactly<LavaException>(() => TextTemplate.Fill("@{Zebra}", _ => null, "f", Known)).Problems.Single().Text;
        Assert.IsFalse(text.Contains("Did you mean", StringComparison.Ordinal), text);
    }

    [TestMethod]
    public void All_bad_holes_are_reported_together() =>
        CollectionAssert.AreEqual(
            new[] { "LAVA4020", "LAVA4021", "LAVA4020" },
            Assert.ThrowsExactly<LavaException>(() => TextTemplate.Fill("@{a} @{} @{b}", _ => null, "f"))
                .Problems.Select(problem => problem.Code).ToArray());

    [TestMethod]
    public void An_embedded_template_is_read_by_its_name()
    {
        StringAssert.Contains(TemplateResources.Read("activate.fish"), "@{InstanceName}");
        Assert.ThrowsExactly<InvalidOperationException>(() => TemplateResources.Read("none"));
    }
}
