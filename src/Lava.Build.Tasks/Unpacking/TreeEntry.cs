namespace Lava.Build.Unpacking;

/// <summary>The kinds of things a tree can hold; nothing else is ever unpacked.</summary>
public enum EntryKind
{
    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A regular file.</summary>
    File,

    /// <summary>A symbolic link.</summary>
    Link,
}

/// <summary>One path of a tree, with all that later stages need to know of it.</summary>
/// <param name="Path">Relative to the tree's root, '/' between names, no slash at the ends, no '.' or '..'.</param>
/// <param name="Kind">What stands there.</param>
/// <param name="Executable">For files: whether anyone may execute it. Its mode is 0555 then, else 0444; directories are 0755.</param>
/// <param name="Size">For files: bytes; else 0.</param>
/// <param name="ModifiedSeconds">Modification time, whole seconds since 1970 UTC, as in the archive.</param>
/// <param name="Sha256">For files: the SHA-256 of the content, lower-case hexadecimal; else null.</param>
/// <param name="LinkTarget">For links: their text, exactly as in the archive; else null.</param>
public sealed record TreeEntry(
    string Path,
    EntryKind Kind,
    bool Executable = false,
    long Size = 0,
    long ModifiedSeconds = 0,
    string? Sha256 = null,
    string? LinkTarget = null)
{
    /// <summary>For a file that starts with <c>#!</c>: the rest of that line, trimmed; else null.</summary>
    public string? Interpreter { get; init; }

    /// <summary>For an ELF file: what it needs; else null.</summary>
    public ElfFacts? Elf { get; init; }
}

/// <summary>What the dynamic section of an ELF file says (System V gABI, chapter 5).</summary>
/// <param name="Loader">PT_INTERP, for a program; null for a library.</param>
/// <param name="Name">DT_SONAME, or null.</param>
/// <param name="Needed">DT_NEEDED, in order.</param>
public sealed record ElfFacts(string? Loader, string? Name, IReadOnlyList<string> Needed)
{
    /// <inheritdoc/>
    public bool Equals(ElfFacts? other) =>
        other is not null && Loader == other.Loader && Name == other.Name && Needed.SequenceEqual(other.Needed);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Loader, Name, Needed.Count);
}
