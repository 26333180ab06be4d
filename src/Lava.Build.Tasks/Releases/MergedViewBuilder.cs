using System.Runtime.InteropServices;
using Lava.Build.Diagnostics;
using Lava.Build.Unpacking;

namespace Lava.Build.Releases;

/// <summary>Makes a merged view. Contributors are taken by component name, so that their order given does not matter.</summary>
internal sealed class MergedViewBuilder
{
    private readonly IReadOnlyList<ReleaseTree> _trees;
    private readonly IReadOnlyList<LocalTree> _locals;
    private readonly int[] _order;
    private readonly string[] _names;
    private readonly Dictionary<string, MergedViewNode> _nodes;
    private readonly Dictionary<string, MergedViewNode>.AlternateLookup<ReadOnlySpan<char>> _byPath;
    private readonly List<MergedViewNode> _shared = [];
    private readonly List<Problem> _warnings = [];

    private readonly MergedViewNode _root =
        new(new MergedSupplier(-1, MergedKind.Directory, new TreeEntry("", EntryKind.Directory)), null) { MustBeReal = true };

    public MergedViewBuilder(IReadOnlyList<ReleaseTree> trees, IReadOnlyList<LocalTree> locals)
    {
        _trees = trees;
        _locals = locals;
        (string Name, string Detail)[] keys =
        [
            .. trees.Select(tree => (tree.Component, tree.StoreName)),
            .. locals.Select(local => (local.Component, local.Path)),
        ];
        _order = new int[keys.Length];
        for (int index = 0; index < _order.Length; index++)
        {
            _order[index] = index;
        }

        Array.Sort(_order, (left, right) =>
        {
            int names = string.CompareOrdinal(keys[left].Name, keys[right].Name);
            return names != 0 ? names : string.CompareOrdinal(keys[left].Detail, keys[right].Detail);
        });
        _names = Array.ConvertAll(_order, index => keys[index].Name);
        _nodes = new Dictionary<string, MergedViewNode>(trees.Sum(tree => tree.Manifest.Entries.Count), StringComparer.Ordinal);
        _byPath = _nodes.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public MergedView Build()
    {
        for (int rank = 0; rank < _order.Length; rank++)
        {
            if (_order[rank] < _trees.Count)
            {
                AddTree(rank, _trees[_order[rank]]);
            }
            else
            {
                AddLocal(rank, _locals[_order[rank] - _trees.Count]);
            }
        }

        List<Problem> conflicts = Settle();
        return conflicts.Count == 0
            ? new MergedView(_trees, _locals, _order, _nodes, _root, _warnings)
            : throw new LavaException(conflicts);
    }

    private void AddTree(int rank, ReleaseTree tree)
    {
        IReadOnlyList<TreeEntry> entries = tree.Manifest.Entries;
        HashSet<string>? excluded = tree.Excludes.Count == 0
            ? null
            : new HashSet<string>(tree.Excludes.Select(path => path.Trim('/')), StringComparer.Ordinal);
        HashSet<string> matched = [];
        MergedViewNode parent = _root;
        for (int index = 0; index < entries.Count; index++)
        {
            TreeEntry entry = entries[index];
            ReadOnlySpan<char> parentPath = entry.Path.AsSpan(0, Math.Max(entry.Path.LastIndexOf('/'), 0));
            if (excluded is not null)
            {
                // What stands below an excluded directory is excluded by that directory's path in the set.
                bool below = parentPath.Length > 0 && excluded.GetAlternateLookup<ReadOnlySpan<char>>().Contains(parentPath);
                if (below || excluded.Contains(entry.Path))
                {
                    excluded.Add(entry.Path);
                    matched.Add(entry.Path);
                    if (!below)
                    {
                        FindParent(parentPath, tree).MustBeReal = true;
                    }

                    continue;
                }
            }

            if (!parentPath.SequenceEqual(parent.Path))
            {
                parent = FindParent(parentPath, tree);
            }

            MergedKind kind = entry.Kind switch
            {
                EntryKind.Directory => MergedKind.Directory,
                EntryKind.File => MergedKind.File,
                _ => MergedKind.Link,
            };
            Add(new MergedSupplier(rank, kind, entry), parent);
        }

        foreach (string exclude in tree.Excludes)
        {
            if (!matched.Contains(exclude.Trim('/')))
            {
                _warnings.Add(Problem.Warning(Strings.ExcludeMatchesNothing, tree.Location, exclude, tree.Component));
            }
        }
    }

    private void AddLocal(int rank, LocalTree local)
    {
        MergedViewNode parent = _root;
        for (int end = local.Path.IndexOf('/'); end >= 0; end = local.Path.IndexOf('/', end + 1))
        {
            TreeEntry directory = new(local.Path[..end], EntryKind.Directory);
            parent = Add(new MergedSupplier(rank, MergedKind.Directory, directory), parent);
            parent.MustBeReal = true;
        }

        TreeEntry link = new(local.Path, EntryKind.Link, LinkTarget: local.Directory);
        Add(new MergedSupplier(rank, MergedKind.Local, link), parent);
    }

    private MergedViewNode FindParent(ReadOnlySpan<char> path, ReleaseTree tree) =>
        path.Length == 0 ? _root
        : _byPath.TryGetValue(path, out MergedViewNode? node) ? node
        : throw new ArgumentException($"The manifest of {tree.StoreName} lacks the directory {path}.");

    private MergedViewNode Add(MergedSupplier supplier, MergedViewNode parent)
    {
        ref MergedViewNode? node = ref CollectionsMarshal.GetValueRefOrAddDefault(_nodes, supplier.Entry.Path, out bool exists);
        if (!exists)
        {
            node = new MergedViewNode(supplier, parent);
            parent.AddChild(node);
        }
        else
        {
            if (!node!.IsShared)
            {
                _shared.Add(node);
            }

            node.Add(supplier);
        }

        return node!;
    }

    /// <summary>Decides who supplies each path that several contributors have; returns what cannot be decided.</summary>
    private List<Problem> Settle()
    {
        List<Problem> conflicts = [];

        // Parents come first: who loses a directory has no say below it.
        _shared.Sort((left, right) => string.CompareOrdinal(left.Path, right.Path));
        foreach (MergedViewNode node in _shared)
        {
            if (!AllSame(node.Suppliers))
            {
                Settle(node, conflicts);
            }
        }

        return conflicts;
    }

    private void Settle(MergedViewNode node, List<Problem> conflicts)
    {
        MergedSupplier[] all = node.Suppliers.ToArray();
        List<MergedSupplier> left = [];
        foreach (MergedSupplier supplier in all)
        {
            if (!Array.Exists(all, other => !other.Same(supplier) && Overrides(other.Rank, supplier.Rank)))
            {
                left.Add(supplier);
            }
        }

        if (left.Count == 0)
        {
            string names = string.Join(" and ", all.Select(supplier => $"'{_names[supplier.Rank]}'"));
            conflicts.Add(Problem.Error(Strings.OverridesInCircle, LocationOf(all[0].Rank), node.Path, names));
            return;
        }

        foreach (MergedSupplier other in left)
        {
            if (!other.Same(left[0]))
            {
                conflicts.Add(Problem.Error(
                    Strings.PathConflict,
                    LocationOf(left[0].Rank),
                    node.Path,
                    _names[left[0].Rank],
                    _names[other.Rank],
                    Describe(left[0]),
                    Describe(other)));
            }
        }

        node.Keep(left);
        foreach (MergedSupplier lost in all)
        {
            if (lost.Kind == MergedKind.Directory && !left.Exists(supplier => supplier.Rank == lost.Rank))
            {
                DropBelow(node, lost.Rank);
            }
        }

        node.MustBeReal &= node.Kind == MergedKind.Directory;
    }

    /// <summary>Takes away all that a contributor supplies below a path that it lost.</summary>
    private void DropBelow(MergedViewNode top, int rank)
    {
        Stack<MergedViewNode> pending = new([top]);
        while (pending.TryPop(out MergedViewNode? parent))
        {
            MergedViewNode? next;
            for (MergedViewNode? child = parent.FirstChild; child is not null; child = next)
            {
                next = child.NextSibling;
                if (!child.IsSuppliedBy(rank))
                {
                    continue;
                }

                pending.Push(child);
                if (child.IsShared)
                {
                    child.Keep(child.Suppliers.ToArray().Where(supplier => supplier.Rank != rank).ToList());
                }
                else
                {
                    parent.RemoveChild(child);
                    _nodes.Remove(child.Path);
                }
            }
        }
    }

    private static bool AllSame(ReadOnlySpan<MergedSupplier> suppliers)
    {
        for (int index = 1; index < suppliers.Length; index++)
        {
            if (!suppliers[index].Same(suppliers[0]))
            {
                return false;
            }
        }

        return true;
    }

    private bool Overrides(int rank, int other)
    {
        int index = _order[rank];
        IReadOnlySet<string> overrides = index < _trees.Count ? _trees[index].Overrides : _locals[index - _trees.Count].Overrides;
        return overrides.Contains(_names[other]);
    }

    private SourceLocation LocationOf(int rank) =>
        _order[rank] < _trees.Count ? _trees[_order[rank]].Location : _locals[_order[rank] - _trees.Count].Location;

    private static string Describe(MergedSupplier supplier) => supplier.Kind switch
    {
        MergedKind.Directory => "a directory",
        MergedKind.File when supplier.Entry.Executable => $"an executable file with SHA-256 {supplier.Entry.Sha256}",
        MergedKind.File => $"a file with SHA-256 {supplier.Entry.Sha256}",
        MergedKind.Link => $"a link to '{supplier.Entry.LinkTarget}'",
        _ => $"the local tree '{supplier.Entry.LinkTarget}'",
    };
}
