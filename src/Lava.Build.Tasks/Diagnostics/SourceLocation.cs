namespace Lava.Build.Diagnostics;

/// <summary>Where in a file the user asked for something. Lines and columns count from 1; 0 means unknown.</summary>
/// <param name="File">The absolute path of the file, or null.</param>
/// <param name="Line">The line.</param>
/// <param name="Column">The column.</param>
public readonly record struct SourceLocation(string? File, int Line = 0, int Column = 0)
{
    /// <summary>No place is known.</summary>
    public static SourceLocation None => default;

    /// <summary>The file's name with its line, as far as they are known.</summary>
    public override string ToString() => File is null ? "" : Line > 0 ? $"{Path.GetFileName(File)}({Line})" : Path.GetFileName(File);
}
