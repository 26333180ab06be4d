using System.Text;

namespace Lava.Build.Releases;

/// <summary>The texts of the symlinks of components that are made anew in a release.</summary>
internal sealed class ReleasePlannerLinks(MergedView view, MergedViewWalker walker, HashSet<MergedViewNode> real)
{
    /// <summary>
    /// The component's own text if the kernel follows it in the release to where it leads in the merged view; else a
    /// relative text that climbs first and then only descends, which cannot leave the release.
    /// </summary>
    public string TextOf(MergedViewNode link)
    {
        string text = link.Entry.LinkTarget!;
        bool verbatim = !text.StartsWith('/');

        // What stands at the path so far, links followed; null once nothing is known to stand there.
        MergedViewNode? current = verbatim ? link.Parent! : view.Root;
        StringBuilder path = new(current.Path);
        int belowLocal = 0;
        bool directoryAsked = false;
        foreach (Range range in text.AsSpan().Split('/'))
        {
            ReadOnlySpan<char> name = text.AsSpan()[range];
            directoryAsked = name is "" or ".";
            if (directoryAsked)
            {
                continue;
            }

            if (name is not "..")
            {
                path.Append(path.Length > 0 ? "/" : "").Append(name);
                switch (current?.Kind)
                {
                    case MergedKind.Local:
                        belowLocal++;
                        break;
                    case MergedKind.Directory:
                        (current, _, string? below) = Enter(current, name);
                        if (below is not null)
                        {
                            // A link into a local tree: its own path says nothing of what ".." would leave there.
                            path.Clear().Append(current!.Path).Append('/').Append(below);
                            belowLocal = below.Count('/') + 1;
                        }

                        break;
                    default:
                        current = null;
                        break;
                }
            }
            else if (belowLocal > 0)
            {
                belowLocal--;
                verbatim = false;
                path.Length = path.ToString().LastIndexOf('/');
            }
            else if (current?.Kind is MergedKind.Directory or MergedKind.Local)
            {
                // The kernel climbs out of a folded directory into the store, and out of a local tree into its surroundings.
                MergedViewNode parent = current.Parent ?? current;
                verbatim &= current != view.Root && current.Kind == MergedKind.Directory
                    && (real.Contains(current) || !real.Contains(parent));
                current = parent;
                path.Clear().Append(parent.Path);
            }
            else
            {
                // The link leads nowhere, which the slash keeps true even if what stands here is a file.
                verbatim = false;
                directoryAsked = true;
                break;
            }
        }

        return verbatim ? text : Relative(link.Parent!.Path, path.ToString(), directoryAsked);
    }

    private MergedWalk Enter(MergedViewNode directory, ReadOnlySpan<char> name)
    {
        MergedViewNode? child = walker.Child(directory, name);
        return child?.Kind == MergedKind.Link ? walker.Follow(child) : new MergedWalk(child, null);
    }

    /// <summary>The text that leads from a directory of the release to a path of it.</summary>
    private static string Relative(string from, string to, bool directoryAsked)
    {
        int common = 0;
        int length = Math.Min(from.Length, to.Length);
        for (int index = 0; index <= length; index++)
        {
            bool fromEnds = index == from.Length || from[index] == '/';
            bool toEnds = index == to.Length || to[index] == '/';
            if (fromEnds && toEnds)
            {
                common = index;
            }

            if (index == length || from[index] != to[index])
            {
                break;
            }
        }

        StringBuilder text = new();
        ReadOnlySpan<char> up = from.AsSpan(common).Trim('/');
        for (int level = up.IsEmpty ? 0 : up.Count('/') + 1; level > 0; level--)
        {
            text.Append(text.Length > 0 ? "/.." : "..");
        }

        ReadOnlySpan<char> down = to.AsSpan(common).Trim('/');
        if (down.IsEmpty)
        {
            return text.Length > 0 ? text.ToString() : ".";
        }

        text.Append(text.Length > 0 ? "/" : "").Append(down);
        return (directoryAsked ? text.Append('/') : text).ToString();
    }
}
