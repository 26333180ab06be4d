namespace Lava.Build.Unpacking;

/// <summary>Which paths a tree has, and what stands there: what was accepted so far.</summary>
internal sealed class TreeShape
{
    private readonly Dictionary<string, MemberKind> _kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MemberKind>.AlternateLookup<ReadOnlySpan<char>> _byPart;

    internal TreeShape() => _byPart = _kinds.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>What stands at a path, or null.</summary>
    internal MemberKind? this[string path] => _kinds.TryGetValue(path, out MemberKind kind) ? kind : null;

    /// <summary>The first parent of <paramref name="path"/> that is something else than a directory, or null.</summary>
    internal string? ParentInTheWay(string path)
    {
        int last = path.LastIndexOf('/');
        if (last < 0 || (_byPart.TryGetValue(path.AsSpan(0, last), out MemberKind parent) && parent == MemberKind.Directory))
        {
            return null;
        }

        for (int end = path.IndexOf('/'); end >= 0; end = path.IndexOf('/', end + 1))
        {
            if (_byPart.TryGetValue(path.AsSpan(0, end), out MemberKind kind) && kind != MemberKind.Directory)
            {
                return path[..end];
            }
        }

        return null;
    }

    /// <summary>Puts something at <paramref name="path"/>; returns the parents that had to be added for it, outermost first.</summary>
    internal IReadOnlyList<string> Add(string path, MemberKind kind)
    {
        List<string>? added = null;
        int last = path.LastIndexOf('/');
        if (last >= 0 && !_byPart.ContainsKey(path.AsSpan(0, last)))
        {
            for (int end = path.IndexOf('/'); end >= 0; end = path.IndexOf('/', end + 1))
            {
                if (_byPart.TryAdd(path.AsSpan(0, end), MemberKind.Directory))
                {
                    (added ??= []).Add(path[..end]);
                }
            }
        }

        _kinds[path] = kind;
        return added ?? (IReadOnlyList<string>)[];
    }
}
