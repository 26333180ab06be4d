using Lava.Build.Components;
using Lava.Build.Diagnostics;

namespace Lava.Build.Tests.Components;

[TestClass]
public sealed class PropertyChecksTests
{
    private static readonly ComponentReference[] References =
        [new ComponentReference { Name = "a", Source = "deb" }, new ComponentReference { Name = "b", Source = "deb" }];

    [TestMethod]
    [DataRow("sample", "", "hardlink", null)]
    [DataRow("Sample.2_x-y", "b", "COPY", null)]
    [DataRow("", "", "copy", "LAVA1061: LavaInstance is ''")]
    [DataRow(".hidden", "", "copy", "LAVA1061: LavaInstance is '.hidden'")]
    [DataRow("a/b", "", "copy", "LAVA1061: LavaInstance is 'a/b'")]
    [DataRow("a\n", "", "copy", "LAVA1061: LavaInstance is 'a\n'")]
    [DataRow("sample", "c", "copy", "LAVA4036: 'c', which is not a component of this instance. Known: a, b.")]
    [DataRow("sample", "A", "copy", "LAVA4036: 'A'")]
    [DataRow("sample", "", "symlink", "LAVA1061: LavaLinkMode is 'symlink'. Use hardlink or copy")]
    [DataRow("sample", "", "", "LAVA1061: LavaLinkMode is ''")]
    [DataRow("a b", "c", "x", "LAVA1061: LavaInstance|LAVA4036: 'c'|LAVA1061: LavaLinkMode")]
    public void Properties_are_checked(string instance, string primary, string linkMode, string? expected)
    {
        Problem[] problems = [.. PropertyChecks.Check(instance, "/srv/lava", primary, linkMode, References, "instance.proj")];
        string[] texts = expected?.Split('|') ?? [];
        Assert.HasCount(texts.Length, problems);
        foreach ((Problem problem, string text) in problems.Zip(texts))
        {
            Assert.AreEqual(text[..8], problem.Code);
            Assert.Contains(text[10..], problem.Text);
            Assert.AreEqual(new SourceLocation("instance.proj"), problem.Location);
        }
    }

    [TestMethod]
    public void An_instance_whose_path_PATH_cannot_hold_is_refused()
    {
        Problem[] problems = [.. PropertyChecks.Check("sample", "/srv/a:b/sample", "", "copy", References, "instance.proj")];
        Assert.HasCount(1, problems);
        Assert.Contains("'/srv/a:b/sample'", problems[0].Text);
    }
}
