namespace Lava.Build.Tests.Releases;

/// <summary>Follows links on disk one step at a time, and fails on a step that leaves the release, the store and the local tree.</summary>
internal sealed class DiskWalker(string code)
{
    private const int MaximumLinks = 40;

    private readonly string _release = Path.Combine(code, "release");

    public string Local { get; } = Path.Combine(code, "local");

    public string Full(string path) => Path.Combine(_release, path);

    public IEnumerable<string> Names(string directory) =>
        Directory.EnumerateFileSystemEntries(Full(directory)).Select(path => Path.GetFileName(path)!);

    /// <summary>The real path that a path of the release leads to; null if there is none.</summary>
    public string? Resolve(string path)
    {
        string at = _release;
        LinkedList<string> parts = new(Parts(path));
        int links = 0;
        while (parts.First is { } part)
        {
            parts.RemoveFirst();
            if (!Directory.Exists(at))
            {
                return null;
            }

            if (part.Value == ".")
            {
                continue;
            }

            if (part.Value == "..")
            {
                at = Path.GetDirectoryName(at)!;
                continue;
            }

            string next = Path.Combine(at, part.Value);
            string? text = new FileInfo(next).LinkTarget;
            if (text is null)
            {
                if (!Path.Exists(next))
                {
                    CheckInside(at, path);
                    return null;
                }

                at = next;
                CheckInside(at, path);
                continue;
            }

            // The release's own links into the store do not count among those of the union.
            if (text.Contains(".store/", StringComparison.Ordinal))
            {
                at = Path.GetFullPath(Path.Combine(at, text));
                Assert.IsTrue(Path.Exists(at), $"{next} leads to {at}, which is not in the store");
                continue;
            }

            if (text.StartsWith('/'))
            {
                Assert.AreEqual(Local, text, $"{path} leads through {next}, an absolute link");
                at = Local;
                continue;
            }

            if (++links > MaximumLinks)
            {
                return null;
            }

            foreach (string more in Parts(text).Reverse())
            {
                parts.AddFirst(more);
            }
        }

        CheckInside(at, path);
        return at;
    }

    private void CheckInside(string at, string path)
    {
        bool inside = at == _release || at == Local
            || at.StartsWith(_release + "/", StringComparison.Ordinal)
            || at.StartsWith(Local + "/", StringComparison.Ordinal)
            || at[(code.Length + 1)..].Split('/') is [".store", _, ..];
        Assert.IsTrue(inside, $"{path} leads to {at}");
    }

    private static string[] Parts(string text)
    {
        string[] parts = text.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return text.EndsWith('/') ? [.. parts, "."] : parts;
    }
}
