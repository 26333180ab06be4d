using Lava.Build.Unpacking;

namespace Lava.Build.Releases;

/// <summary>Something in a release that no component supplies: a file, or a link.</summary>
/// <param name="Path">Relative to the release.</param>
/// <param name="Content">A file's text, or null.</param>
/// <param name="LinkText">A link's text, or null.</param>
/// <param name="Mode">A file's mode.</param>
public sealed record GeneratedFile(string Path, string? Content, string? LinkText, UnixFileMode Mode)
{
    /// <summary>A file that is read.</summary>
    public static GeneratedFile Text(string path, string content) => new(path, content, null, TreeModes.File);

    /// <summary>A file that is executed.</summary>
    public static GeneratedFile Program(string path, string content) => new(path, content, null, TreeModes.Program);

    /// <summary>A symlink.</summary>
    public static GeneratedFile Link(string path, string text) => new(path, null, text, default);
}
