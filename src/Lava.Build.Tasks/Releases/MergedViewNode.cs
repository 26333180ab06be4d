using System.Runtime.InteropServices;
using Lava.Build.Unpacking;

namespace Lava.Build.Releases;

/// <summary>What stands at a path of the merged view.</summary>
internal enum MergedKind : byte
{
    Directory,
    File,
    Link,

    /// <summary>The link to a local tree, of which nothing is known but where it is.</summary>
    Local,

    /// <summary>A file that is generated after the plan is carried out.</summary>
    Generated,
}

/// <summary>One contributor's claim to a path. Ranks number trees and local trees by component name.</summary>
internal readonly record struct MergedSupplier(int Rank, MergedKind Kind, TreeEntry Entry)
{
    /// <summary>Whether both claims amount to the same thing in a release.</summary>
    public bool Same(in MergedSupplier other) =>
        Kind == other.Kind && Kind switch
        {
            MergedKind.Directory => true,
            MergedKind.File => Entry.Executable == other.Entry.Executable && Entry.Sha256 == other.Entry.Sha256,
            _ => Entry.LinkTarget == other.Entry.LinkTarget,
        };
}

/// <summary>A path of the merged view. Siblings are chained, which costs less than a collection for each directory.</summary>
internal sealed class MergedViewNode(MergedSupplier first, MergedViewNode? parent)
{
    private List<MergedSupplier>? _suppliers;

    public MergedSupplier First { get; private set; } = first;

    public MergedViewNode? Parent { get; } = parent;

    public MergedViewNode? FirstChild { get; private set; }

    public MergedViewNode? NextSibling { get; private set; }

    /// <summary>Set where a link into the store would show more, or less, than the release should.</summary>
    public bool MustBeReal { get; set; }

    public MergedKind Kind => First.Kind;

    public TreeEntry Entry => First.Entry;

    public string Path => First.Entry.Path;

    public ReadOnlySpan<char> Name => Path.AsSpan(Path.LastIndexOf('/') + 1);

    public bool IsShared => _suppliers is not null;

    /// <summary>All who supply the path, by rank.</summary>
    public ReadOnlySpan<MergedSupplier> Suppliers =>
        _suppliers is null ? new ReadOnlySpan<MergedSupplier>([First]) : CollectionsMarshal.AsSpan(_suppliers);

    public bool IsSuppliedBy(int rank)
    {
        if (_suppliers is null)
        {
            return First.Rank == rank;
        }

        int low = 0;
        int high = _suppliers.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int found = _suppliers[middle].Rank;
            if (found == rank)
            {
                return true;
            }

            (low, high) = found < rank ? (middle + 1, high) : (low, middle - 1);
        }

        return false;
    }

    /// <summary>Adds a claim of a higher rank than those before.</summary>
    public void Add(MergedSupplier supplier) => (_suppliers ??= [First]).Add(supplier);

    /// <summary>Leaves only <paramref name="suppliers"/>, in this order, at least one.</summary>
    public void Keep(List<MergedSupplier> suppliers)
    {
        First = suppliers[0];
        _suppliers = suppliers.Count > 1 ? suppliers : null;
    }

    public void AddChild(MergedViewNode child)
    {
        child.NextSibling = FirstChild;
        FirstChild = child;
    }

    public void RemoveChild(MergedViewNode child)
    {
        if (FirstChild == child)
        {
            FirstChild = child.NextSibling;
            return;
        }

        for (MergedViewNode? node = FirstChild; node is not null; node = node.NextSibling)
        {
            if (node.NextSibling == child)
            {
                node.NextSibling = child.NextSibling;
                return;
            }
        }
    }
}
