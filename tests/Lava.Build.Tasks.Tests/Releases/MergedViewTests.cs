using Lava.Build.Diagnostics;
using Lava.Build.Releases;
using Lava.Build.Unpacking;
using static Lava.Build.Tests.Releases.Trees;

namespace Lava.Build.Tests.Releases;

[TestClass]
public sealed class MergedViewTests
{
    [TestMethod]
    [DataRow("files that differ", "d/f=1", "d/f=2", "d/f")]
    [DataRow("files of which one is executable", "f=1", "f*=1", "f")]
    [DataRow("links that differ", "l->a", "l->b", "l")]
    [DataRow("a file and a link", "f=1", "f->g", "f")]
    [DataRow("a directory and a link", "lib/f=1", "lib->usr/lib", "lib")]
    [DataRow("a file and a directory", "f=1", "f/", "f")]
    public void The_same_path_with_different_content_is_an_error(string what, string first, string second, string path)
    {
        LavaException error = Fails([Tree("x", first), Tree("y", second)]);
        Problem problem = error.Problems.Single();
        Assert.AreEqual("LAVA4001", problem.Code, what);
        Assert.StartsWith($"'{path}' comes from 'x' as a", problem.Text);
        Assert.Contains("from 'y' as a", problem.Text);
        Assert.Contains("Overrides=\"y\"", problem.Text);
    }

    [TestMethod]
    public void All_conflicts_are_told_at_once_in_order_and_where_they_come_from()
    {
        SourceLocation location = new("instance.proj", 7);
        ReleaseTree[] trees =
            [Tree("z", "b=3", "c=3"), Tree("x", "a=1", "b=1", "d=1") with { Location = location }, Tree("y", "a=2", "b=2", "d=1")];
        LavaException error = Fails(trees);
        CollectionAssert.AreEqual(
            new[] { "'a' comes from 'x'", "'b' comes from 'x'", "'b' comes from 'x'" },
            error.Problems.Select(problem => problem.Text[..18]).ToArray());
        Assert.IsTrue(error.Problems.All(problem => problem.Location == location));
        Assert.AreEqual(error.Message, Fails([trees[2], trees[0], trees[1]]).Message);
    }

    [TestMethod]
    public void Components_that_override_each_other_are_an_error()
    {
        ReleaseTree x = Tree("x", "f=1") with { Overrides = new HashSet<string> { "y" } };
        ReleaseTree y = Tree("y", "f=2") with { Overrides = new HashSet<string> { "x" } };
        Problem problem = Fails([x, y]).Problems.Single();
        Assert.AreEqual("LAVA4002", problem.Code);
        Assert.StartsWith("'f' comes from 'x' and 'y',", problem.Text);
    }

    [TestMethod]
    public void Components_that_override_each_other_may_agree()
    {
        ReleaseTree x = Tree("x", "f=1") with { Overrides = new HashSet<string> { "y" } };
        ReleaseTree y = Tree("y", "f=1") with { Overrides = new HashSet<string> { "x" } };
        Assert.AreEqual(0, MergedView.Build([x, y], []).Find("f")?.Tree);
    }

    [TestMethod]
    public void A_tree_that_loses_a_directory_loses_all_below()
    {
        ReleaseTree file = Tree("y", "a/b=1") with { Overrides = new HashSet<string> { "x" } };
        MergedView view = MergedView.Build([Tree("x", "a/b/c/d=", "a/e="), file], []);
        Assert.AreEqual(1, view.Find("a/b")?.Tree);
        Assert.IsNull(view.Find("a/b/c"));
        Assert.IsNull(view.Find("a/b/c/d"));
        Assert.IsEmpty(view.List("a/b"));
    }

    [TestMethod]
    [DataRow("a/t/f=1")]
    [DataRow("a/t=1")]
    [DataRow("a->b")]
    public void A_tree_at_below_or_in_the_way_of_a_local_tree_is_an_error(string line)
    {
        LavaException error = Fails([Tree("x", line)], new LocalTree("local", "a/t", "/home/me", SourceLocation.None));
        Assert.AreEqual("LAVA4001", error.Problems.Single().Code);
        Assert.Contains("'local'", error.Message);
    }

    [TestMethod]
    public void A_local_tree_may_override()
    {
        LocalTree local = new("local", "a/t", "/home/me", SourceLocation.None) { Overrides = new HashSet<string> { "x" } };
        MergedView view = MergedView.Build([Tree("x", "a/t/f=1", "a/g=")], [local]);
        Assert.IsNull(view.Find("a/t/f"));
        Assert.AreEqual(new MergedFile(-1, new TreeEntry("a/t", EntryKind.Link, LinkTarget: "/home/me")), view.Resolve("a/t/f"));
        Assert.AreEqual(0, view.Find("a")?.Tree);
    }

    [TestMethod]
    public void Two_local_trees_at_one_path_are_an_error()
    {
        LavaException error = Fails(
            [], new LocalTree("l", "t", "/home/me", SourceLocation.None), new LocalTree("m", "t", "/home/you", SourceLocation.None));
        Assert.AreEqual("LAVA4001", error.Problems.Single().Code);
    }

    [TestMethod]
    public void An_exclude_that_matches_nothing_is_a_warning()
    {
        ReleaseTree tree = Tree("x", "a/b=1", "c/d=") with { Excludes = ["a/c", "/c/", "a/"] };
        MergedView view = MergedView.Build([tree], []);
        Problem warning = view.Warnings.Single();
        Assert.AreEqual(("LAVA4003", Severity.Warning), (warning.Code, warning.Severity));
        Assert.StartsWith("Excludes 'a/c' of component 'x'", warning.Text);
        Assert.IsEmpty(view.List(""));
    }

    [TestMethod]
    [DataRow("f", "f")]
    [DataRow("/f", "f")]
    [DataRow("usr/l", "f")]
    [DataRow("usr/../../../f", "f")]
    [DataRow("usr/m/g", "d/g")]
    [DataRow("usr/m/../f", "f")]
    [DataRow("d/", "d")]
    [DataRow("", "")]
    [DataRow("f/", null)]
    [DataRow("f/.", null)]
    [DataRow("no", null)]
    [DataRow("no/../f", null)]
    [DataRow("f/../f", null)]
    [DataRow("usr/loop", null)]
    [DataRow("n0", "f")]
    [DataRow("n1", null)]
    public void Paths_are_resolved_with_the_release_as_root(string path, string? expected)
    {
        // n0 leads through 40 links to f, n1 through 41.
        string[] chain = [.. Enumerable.Range(1, 40).Select(link => link == 40 ? "c40->f" : $"c{link}->c{link + 1}")];
        MergedView view = MergedView.Build(
            [Tree("x", ["f=1", "usr/l->/../f", "usr/m->../../d", "usr/loop->loop", "n0->c2", "n1->c1", .. chain]), Tree("y", "d/g=")], []);
        Assert.AreEqual(expected, view.Resolve(path)?.Entry.Path);
    }

    [TestMethod]
    public void A_directory_is_listed_through_links_and_by_name()
    {
        MergedView view = MergedView.Build([Tree("y", "usr/lib/b=", "usr/lib/a-b/", "lib->usr/lib"), Tree("x", "usr/lib/a/c=")], []);
        CollectionAssert.AreEqual(
            new[] { ("a", 1, "usr/lib/a"), ("a-b", 0, "usr/lib/a-b"), ("b", 0, "usr/lib/b") },
            view.List("lib").Select(child => (child.Name, child.File.Tree, child.File.Entry.Path)).ToArray());
        Assert.AreEqual(EntryKind.Link, view.Find("lib")?.Entry.Kind);
        Assert.IsEmpty(view.List("usr/lib/b"));
        Assert.IsEmpty(view.List("no"));
    }

    private static LavaException Fails(ReleaseTree[] trees, params LocalTree[] locals) =>
        Assert.ThrowsExactly<LavaException>(() => MergedView.Build(trees, locals));
}
