using Lava.Build.Diagnostics;

namespace Lava.Build.Releases;

/// <summary>The union of the trees of a release: what a program will see in it, before anything is written.</summary>
public sealed class MergedView
{
    private readonly Dictionary<string, MergedViewNode>.AlternateLookup<ReadOnlySpan<char>> _byPath;
    private readonly IReadOnlyList<ReleaseTree> _trees;
    private readonly IReadOnlyList<LocalTree> _locals;
    private readonly int[] _order;

    /// <param name="trees">The trees, as they were given.</param>
    /// <param name="locals">The local trees, as they were given.</param>
    /// <param name="order">For each rank, the index of its tree; local trees' are counted on after the trees.</param>
    /// <param name="nodes">All paths but the root.</param>
    /// <param name="root">The root.</param>
    /// <param name="warnings">What is odd.</param>
    internal MergedView(
        IReadOnlyList<ReleaseTree> trees,
        IReadOnlyList<LocalTree> locals,
        int[] order,
        Dictionary<string, MergedViewNode> nodes,
        MergedViewNode root,
        IReadOnlyList<Problem> warnings)
    {
        _trees = trees;
        _locals = locals;
        _order = order;
        _byPath = nodes.GetAlternateLookup<ReadOnlySpan<char>>();
        Root = root;
        Warnings = warnings;
    }

    /// <summary>What is odd but harmless, such as excludes that match nothing.</summary>
    public IReadOnlyList<Problem> Warnings { get; }

    internal MergedViewNode Root { get; }

    /// <summary>Unites <paramref name="trees"/> and <paramref name="locals"/>.</summary>
    /// <exception cref="LavaException">Paths that several components supply with different content: one problem for each.</exception>
    public static MergedView Build(IReadOnlyList<ReleaseTree> trees, IReadOnlyList<LocalTree> locals) =>
        new MergedViewBuilder(trees, locals).Build();

    /// <summary>What stands at <paramref name="path"/> itself, links not followed; null if nothing does.</summary>
    /// <returns>
    /// For what no tree supplies (the root, a local tree, directories that only lead to one) the tree is -1;
    /// a local tree is a link whose text is its absolute directory.
    /// </returns>
    public MergedFile? Find(string path) => Present(path.Length == 0 ? Root : Node(path));

    /// <summary>
    /// What a program finds at <paramref name="path"/> when all links are followed with the release as the root directory,
    /// as chroot(2) does; null if nothing, or if more than 40 links are on the way. Below a local tree nothing is known:
    /// the answer is the link to that tree.
    /// </summary>
    public MergedFile? Resolve(string path) => Present(new MergedViewWalker(this).Walk(Root, path).Node);

    /// <summary>What stands in a directory, by name in ordinal order, links not followed; empty if there is no such directory.</summary>
    /// <param name="directory">Its path; links to it are followed.</param>
    public IEnumerable<(string Name, MergedFile File)> List(string directory)
    {
        MergedViewNode? node = new MergedViewWalker(this).Walk(Root, directory).Node;
        List<(string Name, MergedFile File)> children = [];
        for (MergedViewNode? child = node?.FirstChild; child is not null; child = child.NextSibling)
        {
            children.Add((child.Name.ToString(), Present(child)!));
        }

        children.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return children;
    }

    internal MergedViewNode? Node(ReadOnlySpan<char> path) => _byPath.TryGetValue(path, out MergedViewNode? node) ? node : null;

    internal ReleaseTree TreeOf(MergedViewNode node) => _trees[_order[node.First.Rank]];

    internal string ComponentOf(MergedViewNode node) => Local(node)?.Component ?? TreeOf(node).Component;

    internal SourceLocation LocationOf(MergedViewNode node) => Local(node)?.Location ?? TreeOf(node).Location;

    private LocalTree? Local(MergedViewNode node)
    {
        int index = _order[node.First.Rank];
        return index < _trees.Count ? null : _locals[index - _trees.Count];
    }

    private MergedFile? Present(MergedViewNode? node)
    {
        if (node is null)
        {
            return null;
        }

        foreach (MergedSupplier supplier in node.Suppliers)
        {
            if (supplier.Rank >= 0 && _order[supplier.Rank] < _trees.Count)
            {
                return new MergedFile(_order[supplier.Rank], supplier.Entry);
            }
        }

        return new MergedFile(-1, node.Entry);
    }
}
