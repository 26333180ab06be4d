using Lava.Build.Diagnostics;
using Lava.Build.Unpacking;

namespace Lava.Build.Releases;

/// <summary>What generated files change in a merged view: the files, and directories that only they need.</summary>
internal sealed class ReleasePlannerOverlay
{
    /// <summary>What stands at paths in place of, or besides, what the view has there; null if nothing is generated.</summary>
    public Dictionary<string, MergedViewNode>? Nodes { get; private init; }

    /// <summary>All directories that must be real because something is generated in them.</summary>
    public List<MergedViewNode> Parents { get; } = [];

    /// <summary>Whether a generated file stands where <paramref name="node"/> does in the view.</summary>
    public bool Replaces(MergedViewNode node) => Nodes is not null && Nodes.ContainsKey(node.Path);

    public static ReleasePlannerOverlay Make(MergedView view, IReadOnlySet<string> reserved)
    {
        if (reserved.Count == 0)
        {
            return new ReleasePlannerOverlay();
        }

        Dictionary<string, MergedViewNode> nodes = new(StringComparer.Ordinal);
        ReleasePlannerOverlay overlay = new() { Nodes = nodes };
        List<Problem> problems = [];
        foreach (string path in reserved.Order(StringComparer.Ordinal))
        {
            MergedViewNode parent = view.Root;
            bool taken = false;
            for (int end = path.IndexOf('/'); end >= 0 && !taken; end = path.IndexOf('/', end + 1))
            {
                ReadOnlySpan<char> above = path.AsSpan(0, end);
                MergedViewNode? node = view.Node(above);
                if (node is null && !nodes.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(above, out node))
                {
                    TreeEntry directory = new(above.ToString(), EntryKind.Directory);
                    node = new MergedViewNode(new MergedSupplier(-1, MergedKind.Directory, directory), parent);
                    nodes.Add(directory.Path, node);
                }

                taken = node.Kind is not (MergedKind.Directory or MergedKind.Generated);
                parent = node;
            }

            if (!taken && view.Node(path) is { Kind: MergedKind.Local } local)
            {
                taken = true;
                parent = local;
            }

            if (taken)
            {
                problems.Add(Problem.Error(
                    Strings.GeneratedPathTaken, view.LocationOf(parent), path, view.ComponentOf(parent), parent.Path, Describe(parent)));
                continue;
            }

            overlay.Parents.Add(parent);
            TreeEntry file = new(path, EntryKind.File);
            nodes.TryAdd(path, new MergedViewNode(new MergedSupplier(-1, MergedKind.Generated, file), parent));
        }

        return problems.Count == 0 ? overlay : throw new LavaException(problems);
    }

    private static string Describe(MergedViewNode node) => node.Kind switch
    {
        MergedKind.File => "a file",
        MergedKind.Link => $"a link to '{node.Entry.LinkTarget}'",
        _ => "a local tree",
    };
}
