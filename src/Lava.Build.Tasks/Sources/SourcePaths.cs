namespace Lava.Build.Sources;

/// <summary>Paths that a project gives and that must stay below a directory.</summary>
internal static class SourcePaths
{
    /// <summary>Whether <paramref name="path"/> is relative, names something, and has no '..' in it.</summary>
    internal static bool IsInside(string path) =>
        path.Length > 0 && path[0] != '/' && !path.Split('/').Contains("..");

    /// <summary>Whether a file system, or a line of a log, could not hold <paramref name="path"/>.</summary>
    internal static bool HasControls(string path) => path.Any(char.IsControl);

    /// <summary>The same path without '.' and without empty names.</summary>
    internal static string Normalize(string path) =>
        string.Join('/', path.Split('/').Where(name => name.Length > 0 && name != "."));
}
