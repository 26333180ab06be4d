using Lava.Build.Unpacking;

namespace Lava.Build.Sources;

/// <summary>The formats an archive may have, by the ends of file names and as <c>Format</c> names them.</summary>
internal static class ArchiveFormatNames
{
    private static readonly (string Name, ArchiveFormat Format)[] Table =
    [
        ("tar", ArchiveFormat.Tar),
        ("tar.gz", ArchiveFormat.TarGzip),
        ("tgz", ArchiveFormat.TarGzip),
        ("tar.xz", ArchiveFormat.TarXz),
        ("txz", ArchiveFormat.TarXz),
        ("tar.zst", ArchiveFormat.TarZstandard),
        ("tzst", ArchiveFormat.TarZstandard),
        ("tar.bz2", ArchiveFormat.TarBzip2),
        ("tbz2", ArchiveFormat.TarBzip2),
        ("zip", ArchiveFormat.Zip),
    ];

    /// <summary>The names, for messages.</summary>
    internal static string Known { get; } = string.Join(", ", Table.Select(row => row.Name));

    /// <summary>The format that <paramref name="name"/> says, or null.</summary>
    internal static ArchiveFormat? FromName(string name) =>
        Find(row => row.Equals(name.TrimStart('.'), StringComparison.OrdinalIgnoreCase));

    /// <summary>The format that the end of <paramref name="fileName"/> says, or null.</summary>
    internal static ArchiveFormat? FromFileName(string fileName) =>
        Find(row => fileName.EndsWith($".{row}", StringComparison.OrdinalIgnoreCase));

    private static ArchiveFormat? Find(Predicate<string> fits)
    {
        int index = Array.FindIndex(Table, row => fits(row.Name));
        return index < 0 ? null : Table[index].Format;
    }
}
