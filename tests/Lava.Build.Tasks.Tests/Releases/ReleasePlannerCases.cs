using FsCheck;
using FsCheck.Fluent;
using Lava.Build.Releases;

namespace Lava.Build.Tests.Releases;

/// <summary>A tree of a random case; lines as in <see cref="Trees.Tree"/>.</summary>
internal sealed record RandomTree(string Name, string[] Lines, string[] Overrides, string[] Excludes)
{
    public ReleaseTree ToTree() => Trees.Tree(Name, Lines) with { Overrides = Overrides.ToHashSet(), Excludes = Excludes };

    public override string ToString() =>
        $"{Name}: {string.Join(", ", Lines)}; overrides [{string.Join(' ', Overrides)}]; excludes [{string.Join(' ', Excludes)}]";
}

/// <summary>What a release is planned from.</summary>
internal sealed record RandomCase(RandomTree[] Trees, string[] Reserved, string? Local)
{
    public override string ToString() =>
        string.Join("\n", (IEnumerable<RandomTree>)Trees) + $"\nreserved [{string.Join(' ', Reserved)}]; local {Local ?? "none"}";
}

/// <summary>Random cases of few names, so that trees meet and links between them happen.</summary>
internal static class ReleasePlannerCases
{
    private static readonly string[] Names = ["p", "q", "r", "s"];

    private static readonly Gen<string> Path =
        from depth in Gen.Frequency((2, Gen.Constant(1)), (4, Gen.Constant(2)), (3, Gen.Constant(3)))
        from names in Gen.ListOf(Gen.Elements("a", "b", "c", "a-b"), depth)
        select string.Join('/', names);

    private static readonly Gen<string> LinkText =
        from root in Gen.Frequency((3, Gen.Constant("")), (1, Gen.Constant("/")))
        from climb in Gen.Frequency((2, Gen.Constant("")), (3, Gen.Constant("../")), (2, Gen.Constant("../../")), (1, Gen.Constant("../../../../")))
        from count in Gen.Choose(1, 4)
        from names in Gen.ListOf(Gen.Frequency((8, Gen.Elements("a", "b", "c", "a-b", "g")), (2, Gen.Constant("..")), (1, Gen.Constant("."))), count)
        from end in Gen.Frequency((8, Gen.Constant("")), (1, Gen.Constant("/")))
        select root + climb + string.Join('/', names) + end;

    private static readonly Gen<string> Line = Gen.Frequency(
        (5, Path.Select(path => path + "=same")),
        (2, from path in Path from content in Gen.Elements("x", "y") from mode in Gen.Elements("", "*") select $"{path}{mode}={content}"),
        (1, Path.Select(path => path + "/")),
        (5, from path in Path from text in LinkText select $"{path}->{text}"));

    private static readonly Gen<RandomCase> Case =
        from count in Gen.Choose(1, 4)
        from trees in Gen.ListOf(Tree(), count)
        from reserved in Gen.Frequency(
            (2, Gen.Constant(Array.Empty<string>())),
            (1, Gen.Elements<string[]>(["g"], ["a/g"], ["a/b"], ["b", "g/a"], ["c/g/g", "a"])))
        from local in Gen.Frequency((3, Gen.Constant((string?)null)), (1, Gen.Elements<string?>("c", "a/c", "d/e", "b/a")))
        from peaceful in Gen.Frequency((6, Gen.Constant(true)), (1, Gen.Constant(false)))
        select Make(trees, reserved, local, peaceful);

    public static Arbitrary<RandomCase> Arbitrary { get; } = Arb.From(Case, Shrink);

    private static Gen<(string[] Lines, string[] Overrides, string[] Excludes)> Tree() =>
        from count in Gen.Choose(0, 9)
        from lines in Gen.ListOf(Line, count)
        from overrides in Gen.Frequency((3, Gen.Constant(Array.Empty<string>())), (1, Gen.SubListOf(Names).Select(list => list.ToArray())))
        from excludes in Gen.Frequency((5, Gen.Constant(Array.Empty<string>())), (1, Path.Select(path => new[] { path })))
        select (lines.ToArray(), overrides, excludes);

    private static RandomCase Make(
        IEnumerable<(string[] Lines, string[] Overrides, string[] Excludes)> parts, string[] reserved, string? local, bool peaceful)
    {
        Dictionary<string, (string Line, string Owner)> taken = [];
        List<RandomTree> trees = [];
        foreach ((string[] lines, string[] overrides, string[] excludes) in parts)
        {
            string name = Names[trees.Count];
            Dictionary<string, string> own = [];
            foreach (string line in lines)
            {
                string[] parents = [.. Parents(PathOf(line))];
                bool fits = !own.ContainsKey(PathOf(line))
                    && parents.All(parent => own.GetValueOrDefault(parent, "/") == "/")
                    && !own.Keys.Any(path => path.StartsWith(PathOf(line) + "/", StringComparison.Ordinal));
                bool clashes = parents.Append(PathOf(line)).Any(path =>
                    taken.TryGetValue(path, out (string Line, string Owner) other)
                    && other.Line != (path == PathOf(line) ? What(line) : "/")
                    && !overrides.Contains(other.Owner));
                if (!fits || (peaceful && clashes))
                {
                    continue;
                }

                own[PathOf(line)] = What(line);
                foreach (string parent in parents)
                {
                    own[parent] = "/";
                }
            }

            foreach ((string path, string what) in own)
            {
                taken.TryAdd(path, (what, name));
            }

            trees.Add(new RandomTree(name, [.. own.Select(pair => pair.Key + pair.Value)], overrides, excludes));
        }

        return new RandomCase([.. trees], reserved, local);
    }

    private static IEnumerable<RandomCase> Shrink(RandomCase value)
    {
        for (int tree = 0; tree < value.Trees.Length; tree++)
        {
            RandomTree old = value.Trees[tree];
            yield return value with { Trees = [.. value.Trees.Where(other => other != old)] };
            foreach (string line in old.Lines)
            {
                if (!old.Lines.Any(other => other.StartsWith(PathOf(line) + "/", StringComparison.Ordinal) && other != line))
                {
                    yield return With(tree, old with { Lines = [.. old.Lines.Where(other => other != line)] });
                }
            }

            if (old.Overrides.Length > 0)
            {
                yield return With(tree, old with { Overrides = [] });
            }

            if (old.Excludes.Length > 0)
            {
                yield return With(tree, old with { Excludes = [] });
            }
        }

        if (value.Reserved.Length > 0)
        {
            yield return value with { Reserved = value.Reserved[1..] };
        }

        if (value.Local is not null)
        {
            yield return value with { Local = null };
        }

        RandomCase With(int index, RandomTree tree)
        {
            RandomTree[] trees = [.. value.Trees];
            trees[index] = tree;
            return value with { Trees = trees };
        }
    }

    private static string PathOf(string line) =>
        line.Split("->") is [string link, _] ? link : line.Split('=')[0].TrimEnd('*').TrimEnd('/');

    private static string What(string line) => line[PathOf(line).Length..];

    private static IEnumerable<string> Parents(string path)
    {
        for (int end = path.IndexOf('/'); end >= 0; end = path.IndexOf('/', end + 1))
        {
            yield return path[..end];
        }
    }
}
