using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Releases;

namespace Lava.Build.Tests.Releases;

[TestClass]
public sealed class TemplateDestinationTests
{
    private const string Template = "/project/a.conf";

    [TestMethod]
    public void A_destination_in_the_instance_may_have_holes()
    {
        ConfigurationFile file = PartFiles.Configuration(Describe("etc/@{Instance}/a.conf"), Texts).Single();
        Assert.AreEqual("etc/sample/a.conf", file.Path);
        Assert.AreEqual("for sample\n", file.Content);
    }

    [TestMethod]
    public void What_fills_the_holes_decides_where_a_template_belongs()
    {
        ReleaseDescription description = Describe("@{Place}/a.conf", "etc");
        Assert.AreEqual("etc/a.conf", PartFiles.Configuration(description, Texts).Single().Path);
        Assert.IsFalse(PartFiles.For(description, Texts).Any());
    }

    [TestMethod]
    [DataRow("..")]
    [DataRow("/etc")]
    [DataRow("share/../../..")]
    public void What_fills_the_holes_cannot_lead_out(string place)
    {
        ReleaseDescription description = Describe("@{Place}/a.conf", place);
        LavaException failure = Assert.ThrowsExactly<LavaException>(() => PartFiles.For(description, Texts).ToArray());
        Assert.AreEqual("LAVA1007", failure.Problems.Single().Code);
        failure = Assert.ThrowsExactly<LavaException>(() => PartFiles.Configuration(description, Texts));
        Assert.AreEqual("LAVA1007", failure.Problems.Single().Code);
    }

    private static Dictionary<string, string> Texts { get; } = new() { [Template] = "for @{Instance}\n" };

    private static ReleaseDescription Describe(string destination, string place = "share") => new()
    {
        Instance = "sample",
        Revision = "1",
        Configuration = "Debug",
        Components = [],
        Parts = new InstanceParts
        {
            Templates = [new TemplatePart(Template, destination, AtomicFile.PublicMode, SourceLocation.None)],
            Values = new Dictionary<string, string> { ["Place"] = place },
        },
    };
}
