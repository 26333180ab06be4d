using System.Text;
using Lava.Build.Diagnostics;

namespace Lava.Build.Releases;

/// <summary>
/// Decides what a release is made of: directories that one tree alone supplies become one symlink into the store, others
/// real directories of symlinks, and symlinks that mean something else in the release than in their tree are made anew.
/// </summary>
public static class ReleasePlanner
{
    private const string Store = ".store/";

    /// <summary>Plans a release that stands in <c>code/&lt;release&gt;</c>, with the store in <c>code/.store</c>.</summary>
    /// <param name="view">What the release is to show.</param>
    /// <param name="reserved">
    /// Paths at which files are generated afterwards, none below another: their directories are planned as real ones, and
    /// what a tree has at such a path is left out.
    /// </param>
    /// <returns>The plan; a local tree's link has its absolute directory as text.</returns>
    /// <exception cref="LavaException">A component has a file, link or local tree where a reserved path needs a directory, or a local tree at one.</exception>
    public static ReleasePlan Plan(MergedView view, IReadOnlySet<string> reserved)
    {
        ReleasePlannerOverlay overlay = ReleasePlannerOverlay.Make(view, reserved);
        MergedViewWalker walker = new(view, overlay.Nodes);
        HashSet<MergedViewNode> real = new ReleasePlannerFolding(view, walker, overlay).Run();
        ReleasePlannerLinks links = new(view, walker, real);
        List<PlannedEntry> entries = [];
        List<DanglingLink> dangling = [];
        foreach (MergedViewNode directory in real)
        {
            if (directory != view.Root)
            {
                entries.Add(new PlannedEntry(directory.Path, null));
            }

            for (MergedViewNode? child = directory.FirstChild; child is not null; child = child.NextSibling)
            {
                if (overlay.Replaces(child) || real.Contains(child))
                {
                    continue;
                }

                if (child.Kind == MergedKind.Link)
                {
                    MergedWalk walk = walker.Follow(child);
                    if (walk.Node is null)
                    {
                        dangling.Add(new DanglingLink(child.Path, walk.Missing, view.ComponentOf(child)));
                    }

                    entries.Add(new PlannedEntry(child.Path, links.TextOf(child)));
                }
                else
                {
                    string text = child.Kind == MergedKind.Local ? child.Entry.LinkTarget! : StoreText(view, child);
                    entries.Add(new PlannedEntry(child.Path, text));
                }
            }
        }

        entries.Sort((left, right) => string.CompareOrdinal(left.Path, right.Path));
        dangling.Sort((left, right) => string.CompareOrdinal(left.Path, right.Path));
        return new ReleasePlan(entries, dangling);
    }

    private static string StoreText(MergedView view, MergedViewNode node)
    {
        string path = node.Path;
        string store = view.TreeOf(node).StoreName;
        int segments = path.AsSpan().Count('/') + 1;
        StringBuilder text = new((3 * segments) + Store.Length + store.Length + 1 + path.Length);
        for (int segment = 0; segment < segments; segment++)
        {
            text.Append("../");
        }

        return text.Append(Store).Append(store).Append('/').Append(path).ToString();
    }
}
