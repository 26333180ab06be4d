namespace Lava.Build.Releases;

/// <summary>
/// Finds the directories that must be real. All others are shown through one link into the store each, where the kernel
/// sees one tree alone; so each link in them must lead there to what it leads to in the merged view.
/// </summary>
internal sealed class ReleasePlannerFolding(MergedView view, MergedViewWalker walker, ReleasePlannerOverlay overlay)
{
    private readonly HashSet<MergedViewNode> _real = [];
    private readonly Stack<MergedViewNode> _work = new();

    /// <summary>Links that may stay in the store for as long as the directory they lead to is not real.</summary>
    private readonly Dictionary<MergedViewNode, List<MergedViewNode>> _waiting = [];

    /// <summary>The real directories, the root among them; with a directory come all above it.</summary>
    public HashSet<MergedViewNode> Run()
    {
        List<MergedViewNode> links = Survey();
        foreach (MergedViewNode parent in overlay.Parents)
        {
            MakeReal(parent);
        }

        foreach (MergedViewNode link in links)
        {
            MergedViewNode parent = link.Parent!;
            if (_real.Contains(parent))
            {
                continue;
            }

            MergedViewNode? target = walker.FollowWithin(link, link.First.Rank);
            if (target is null || _real.Contains(target))
            {
                MakeReal(parent);
            }
            else if (target.Kind == MergedKind.Directory)
            {
                if (!_waiting.TryGetValue(target, out List<MergedViewNode>? waiting))
                {
                    _waiting.Add(target, waiting = []);
                }

                waiting.Add(link);
            }
        }

        return _real;
    }

    /// <summary>Makes the directories real that several supply, and finds the links.</summary>
    private List<MergedViewNode> Survey()
    {
        List<MergedViewNode> links = [];
        Stack<MergedViewNode> directories = new([view.Root]);
        while (directories.TryPop(out MergedViewNode? directory))
        {
            if (directory.MustBeReal || directory.IsShared)
            {
                MakeReal(directory);
            }

            for (MergedViewNode? child = directory.FirstChild; child is not null; child = child.NextSibling)
            {
                if (child.Kind == MergedKind.Directory && !overlay.Replaces(child))
                {
                    directories.Push(child);
                }
                else if (child.Kind == MergedKind.Link)
                {
                    links.Add(child);
                }
            }
        }

        return links;
    }

    private void MakeReal(MergedViewNode directory)
    {
        _work.Push(directory);
        while (_work.TryPop(out MergedViewNode? next))
        {
            for (MergedViewNode? node = next; node is not null && _real.Add(node); node = node.Parent)
            {
                if (!_waiting.Remove(node, out List<MergedViewNode>? waiting))
                {
                    continue;
                }

                foreach (MergedViewNode link in waiting)
                {
                    _work.Push(link.Parent!);
                }
            }
        }
    }
}
