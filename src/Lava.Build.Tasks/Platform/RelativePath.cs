namespace Lava.Build.Platform;

/// <summary>Paths that users give relative to something, and must stay inside it.</summary>
public static class RelativePath
{
    /// <summary>Whether <paramref name="path"/> is relative, not empty, and without '..', control characters or empty names.</summary>
    public static bool IsInside(string path) =>
        path.Length > 0
        && !path.StartsWith('/')
        && !path.Any(char.IsControl)
        && path.TrimEnd('/').Split('/').All(name => name is not ("" or "." or ".."));

    /// <summary>The text of a link that stands at <paramref name="from"/> and leads to <paramref name="to"/>; both relative to the same root.</summary>
    public static string Between(string from, string to)
    {
        string[] source = from.Split('/');
        string[] target = to.Split('/');
        int common = 0;
        while (common < source.Length - 1 && common < target.Length && source[common] == target[common])
        {
            common++;
        }

        IEnumerable<string> up = Enumerable.Repeat("..", source.Length - 1 - common);
        string text = string.Join('/', up.Concat(target.Skip(common)));
        return text.Length == 0 ? "." : text;
    }
}
