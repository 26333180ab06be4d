using System.Text;

namespace Lava.Build.Releases;

/// <summary>Where a path led.</summary>
/// <param name="Node">What stands there; null if nothing does. For a path below a local tree, the local tree.</param>
/// <param name="Missing">If nothing does: the first path on the way that nobody supplies; null for a loop.</param>
/// <param name="Below">The path below the local tree; null for its root, and for everything else.</param>
internal readonly record struct MergedWalk(MergedViewNode? Node, string? Missing, string? Below = null);

/// <summary>Follows paths in a merged view by the rules of path_resolution(7), the release being the root directory.</summary>
/// <param name="view">The view.</param>
/// <param name="overlay">What stands at some paths in place of, or besides, what the view has there.</param>
internal sealed class MergedViewWalker(MergedView view, Dictionary<string, MergedViewNode>? overlay = null)
{
    /// <summary>As Linux has it (path_resolution(7)).</summary>
    private const int MaximumLinks = 40;

    private readonly Stack<(string Text, int Position)> _pending = new();
    private char[] _key = new char[512];

    /// <summary>The entry of a directory, or null.</summary>
    public MergedViewNode? Child(MergedViewNode directory, ReadOnlySpan<char> name)
    {
        string path = directory.Path;
        int length = path.Length + 1 + name.Length;
        if (length > _key.Length)
        {
            _key = new char[length * 2];
        }

        int start = 0;
        if (path.Length > 0)
        {
            path.CopyTo(_key);
            _key[path.Length] = '/';
            start = path.Length + 1;
        }

        name.CopyTo(_key.AsSpan(start));
        ReadOnlySpan<char> key = _key.AsSpan(0, start + name.Length);
        if (overlay is not null && overlay.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key, out MergedViewNode? node))
        {
            return node;
        }

        return view.Node(key);
    }

    /// <summary>Follows a link, and all links that it leads through.</summary>
    public MergedWalk Follow(MergedViewNode link) => Walk(link.Parent!, link.Entry.LinkTarget!, links: 1, owner: null);

    /// <summary>Follows <paramref name="path"/> from a directory.</summary>
    public MergedWalk Walk(MergedViewNode start, string path) => Walk(start, path, links: 0, owner: null);

    /// <summary>
    /// Where a link leads if each step of its way is also in the tree with this rank, and so is the same when it is
    /// followed inside that tree alone; else null.
    /// </summary>
    public MergedViewNode? FollowWithin(MergedViewNode link, int rank) => Walk(link.Parent!, link.Entry.LinkTarget!, links: 1, rank).Node;

    private MergedWalk Walk(MergedViewNode start, string path, int links, int? owner)
    {
        _pending.Clear();
        _pending.Push((path, 0));
        MergedViewNode current = start;
        List<string>? below = null;
        if (path.StartsWith('/'))
        {
            if (owner is not null)
            {
                return default;
            }

            current = view.Root;
        }

        while (_pending.TryPop(out (string Text, int Position) top))
        {
            int from = SkipSlashes(top.Text, top.Position);
            if (from == top.Text.Length)
            {
                // A slash at the end asks for a directory.
                if (top.Text.EndsWith('/') && !IsDirectory(current))
                {
                    return new MergedWalk(null, current.Path);
                }

                continue;
            }

            int to = top.Text.IndexOf('/', from);
            to = to < 0 ? top.Text.Length : to;
            ReadOnlySpan<char> name = top.Text.AsSpan(from, to - from);
            if (!IsDirectory(current))
            {
                return new MergedWalk(null, Rest(current.Path, (top.Text, from)));
            }

            if (name is ".." && below is not { Count: > 0 } && current == view.Root && owner is not null)
            {
                return default;
            }

            if (to < top.Text.Length)
            {
                _pending.Push((top.Text, to));
            }

            if (name is ".")
            {
                continue;
            }

            if (current.Kind == MergedKind.Local)
            {
                if (name is not "..")
                {
                    (below ??= []).Add(name.ToString());
                }
                else if (below is { Count: > 0 })
                {
                    below.RemoveAt(below.Count - 1);
                }
                else
                {
                    current = current.Parent!;
                }

                continue;
            }

            if (name is "..")
            {
                current = current.Parent ?? current;
                continue;
            }

            MergedViewNode? child = Child(current, name);
            if (child is null)
            {
                if (to < top.Text.Length)
                {
                    _pending.Pop();
                }

                return owner is null ? new MergedWalk(null, Rest(current.Path, (top.Text, from))) : default;
            }

            if (owner is not null && !child.IsSuppliedBy(owner.Value))
            {
                return default;
            }

            if (child.Kind != MergedKind.Link)
            {
                current = child;
                continue;
            }

            string text = child.Entry.LinkTarget!;
            if (++links > MaximumLinks)
            {
                return default;
            }

            _pending.Push((text, 0));
            if (text.StartsWith('/'))
            {
                if (owner is not null)
                {
                    return default;
                }

                current = view.Root;
            }
        }

        return new MergedWalk(current, null, below is { Count: > 0 } ? string.Join('/', below) : null);
    }

    private static bool IsDirectory(MergedViewNode node) => node.Kind is MergedKind.Directory or MergedKind.Local;

    private static int SkipSlashes(string text, int position)
    {
        while (position < text.Length && text[position] == '/')
        {
            position++;
        }

        return position;
    }

    /// <summary>The path at which a walk ended, with what was still to go up to the first "..": nothing stands there either.</summary>
    private string Rest(string path, (string Text, int Position) top)
    {
        StringBuilder whole = new(path);
        _pending.Push(top);
        foreach ((string text, int position) in _pending)
        {
            foreach (Range range in text.AsSpan(position).Split('/'))
            {
                ReadOnlySpan<char> name = text.AsSpan(position)[range];
                if (name is "..")
                {
                    return whole.ToString();
                }

                if (name is not ("" or "."))
                {
                    whole.Append(whole.Length > 0 ? "/" : "").Append(name);
                }
            }
        }

        return whole.ToString();
    }
}
