using Lava.Build.Unpacking;

namespace Lava.Build.Releases;

/// <summary>Which shared libraries of a release its programs need, in the order in which they can be loaded one by one.</summary>
public static class LibraryOrder
{
    private static readonly string[] Roots = ["lib", "usr/lib", "lib64", "usr/lib64"];

    /// <summary>
    /// The paths, links resolved, of the libraries that <paramref name="roots"/> need directly or through others and that
    /// stand in a library directory of the release; each after what it needs itself. What is not there is the host's.
    /// </summary>
    /// <param name="view">The release.</param>
    /// <param name="roots">Release paths of extension modules and programs; those that are no ELF files need nothing.</param>
    /// <remarks>
    /// Directories are looked at as Debian's loader is set up to: those of the architecture (<c>lib/x86_64-linux-gnu</c>)
    /// before the plain ones. Where libraries need each other, the one met first comes last.
    /// </remarks>
    public static IReadOnlyList<string> For(MergedView view, IEnumerable<string> roots)
    {
        Search search = new(view);
        foreach (string root in roots.Order(StringComparer.Ordinal))
        {
            search.AddNeedsOf(view.Resolve(root)?.Entry);
        }

        return search.Order;
    }

    private static List<string> Directories(MergedView view)
    {
        List<string> directories = [];
        foreach (string root in Roots)
        {
            foreach ((string name, MergedFile _) in view.List(root))
            {
                if (IsTriplet(name))
                {
                    directories.Add($"{root}/{name}");
                }
            }
        }

        directories.AddRange(Roots);
        return directories;
    }

    /// <summary>Whether a directory is named as for one architecture (https://wiki.debian.org/Multiarch/Tuples).</summary>
    private static bool IsTriplet(string name) => name.Split('-') is [{ Length: > 0 }, "linux", { Length: > 0 }];

    private sealed class Search(MergedView view)
    {
        private readonly List<string> _directories = Directories(view);
        private readonly Dictionary<string, TreeEntry?> _byName = new(StringComparer.Ordinal);
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

        public List<string> Order { get; } = [];

        public void AddNeedsOf(TreeEntry? file)
        {
            foreach (string name in file?.Elf?.Needed ?? [])
            {
                if (Find(name) is { } library && _seen.Add(library.Path))
                {
                    AddNeedsOf(library);
                    Order.Add(library.Path);
                }
            }
        }

        private TreeEntry? Find(string name)
        {
            if (_byName.TryGetValue(name, out TreeEntry? known))
            {
                return known;
            }

            TreeEntry? found = null;
            for (int index = 0; index < _directories.Count && found is null && !name.Contains('/'); index++)
            {
                TreeEntry? entry = view.Resolve($"{_directories[index]}/{name}")?.Entry;
                found = entry?.Elf is null ? null : entry;
            }

            _byName.Add(name, found);
            return found;
        }
    }
}
