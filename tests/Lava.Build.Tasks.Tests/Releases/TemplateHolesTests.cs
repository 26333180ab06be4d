using Lava.Build.Diagnostics;
using Lava.Build.Releases;

namespace Lava.Build.Tests.Releases;

[TestClass]
public sealed class TemplateHolesTests
{
    private static readonly Dictionary<string, string> Values = new() { ["Name"] = "a \"b\"", ["Own.nginx"] = "as it is", ["Dollar"] = "$" };

    [TestMethod]
    [DataRow("Name", "a \"b\"")]
    [DataRow("Name.nginx", "a \\\"b\\\"")]
    [DataRow("Name.apache", "a \\\"b\\\"")]
    [DataRow("Own.nginx", "as it is")]
    [DataRow("Dollar.apache", "$")]
    [DataRow("InstanceRoot", "/srv/a b")]
    [DataRow("InstanceRoot.nginx", "/srv/a b")]
    [DataRow("Name.lighttpd", null)]
    [DataRow("None", null)]
    [DataRow("None.nginx", null)]
    [DataRow(".nginx", null)]
    public void A_hole_of_the_instance_has_a_text_or_none(string name, string? text) =>
        Assert.AreEqual(text, TemplateHoles.OfInstance(Values, "/srv/a b").Find(name));

    [TestMethod]
    public void A_value_of_the_project_wins()
    {
        Dictionary<string, string> values = new() { ["InstanceRoot"] = "mine" };
        Assert.AreEqual("mine", TemplateHoles.OfInstance(values, "/srv").Find("InstanceRoot"));
        Assert.AreEqual("mine", TemplateHoles.OfRelease(values, "share/a").Find("InstanceRoot"));
    }

    [TestMethod]
    [DataRow("InstanceRoot")]
    [DataRow("InstanceRoot.nginx")]
    public void A_release_has_no_place(string name)
    {
        Problem problem = Refused(() => TemplateHoles.OfRelease(Values, "share/a").Find(name));
        Assert.AreEqual("LAVA5050", problem.Code);
        Assert.Contains("'share/a'", problem.Text);
        Assert.Contains("'@{InstanceRoot}'", problem.Text);
    }

    [TestMethod]
    [DataRow("nginx", "a$b", "'$'")]
    [DataRow("nginx", "a\\b", "'\\'")]
    [DataRow("nginx", "a\nb", "U+000A")]
    [DataRow("nginx", "a?b", "'?'")]
    [DataRow("apache", "a${b}", "'$'")]
    [DataRow("apache", "a\\", "'\\'")]
    [DataRow("apache", "a*$\r", "U+000D")]
    [DataRow("apache", "[a]", "'['")]
    public void What_a_server_cannot_write_is_refused(string program, string text, string character)
    {
        Problem problem = Refused(() => QuotedText.For(program)!(text));
        Assert.AreEqual("LAVA5051", problem.Code);
        Assert.Contains($"has {character},", problem.Text);
    }

    [TestMethod]
    public void What_is_refused_is_told_with_its_place_in_the_template()
    {
        TemplateHoles holes = TemplateHoles.OfInstance(Values, "/srv/$1");
        LavaException failure = Assert.ThrowsExactly<LavaException>(
            () => TextTemplate.Fill("@{Name}\n a @{InstanceRoot.nginx} @{No}\n@{Dollar.nginx}", holes.Find, "/t", holes.Names));
        CollectionAssert.AreEqual(new[] { "LAVA5051", "LAVA4020", "LAVA5051" }, failure.Problems.Select(problem => problem.Code).ToArray());
        CollectionAssert.AreEqual(
            new[] { new SourceLocation("/t", 2, 4), new SourceLocation("/t", 2, 26), new SourceLocation("/t", 3, 1) },
            failure.Problems.Select(problem => problem.Location).ToArray());
    }

    private static Problem Refused(Func<string?> work) => Assert.ThrowsExactly<LavaException>(() => work()).Problems.Single();
}
