using Lava.Build.Components;

namespace Lava.Build.Releases;

/// <summary>Names of trees in <c>code/.store</c>.</summary>
public static class StoreTree
{
    /// <summary>The file in a store tree that says what stands in it; written last, so that it exists exactly if the tree is whole.</summary>
    public const string ManifestName = Unpacking.TreeManifest.FileName;

    private const int DigestLength = 12;

    /// <summary>Component, version and the first 12 hexadecimal digits of the tree's digest.</summary>
    public static string Name(Pin pin, string treeDigest)
    {
        string component = pin.Name.Replace('/', '+');
        return $"{component}-{PathText.Version(pin.Version)}-{treeDigest[..DigestLength]}";
    }
}

/// <summary>Text that is made part of a path.</summary>
public static class PathText
{
    /// <summary>A version as it stands in a path: without ':', which would split PATH, and '/' (written as apt writes them).</summary>
    public static string Version(string version) =>
        version.Replace(":", "%3a", StringComparison.Ordinal).Replace("/", "%2f", StringComparison.Ordinal);
}
