using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Releases;

namespace Lava.Build.Tests.Releases;

[TestClass]
public sealed class TemplateDestinationTests
{
    private static readonly InstanceLayout Layout = new("/instances/sample");
    private const string Template = "/project/a.conf";

    [TestMethod]
    public void A_destination_in_the_instance_may_have_holes()
    {
        ConfigurationFile file = PartFiles.Configuration(Describe("etc/@{Instance}/a.conf"), Texts, Layout).Single();
        Assert.AreEqual("etc/sample/a.conf", file.Path);
        Assert.AreEqual("for sample\n", file.Content);
    }

    [TestMethod]
    public void What_fills_the_holes_decides_where_a_template_belongs()
    {
        ReleaseDescription description = Describe("@{Place}/a.conf", "etc");
        Assert.AreEqual("etc/a.conf", PartFiles.Configuration(description, Texts, Layout).Single().Path);
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
        failure = Assert.ThrowsExactly<LavaException>(() => PartFiles.Configuration(description, Texts, Layout));
        Assert.AreEqual("LAVA1007", failure.Problems.Single().Code);
    }

    [TestMethod]
    [DataRow("bin/activate/x", "bin/activate")]
    [DataRow("release.json", "release.json")]
    [DataRow("manifest.txt/x", "manifest.txt")]
    public void A_template_cannot_go_where_something_else_is_generated(string destination, string other)
    {
        LavaException failure = Assert.ThrowsExactly<LavaException>(() => ReleaseContents.Build(Describe(destination), [], Texts));
        Problem problem = failure.Problems.Single();
        Assert.AreEqual("LAVA4005", problem.Code);
        Assert.StartsWith($"'{destination}' cannot be made in a release, because '{other}' is.", problem.Text);
    }

    [TestMethod]
    public void A_program_of_a_component_never_stands_where_shells_look_for_the_way_in()
    {
        ReleaseTree tree = Trees.Tree("a", "usr/bin/activate*=#!/bin/sh");
        ReleaseContents contents = ReleaseContents.Build(Describe("share/a.conf"), [tree], Texts);
        Assert.Contains("Source this file in bash", contents.Generated.Single(file => file.Path == "bin/activate").Content!);
    }

    [TestMethod]
    [DataRow("etc/")]
    [DataRow("etc/a/")]
    [DataRow("var")]
    public void A_file_has_a_name(string destination)
    {
        Problem problem = PartChecks.Check(Describe(destination).Parts).Single(problem => problem.Code != "LAVA1050");
        Assert.AreEqual("LAVA1064", problem.Code);
    }

    [TestMethod]
    public async Task A_template_that_is_no_UTF_8_is_refused_and_one_with_a_mark_keeps_it()
    {
        using TemporaryDirectory directory = new();
        string good = Path.Combine(directory.Path, "good");
        await File.WriteAllBytesAsync(good, [0xef, 0xbb, 0xbf, (byte)'a']);
        string bad = Path.Combine(directory.Path, "bad");
        await File.WriteAllBytesAsync(bad, [(byte)'a', 0xe4]);
        Assert.AreEqual("\ufeffa", (await PartFiles.ReadTemplatesAsync(Of(good), CancellationToken.None))[good]);
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(() => PartFiles.ReadTemplatesAsync(Of(good, bad), CancellationToken.None));
        Assert.AreEqual("LAVA4022", failure.Problems.Single().Code);

        static InstanceParts Of(params string[] files) => new()
        {
            Templates = [.. files.Select(file => new TemplatePart(file, "etc/a", AtomicFile.PublicMode, SourceLocation.None))],
        };
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
