using Lava.Build.Releases;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Releases;

/// <summary>What stands at a path of a <see cref="NaiveUnion"/>: '/', "=content", "*=content", "->text", "local" or "generated".</summary>
internal sealed record NaiveEntry(string What, string Component);

/// <summary>The union of trees by its definition, path by path, without regard to cost.</summary>
internal sealed class NaiveUnion
{
    public SortedDictionary<string, NaiveEntry> Paths { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Conflicts { get; } = [];

    public static NaiveUnion Of(IReadOnlyList<ReleaseTree> trees, LocalTree? local)
    {
        NaiveUnion union = new();
        List<Contributor> contributors = [.. trees.Select(tree => new Contributor(
            tree.Component,
            tree.Overrides,
            tree.Manifest.Entries
                .Where(entry => !tree.Excludes.Any(path => entry.Path == path || entry.Path.StartsWith(path + "/", StringComparison.Ordinal)))
                .ToDictionary(entry => entry.Path, What)))];
        if (local is not null)
        {
            Dictionary<string, string> entries = new() { [local.Path] = "local" };
            for (int end = local.Path.IndexOf('/'); end >= 0; end = local.Path.IndexOf('/', end + 1))
            {
                entries[local.Path[..end]] = "/";
            }

            contributors.Add(new Contributor(local.Component, local.Overrides, entries));
        }

        union.Add("", contributors);
        return union;
    }

    public IEnumerable<string> Names(string directory)
    {
        string prefix = directory.Length == 0 ? "" : directory + "/";
        return Paths.Keys
            .Where(path => path.StartsWith(prefix, StringComparison.Ordinal) && !path.AsSpan(prefix.Length).Contains('/'))
            .Select(path => path[prefix.Length..]);
    }

    /// <summary>Where a path leads, the union being the root directory; null if nowhere.</summary>
    public string? Resolve(string path) => Resolve([], path);

    /// <summary>Where a link leads.</summary>
    public string? Follow(string link) =>
        Resolve([.. link.Split('/')[..^1]], Paths[link].What[2..]);

    private string? Resolve(List<string> at, string path)
    {
        LinkedList<string> parts = new(Parts(path, at));
        int links = path == "" ? 0 : 1;
        int belowLocal = 0;
        while (parts.First is { } first)
        {
            parts.RemoveFirst();
            string what = at.Count == 0 ? "/" : Paths.GetValueOrDefault(string.Join('/', at))?.What ?? "";
            if (what is not ("/" or "local"))
            {
                return null;
            }

            if (first.Value == ".")
            {
                continue;
            }

            if (what == "local" && (belowLocal > 0 || first.Value != ".."))
            {
                belowLocal += first.Value == ".." ? -1 : 1;
            }
            else if (first.Value == "..")
            {
                at = at.Count == 0 ? at : at[..^1];
            }
            else
            {
                string child = string.Join('/', at.Append(first.Value));
                if (!Paths.TryGetValue(child, out NaiveEntry? entry))
                {
                    return null;
                }

                if (!entry.What.StartsWith("->", StringComparison.Ordinal))
                {
                    at = [.. at, first.Value];
                    continue;
                }

                if (++links > 40)
                {
                    return null;
                }

                foreach (string part in Parts(entry.What[2..], at).Reverse())
                {
                    parts.AddFirst(part);
                }
            }
        }

        return string.Join('/', at);
    }

    private static string[] Parts(string text, List<string> at)
    {
        if (text.StartsWith('/'))
        {
            at.Clear();
        }

        string[] parts = text.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return text.EndsWith('/') ? [.. parts, "."] : parts;
    }

    private void Add(string path, List<Contributor> all)
    {
        List<Contributor> left = all;
        if (path.Length > 0)
        {
            left = [.. all.Where(one => !all.Exists(other => other.Paths[path] != one.Paths[path] && other.Overrides.Contains(one.Name)))];
            if (left.Select(one => one.Paths[path]).Distinct().Count() != 1)
            {
                Conflicts.Add(path);
                left = left.Count == 0 ? all : left;
            }

            Paths[path] = new NaiveEntry(left[0].Paths[path], left[0].Name);
        }

        string prefix = path.Length == 0 ? "" : path + "/";
        foreach (string child in left.SelectMany(one => one.Paths.Keys).Distinct()
            .Where(child => child.StartsWith(prefix, StringComparison.Ordinal) && !child.AsSpan(prefix.Length).Contains('/')).ToList())
        {
            Add(child, [.. left.Where(one => one.Paths.ContainsKey(child))]);
        }
    }

    private static string What(TreeEntry entry) => entry.Kind switch
    {
        EntryKind.Directory => "/",
        EntryKind.File => $"{(entry.Executable ? "*" : "")}={entry.Sha256}",
        _ => "->" + entry.LinkTarget,
    };

    private sealed record Contributor(string Name, IReadOnlySet<string> Overrides, Dictionary<string, string> Paths);
}
