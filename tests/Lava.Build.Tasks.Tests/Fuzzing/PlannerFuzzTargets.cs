using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Lava.Build.Diagnostics;
using Lava.Build.Releases;
using Lava.Build.Tests.Releases;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Fuzzing;

/// <summary>Random small releases, each written to disk and compared with the union of its trees; an input is FsCheck's seed.</summary>
internal sealed class UnionFuzzTarget : FuzzTarget
{
    private readonly TemporaryDirectory _directory = new();
    private int _number;

    internal override string Name => "planner-union";

    internal override int Weight => 4;

    internal override IEnumerable<byte[]> Seeds() => [new byte[12]];

    internal override byte[] Mutate(Random random, byte[] input, byte[] other)
    {
        byte[] seed = new byte[12];
        random.NextBytes(seed);
        return seed;
    }

    internal override Task<string> RunAsync(byte[] input)
    {
        byte[] seed = [.. input.Concat(new byte[12]).Take(12)];
        Rnd random = new(BinaryPrimitives.ReadUInt64LittleEndian(seed), 1);
        RandomCase one = ReleasePlannerCases.Arbitrary.Generator.Sample(1, random, seed[8] % 50).Single();
        string directory = Path.Combine(_directory.Path, $"{_number++}");
        bool planned = ReleasePlannerProperties.Try(one, directory);
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }

        return Task.FromResult($"{planned} {one.Trees.Length} {one.Reserved.Length} {one.Local is not null}");
    }

    public override void Dispose()
    {
        _directory.Dispose();
        base.Dispose();
    }
}

/// <summary>
/// Bigger and stranger trees than those, such as chains and circles of links, planned only: nothing planned may stand outside the
/// release or climb out of it other than into the store, whatever links between are taken for directories.
/// </summary>
internal sealed class PlannerFuzzTarget : FuzzTarget
{
    private const string Local = "/srv/local";
    private static readonly string[] Names = ["a", "b", "c", "lib", "usr", "x-y", "é", "..."];

    internal override string Name => "planner";

    internal override int Weight => 4;

    internal override IEnumerable<byte[]> Seeds()
    {
        Random random = new(1);
        foreach (int size in (int[])[10, 100, 1000, 4000])
        {
            byte[] seed = new byte[size];
            random.NextBytes(seed);
            yield return seed;
        }
    }

    internal override Task<string> RunAsync(byte[] input)
    {
        Reader bytes = new(input);
        ReleaseTree[] trees = [.. Enumerable.Range(0, 1 + bytes.Next(5)).Select(index => Tree(bytes, index))];
        LocalTree[] locals = bytes.Next(3) == 0 ? [new LocalTree("local", PathOf(bytes), Local, SourceLocation.None)] : [];
        HashSet<string> reserved = bytes.Next(2) == 0 ? ["g"] : ["g", "lib/a/" + Names[bytes.Next(4)]];
        try
        {
            MergedView view = MergedView.Build(trees, locals);
            ReleasePlan plan = ReleasePlanner.Plan(view, reserved);
            AssertInside(plan);
            return Task.FromResult(
                $"{trees.Length} 2^{Math.ILogB(plan.Entries.Count + 1)}, dangling {plan.Dangling.Any(link => link.Target is null)} 2^{Math.ILogB(plan.Dangling.Count + 1)}");
        }
        catch (LavaException refusal)
        {
            return Task.FromResult(string.Join(' ', refusal.Problems.Select(problem => problem.Code).Distinct()));
        }
    }

    private static ReleaseTree Tree(Reader bytes, int index)
    {
        SortedDictionary<string, TreeEntry> entries = new(StringComparer.Ordinal);
        string name = $"t{index}";
        for (int count = 1 + (bytes.Next(256) * bytes.Next(8)); count > 0 && !bytes.AtEnd; count--)
        {
            string path = PathOf(bytes);
            string[] parents = [.. Parents(path)];
            if (parents.Any(parent => entries.TryGetValue(parent, out TreeEntry? entry) && entry.Kind != EntryKind.Directory) || entries.ContainsKey(path))
            {
                continue;
            }

            foreach (string parent in parents)
            {
                entries[parent] = new TreeEntry(parent, EntryKind.Directory);
            }

            entries[path] = bytes.Next(4) switch
            {
                0 => new TreeEntry(path, EntryKind.Directory),
                1 => new TreeEntry(path, EntryKind.File, bytes.Next(2) == 0, 1, 0, new string("ab"[bytes.Next(8) / 7], 64)),
                _ => new TreeEntry(path, EntryKind.Link, LinkTarget: TargetOf(bytes)),
            };
        }

        return new ReleaseTree
        {
            Component = name,
            StoreName = name + "-1",
            Manifest = new TreeManifest([.. entries.Values]),
            Overrides = bytes.Next(2) == 0 ? [] : new HashSet<string>(["t0", "t1", "t2", "t3", "t4"]).Where(other => string.CompareOrdinal(other, name) < 0).ToHashSet(),
            Excludes = bytes.Next(4) == 0 ? [PathOf(bytes)] : [],
        };
    }

    private static string PathOf(Reader bytes) => string.Join('/', Enumerable.Range(0, 1 + bytes.Next(bytes.Next(16) == 0 ? 40 : 4)).Select(_ => Names[bytes.Next(Names.Length)]));

    private static string TargetOf(Reader bytes)
    {
        StringBuilder text = new(bytes.Next(4) == 0 ? "/" : "");
        for (int count = 1 + bytes.Next(bytes.Next(16) == 0 ? 200 : 5); count > 0; count--)
        {
            text.Append(bytes.Next(3) switch { 0 => "..", 1 when bytes.Next(4) == 0 => ".", _ => Names[bytes.Next(Names.Length)] }).Append('/');
        }

        return bytes.Next(8) == 0 ? text.ToString() : text.ToString(0, Math.Max(1, text.Length - 1));
    }

    private static IEnumerable<string> Parents(string path)
    {
        for (int end = path.IndexOf('/'); end >= 0; end = path.IndexOf('/', end + 1))
        {
            yield return path[..end];
        }
    }

    private static void AssertInside(ReleasePlan plan)
    {
        HashSet<string> directories = [""];
        HashSet<string> seen = [];
        foreach (PlannedEntry entry in plan.Entries)
        {
            Assert.IsTrue(seen.Add(entry.Path), $"twice: {entry.Path}");
            Assert.IsTrue(directories.Contains(entry.Path[..Math.Max(0, entry.Path.LastIndexOf('/'))]), $"no directory for {entry.Path}");
            if (entry.LinkText is null)
            {
                directories.Add(entry.Path);
            }
            else if (entry.LinkText != Local)
            {
                AssertStays(entry);
            }
        }
    }

    /// <summary>Links in a plan stand in real directories, so the text's leading climbs are what they seem.</summary>
    private static void AssertStays(PlannedEntry entry)
    {
        string text = entry.LinkText!;
        Assert.IsFalse(text.StartsWith('/'), $"{entry.Path} -> {text}");
        int depth = entry.Path.Count(character => character == '/');
        string[] names = text.Split('/');
        int climbs = names.TakeWhile(name => name is "..").Count();
        Assert.IsTrue(climbs <= depth || (climbs == depth + 1 && names[climbs] == ".store" && !names.Skip(climbs).Contains("..")), $"{entry.Path} -> {text}");
    }

    private sealed class Reader(byte[] bytes)
    {
        private int _at;

        internal bool AtEnd => _at >= bytes.Length;

        /// <summary>A number from 0 to below <paramref name="limit"/>; 0 at the end.</summary>
        internal int Next(int limit) => AtEnd ? 0 : bytes[_at++] % limit;
    }
}
