using FsCheck;
using FsCheck.Fluent;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Releases;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Releases;

[TestClass]
public sealed class ReleasePlannerProperties
{
    private const int Cases = 600;

    [TestMethod]
    public void A_planned_release_on_disk_is_the_union_of_its_trees()
    {
        using TemporaryDirectory temporary = new();
        int number = 0;
        int planned = 0;
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(Cases),
            Prop.ForAll(ReleasePlannerCases.Arbitrary, one => planned += Try(one, Path.Combine(temporary.Path, $"{number++}")) ? 1 : 0));
        Assert.IsGreaterThan(Cases / 2, planned, "too few of the random cases get as far as a plan");
    }

    /// <summary>Plans a case, writes it into a new directory and compares; false if it is refused, as it should be then.</summary>
    internal static bool Try(RandomCase one, string directory)
    {
        ReleaseTree[] trees = [.. one.Trees.Select(tree => tree.ToTree())];
        LocalTree[] locals = one.Local is null
            ? []
            : [new LocalTree("t", one.Local, Path.Combine(directory, "local"), SourceLocation.None)];
        HashSet<string> reserved = [.. one.Reserved];
        NaiveUnion union = NaiveUnion.Of(trees, locals.FirstOrDefault());
        if (union.Conflicts.Count > 0)
        {
            LavaException conflicts = Assert.ThrowsExactly<LavaException>(() => MergedView.Build(trees, locals));
            Assert.IsTrue(conflicts.Problems.All(problem => problem.Code is "LAVA4001" or "LAVA4002"));
            Assert.IsTrue(union.Conflicts.SetEquals(conflicts.Problems.Select(problem => problem.Text.Split('\'')[1])), conflicts.Message);
            return false;
        }

        MergedView view = MergedView.Build(trees, locals);
        CompareView(view, union);
        if (IsTaken(union, reserved))
        {
            LavaException taken = Assert.ThrowsExactly<LavaException>(() => ReleasePlanner.Plan(view, reserved));
            Assert.IsTrue(taken.Problems.All(problem => problem.Code == "LAVA4004"));
            return false;
        }

        ReleasePlan plan = ReleasePlanner.Plan(view, reserved);
        foreach (ReleaseTree[] order in (ReleaseTree[][])[trees, [.. trees.Reverse()], [.. trees.Skip(1), .. trees.Take(1)]])
        {
            ReleasePlan again = ReleasePlanner.Plan(MergedView.Build(order, locals), reserved);
            CollectionAssert.AreEqual(Trees.Lines(plan), Trees.Lines(again));
            CollectionAssert.AreEqual(plan.Dangling.ToArray(), again.Dangling.ToArray());
        }

        AddGenerated(union, reserved);
        WriteStore(trees, Path.Combine(directory, ".store"));
        Directory.CreateDirectory(Path.Combine(directory, "local"));
        string release = Path.Combine(directory, "release");
        Trees.Write(plan, release);
        foreach (string path in reserved)
        {
            Assert.IsNull(new FileInfo(Path.Combine(release, path)).LinkTarget, path);
            File.WriteAllText(Path.Combine(release, path), "generated");
        }

        CompareDisk(new DiskWalker(directory), plan, union);
        return true;
    }

    private static void CompareView(MergedView view, NaiveUnion union)
    {
        CollectionAssert.AreEqual(union.Names("").ToArray(), view.List("/").Select(child => child.Name).ToArray());
        foreach ((string path, NaiveEntry entry) in union.Paths)
        {
            Assert.AreEqual(path, view.Find(path)?.Entry.Path);
            Assert.AreEqual(entry.What == "local" || entry.What.StartsWith("->", StringComparison.Ordinal) ? EntryKind.Link
                : entry.What == "/" ? EntryKind.Directory : EntryKind.File, view.Find(path)!.Entry.Kind);
            if (entry.What.StartsWith("->", StringComparison.Ordinal))
            {
                string? target = union.Follow(path);
                Assert.AreEqual(target, view.Resolve(path)?.Entry.Path, path);
                string[] names = target is not null && (target.Length == 0 || union.Paths[target].What == "/") ? [.. union.Names(target)] : [];
                CollectionAssert.AreEqual(names, view.List(path).Select(child => child.Name).ToArray(), path);
            }
        }
    }

    private static bool IsTaken(NaiveUnion union, HashSet<string> reserved) => reserved.Any(path =>
        union.Paths.GetValueOrDefault(path)?.What == "local"
        || union.Paths.Any(pair => pair.Value.What != "/" && path.StartsWith(pair.Key + "/", StringComparison.Ordinal)));

    private static void AddGenerated(NaiveUnion union, HashSet<string> reserved)
    {
        foreach (string path in reserved)
        {
            foreach (string below in union.Paths.Keys.Where(other => other.StartsWith(path + "/", StringComparison.Ordinal)).ToList())
            {
                union.Paths.Remove(below);
            }

            for (int end = path.IndexOf('/'); end >= 0; end = path.IndexOf('/', end + 1))
            {
                union.Paths.TryAdd(path[..end], new NaiveEntry("/", ""));
            }

            union.Paths[path] = new NaiveEntry("generated", "");
        }
    }

    private static void WriteStore(ReleaseTree[] trees, string store)
    {
        foreach (ReleaseTree tree in trees)
        {
            string root = Path.Combine(store, tree.StoreName);
            Directory.CreateDirectory(root);
            foreach (TreeEntry entry in tree.Manifest.Entries)
            {
                string path = Path.Combine(root, entry.Path);
                switch (entry.Kind)
                {
                    case EntryKind.Directory:
                        Directory.CreateDirectory(path);
                        break;
                    case EntryKind.Link:
                        Posix.SymbolicLink(entry.LinkTarget!, path);
                        break;
                    default:
                        File.WriteAllText(path, Content(entry.Path, $"{(entry.Executable ? "*" : "")}={entry.Sha256}"));
                        break;
                }
            }
        }
    }

    private static string Content(string path, string what) => $"{path} {what}";

    private static void CompareDisk(DiskWalker disk, ReleasePlan plan, NaiveUnion union)
    {
        List<DanglingLink> dangling = [];
        Same(union.Names(""), disk.Names(""), "the root");
        foreach ((string path, NaiveEntry entry) in union.Paths)
        {
            string? found = disk.Resolve(path);
            switch (entry.What)
            {
                case "/":
                    Same(union.Names(path), disk.Names(path), path);
                    break;
                case "local":
                    Assert.AreEqual(disk.Local, found, path);
                    break;
                case "generated":
                    Assert.AreEqual("generated", File.ReadAllText(disk.Full(path)), path);
                    break;
                case ['-', '>', ..]:
                    CompareLink(disk, union, path, found, dangling);
                    break;
                default:
                    Assert.AreEqual(Content(path, entry.What), File.ReadAllText(disk.Full(path)), path);
                    break;
            }
        }

        Same(dangling.Select(link => link.Path), plan.Dangling.Select(link => link.Path), "dangling links");
        foreach (DanglingLink link in plan.Dangling)
        {
            Assert.IsFalse(link.Target is not null && link.Target.Split('/').Contains(".."), link.ToString());
            Assert.AreEqual(union.Paths[link.Path].Component, link.Component, link.ToString());
        }
    }

    private static void CompareLink(DiskWalker disk, NaiveUnion union, string path, string? found, List<DanglingLink> dangling)
    {
        string? target = union.Follow(path);
        string what = target is null ? "" : target.Length == 0 ? "/" : union.Paths[target].What;
        switch (what)
        {
            case "":
                dangling.Add(new DanglingLink(path, null, ""));
                Assert.IsNull(found, path);
                break;
            case "/":
                Assert.AreEqual(disk.Resolve(target!), found, path);
                Assert.IsTrue(Directory.Exists(disk.Full(path)), path);
                break;
            case "local":
                Assert.IsTrue(found is null || found.StartsWith(disk.Local, StringComparison.Ordinal), $"{path}: {found}");
                break;
            case "generated":
                Assert.AreEqual(disk.Full(target!), found, path);
                break;
            default:
                Assert.AreEqual(Content(target!, what), File.ReadAllText(disk.Full(path)), path);
                break;
        }
    }

    private static void Same(IEnumerable<string> expected, IEnumerable<string> actual, string what) =>
        CollectionAssert.AreEqual(
            expected.Order(StringComparer.Ordinal).ToArray(), actual.Order(StringComparer.Ordinal).ToArray(), what);
}
