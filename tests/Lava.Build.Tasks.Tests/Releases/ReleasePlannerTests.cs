using System.Diagnostics;
using Lava.Build.Diagnostics;
using Lava.Build.Releases;
using static Lava.Build.Tests.Releases.Trees;

namespace Lava.Build.Tests.Releases;

[TestClass]
public sealed class ReleasePlannerTests
{
    /// <summary>What is planned for trees "x", "y", … of the given lines; the store's part of texts is cut to "x:path".</summary>
    private static IEnumerable<object[]> Cases =>
    [
        Case("A directory of one tree is one link", ["x: usr/a=, usr/b/c="], ["usr -> x:usr"]),
        Case("A directory of several trees is real", ["x: usr/a=", "y: usr/b="], ["usr/", "usr/a -> x:usr/a", "usr/b -> y:usr/b"]),
        Case("Below a shared directory folding goes on", ["x: usr/x/a/b=", "y: usr/y/c="], ["usr/", "usr/x -> x:usr/x", "usr/y -> y:usr/y"]),
        Case("An equal file of two trees is one", ["y: usr/a=1", "x: usr/a=1"], ["usr/", "usr/a -> x:usr/a"]),
        Case("An equal link of two trees is one", ["x: u/a=, u/l->a", "y: u/l->a"], ["u/", "u/a -> x:u/a", "u/l -> a"]),
        Case("Files at the root are links", ["x: a="], ["a -> x:a"]),
        Case("An empty directory is kept", ["x: a/b/, c="], ["a -> x:a", "c -> x:c"]),
        Case("An empty directory of two trees is kept", ["x: a/b/", "y: a/b/"], ["a/", "a/b/"]),
        Case("A link within its tree stays in the store", ["x: a/f=, a/b/l->../f"], ["a -> x:a"]),
        Case("A link to a file of a shared directory of its own tree stays in the store",
            ["x: a/f=, b/l->../a/f", "y: a/g="], ["a/", "a/f -> x:a/f", "a/g -> y:a/g", "b -> x:b"]),
        Case("A link to its own directory stays in the store", ["x: a/l->."], ["a -> x:a"]),
        Case("A link to a shared directory is made anew",
            ["x: a/f=, b/l->../a", "y: a/g="], ["a/", "a/f -> x:a/f", "a/g -> y:a/g", "b/", "b/l -> ../a"]),
        Case("A link to a directory that a link makes real is made anew, and so on",
            ["x: a/l->../f, b/l->../a, c/l->../b, d/e=", "y: f="],
            ["a/", "a/l -> ../f", "b/", "b/l -> ../a", "c/", "c/l -> ../b", "d -> x:d", "f -> y:f"]),
        Case("The order of such a chain does not matter",
            ["x: a/l->../b, b/l->../c, c/l->../f, d/e=", "y: f="],
            ["a/", "a/l -> ../b", "b/", "b/l -> ../c", "c/", "c/l -> ../f", "d -> x:d", "f -> y:f"]),
        Case("A link into another tree is made anew", ["x: a/b/l->../../c/f, a/g=", "y: c/f="],
            ["a/", "a/b/", "a/b/l -> ../../c/f", "a/g -> x:a/g", "c -> y:c"]),
        Case("An absolute link becomes relative", ["x: usr/share/l->/usr/lib/f, usr/lib/f="],
            ["usr/", "usr/lib -> x:usr/lib", "usr/share/", "usr/share/l -> ../lib/f"]),
        Case("Absolute links to near places", ["x: a/b/l->/a/b, a/b/m->/, a/b/n->/a/b/f, a/b/f=, o->/"],
            ["a/", "a/b/", "a/b/f -> x:a/b/f", "a/b/l -> .", "a/b/m -> ../..", "a/b/n -> f", "o -> ."]),
        Case("A link that climbs above the root is held at it", ["x: a/l->../../../b, b="], ["a/", "a/l -> ../b", "b -> x:b"]),
        Case("An absolute link that climbs is held at the root", ["x: a/l->/../../b, b="], ["a/", "a/l -> ../b", "b -> x:b"]),
        Case("A link out of a folded directory is straightened",
            ["x: a/x/f=, a/l->x/../y/g", "y: a/y/g="], ["a/", "a/l -> y/g", "a/x -> x:a/x", "a/y -> y:a/y"]),
        Case("A link back inside a folded directory keeps its text",
            ["x: l->a/b/../f, a/b/c=, a/f="], ["a -> x:a", "l -> a/b/../f"]),
        Case("A link through a link is straightened where the kernel would leave the release",
            ["x: a/l->m/../h, a/m->../b, b/c=", "y: h="], ["a/", "a/l -> ../h", "a/m -> ../b", "b -> x:b", "h -> y:h"]),
        Case("A link through a link of another tree", ["x: a/l->../m/f", "y: m->n, n/f="],
            ["a/", "a/l -> ../m/f", "m -> n", "n -> y:n"]),
        Case("A chain through an absolute link is made anew", ["x: a/l->m, a/m->/f, f="], ["a/", "a/l -> m", "a/m -> ../f", "f -> x:f"]),
        Case("A link that leads nowhere is made all the same", ["x: a/l->/b/c, a/m->../../d"],
            ["a/", "a/l -> ../b/c", "a/m -> ../d"], dangling: ["a/l: b/c", "a/m: d"]),
        Case("A link through nothing stays one", ["x: a/l->/no/../f, f="], ["a/", "a/l -> ../no/", "f -> x:f"], dangling: ["a/l: no"]),
        Case("A link through a file stays one", ["x: a/l->/f/../g, f=, g="],
            ["a/", "a/l -> ../f/", "f -> x:f", "g -> x:g"], dangling: ["a/l: f"]),
        Case("A link that asks for a directory and finds a file", ["x: a/l->/f/, f="], ["a/", "a/l -> ../f/", "f -> x:f"], dangling: ["a/l: f"]),
        Case("A loop is made all the same", ["x: a/l->m, a/m->/a/l"], ["a/", "a/l -> m", "a/m -> l"], dangling: ["a/l: ", "a/m: "]),
        Case("The end of a chain is told", ["x: a/l->m, a/m->../n", "y: n->o/p/./q"],
            ["a/", "a/l -> m", "a/m -> ../n", "n -> o/p/./q"], dangling: ["a/l: o/p/q", "a/m: o/p/q", "n: o/p/q"]),
        Case("An override wins", ["x: a/f=1", "y>x: a/f=2"], ["a/", "a/f -> y:a/f"]),
        Case("An override of two settles what they disagree on", ["x: f=1", "y: f=2", "z>x>y: f=3"], ["f -> z:f"]),
        Case("A file that overrides a directory replaces all of it", ["x: a/b/c=, a/d=", "y>x: a/b="],
            ["a/", "a/b -> y:a/b", "a/d -> x:a/d"]),
        Case("A directory that overrides a link folds", ["x: lib->usr", "y>x: lib/f="], ["lib -> y:lib"]),
        Case("A link to a file that another tree overrides is made anew", ["x: a/f=1, b/l->../a/f", "y>x: a/f=2"],
            ["a/", "a/f -> y:a/f", "b/", "b/l -> ../a/f"]),
        Case("An exclude is left out of a directory, which is real then", ["x-a/b: a/b/c=, a/d="], ["a/", "a/d -> x:a/d"]),
        Case("An exclude ends a conflict", ["x-f: f=1", "y: f=2"], ["f -> y:f"]),
        Case("A link to what is excluded leads nowhere", ["x-f: f=1, a/l->../f"], ["a/", "a/l -> ../f"], dangling: ["a/l: f"]),
        Case("An exclude within an exclude", ["x-a-a/b: a/b/c=, d="], ["d -> x:d"]),
        Case("Directories of generated files are real", ["x: bin/a=, bin/sub/b="], ["bin/", "bin/a -> x:bin/a", "bin/sub -> x:bin/sub"],
            reserved: ["bin/activate"]),
        Case("Directories of generated files are made", ["x: a="], ["a -> x:a", "b/", "b/c/"], reserved: ["b/c/d", "e"]),
        Case("What a generated file replaces is left out", ["x: bin/a=, bin/b="], ["bin/", "bin/b -> x:bin/b"], reserved: ["bin/a"]),
        Case("A directory that a generated file replaces is left out", ["x: a/b/c->/no, a/d="], ["a/", "a/d -> x:a/d"], reserved: ["a/b"]),
        Case("Links lead to generated files", ["x: a/l->../bin/python, bin/python=, b/l->../bin/f, bin/f="],
            ["a/", "a/l -> ../bin/python", "b -> x:b", "bin/", "bin/f -> x:bin/f"], reserved: ["bin/python"]),
        Case("Links lead to directories of generated files", ["x: a/l->../g"], ["a/", "a/l -> ../g", "g/"], reserved: ["g/f"]),
        Case("A local tree is a link", ["x: a/b=", "a/t@/home/me"], ["a/", "a/b -> x:a/b", "a/t -> /home/me"]),
        Case("Directories above a local tree are made", ["a/b/t@/home/me"], ["a/", "a/b/", "a/b/t -> /home/me"]),
        Case("Links into a local tree are taken to lead somewhere", ["x: l->a/t/f, m->a/t/../n/o/../p", "y: a/n/p=", "a/t@/home/me"],
            ["a/", "a/n -> y:a/n", "a/t -> /home/me", "l -> a/t/f", "m -> a/n/o/"], dangling: ["m: a/n/o"]),
        Case("Links past a local tree do not climb out of it", ["x: l->t/../f, m->t/a/../../f, n->t/a/../b, f=", "t@/home/me"],
            ["f -> x:f", "l -> f", "m -> f", "n -> t/b", "t -> /home/me"]),
        Case("Links through a link into a local tree know how deep it leads", ["x: a->t/b/c, l->a/.., m->a/../d, n->a/../../../f, f=", "t@/home/me"],
            ["a -> t/b/c", "f -> x:f", "l -> t/b", "m -> t/b/d", "n -> f", "t -> /home/me"]),
        Case("Names that sort around the slash", ["x: a/b=, a-b/c=, a.d=", "y: a/e="],
            ["a/", "a-b -> x:a-b", "a.d -> x:a.d", "a/b -> x:a/b", "a/e -> y:a/e"]),
        Case("Nothing makes nothing", [], []),
    ];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void A_release_is_planned(string what, string[] trees, string[] expected, string[] dangling, string[] reserved)
    {
        ReleasePlan plan = ReleasePlanner.Plan(View(trees), reserved.ToHashSet());
        CollectionAssert.AreEqual(expected, Lines(plan).Select(Shorten).ToArray(), $"{what}: {string.Join(", ", Lines(plan).Select(Shorten))}");
        CollectionAssert.AreEqual(dangling, plan.Dangling.Select(link => $"{link.Path}: {link.Target}").ToArray(), what);
    }

    [TestMethod]
    public void Store_links_climb_to_the_directory_that_holds_release_and_store()
    {
        ReleasePlan plan = ReleasePlanner.Plan(MergedView.Build([Tree("x", "a/b/c=1"), Tree("y", "a/d=")], []), new HashSet<string>());
        CollectionAssert.AreEqual(new[] { "a/", "a/b -> ../../.store/x-1/a/b", "a/d -> ../../.store/y-1/a/d" }, Lines(plan));
    }

    [TestMethod]
    public void A_dangling_link_names_its_component() =>
        Assert.AreEqual(
            new DanglingLink("a/l", "doc/html", "x"),
            ReleasePlanner.Plan(View("x: a/l->../doc/html"), new HashSet<string>()).Dangling.Single());

    [TestMethod]
    [DataRow("bin->usr/bin", "x", "'bin' as a link to 'usr/bin'")]
    [DataRow("bin=", "x", "'bin' as a file")]
    [DataRow("bin@/home/me", "local", "'bin' as a local tree")]
    [DataRow("bin/python@/home/me", "local", "'bin/python' as a local tree")]
    public void A_component_where_files_are_generated_is_an_error(string line, string component, string expected)
    {
        MergedView view = View(line.Contains('@') ? line : "x: " + line);
        LavaException error = Assert.ThrowsExactly<LavaException>(
            () => ReleasePlanner.Plan(view, new HashSet<string> { "bin/activate", "bin/python" }));
        Assert.IsTrue(error.Problems.All(problem => problem.Code == "LAVA4004"));
        Assert.Contains($"'{component}' supplies {expected}", error.Problems[^1].Text);
    }

    [TestMethod]
    public void A_thousand_trees_are_planned_in_a_moment()
    {
        ReleaseTree[] trees =
        [
            .. Enumerable.Range(0, 1000).Select(tree => Tree(
                $"package{tree}",
                [
                    .. Enumerable.Range(0, 95).Select(file => $"usr/lib/python3/dist-packages/package{tree}/d{file % 7}/file{file}.py"),
                    .. Enumerable.Range(0, 5).Select(link => $"usr/share/p{tree}/l{link}->../p{(tree + 1) % 1000}/l{link + 1}"),
                    $"usr/share/p{tree}/d->../p{(tree + 1) % 1000}",
                ])),
        ];
        Stopwatch watch = Stopwatch.StartNew();
        ReleasePlan plan = ReleasePlanner.Plan(MergedView.Build(trees, []), new HashSet<string>());

        // It takes 0.1 s; the rest is for a busy machine. Anything quadratic takes minutes.
        Assert.IsLessThan(TimeSpan.FromSeconds(5), watch.Elapsed);
        Assert.HasCount(5000, plan.Dangling);
    }

    internal static MergedView View(params string[] lines)
    {
        List<ReleaseTree> trees = [];
        List<LocalTree> locals = [];
        foreach (string line in lines)
        {
            if (line.Split('@') is [string path, string directory])
            {
                locals.Add(new LocalTree("local", path, directory, SourceLocation.None));
                continue;
            }

            string[] head = line.Split(": ")[0].Split('>')[^1].Split('-');
            string[] overrides = line.Split(": ")[0].Split('>');
            trees.Add(Tree(overrides[0].Split('-')[0], line.Split(": ")[1].Split(", ")) with
            {
                Overrides = overrides[1..].ToHashSet(),
                Excludes = head[1..],
            });
        }

        return MergedView.Build(trees, locals);
    }

    private static object[] Case(string what, string[] trees, string[] expected, string[]? dangling = null, string[]? reserved = null) =>
        [what, trees, expected, dangling ?? [], reserved ?? []];

    private static string Shorten(string line)
    {
        int store = line.IndexOf(".store/", StringComparison.Ordinal);
        return store < 0 ? line : line[..(line.IndexOf(" -> ", StringComparison.Ordinal) + 4)] + line[(store + 7)..].Replace("-1/", ":", StringComparison.Ordinal);
    }
}
