namespace Lava.Build.Unpacking;

/// <summary>Tells an archive's format by its name, as people and publishers name them.</summary>
public static class ArchiveFormats
{
    private static readonly (string Ending, ArchiveFormat Format)[] Endings =
    [
        (".deb", ArchiveFormat.Deb),
        (".udeb", ArchiveFormat.Deb),
        (".tar", ArchiveFormat.Tar),
        (".tar.gz", ArchiveFormat.TarGzip),
        (".tgz", ArchiveFormat.TarGzip),
        (".tar.xz", ArchiveFormat.TarXz),
        (".txz", ArchiveFormat.TarXz),
        (".tar.zst", ArchiveFormat.TarZstandard),
        (".tzst", ArchiveFormat.TarZstandard),
        (".tar.bz2", ArchiveFormat.TarBzip2),
        (".tbz2", ArchiveFormat.TarBzip2),
        (".tbz", ArchiveFormat.TarBzip2),
        (".zip", ArchiveFormat.Zip),
        (".whl", ArchiveFormat.Zip),
        (".egg", ArchiveFormat.Zip),
        (".nupkg", ArchiveFormat.Zip),
    ];

    /// <summary>Whether a file can be of a format, by how it starts; of a plain tar that cannot be told.</summary>
    /// <param name="head">The file's first bytes, at least 8 where it has them.</param>
    /// <param name="format">The format it should have.</param>
    public static bool CanBe(ReadOnlySpan<byte> head, ArchiveFormat format) => format switch
    {
        ArchiveFormat.Deb => head.StartsWith("!<arch>\n"u8),
        ArchiveFormat.TarGzip => head.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]),
        ArchiveFormat.TarXz => head.StartsWith((ReadOnlySpan<byte>)[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),
        ArchiveFormat.TarZstandard => head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]),
        ArchiveFormat.TarBzip2 => head.StartsWith("BZh"u8),
        ArchiveFormat.Zip => head.StartsWith("PK"u8),
        _ => true,
    };

    /// <summary>The names a format may be given by, for messages.</summary>
    public static string Known { get; } = string.Join(", ", Endings.Select(row => row.Ending[1..]));

    /// <summary>The format called <paramref name="name"/>, such as <c>tar.gz</c>, without regard to case; null if there is none.</summary>
    public static ArchiveFormat? FromName(string name) =>
        Endings.Where(row => row.Ending[1..].Equals(name.TrimStart('.'), StringComparison.OrdinalIgnoreCase)).Select(row => (ArchiveFormat?)row.Format).FirstOrDefault();

    /// <summary>The format that <paramref name="fileName"/> ends like, without regard to case; null if it says nothing.</summary>
    public static ArchiveFormat? FromFileName(string fileName)
    {
        foreach ((string ending, ArchiveFormat format) in Endings)
        {
            if (fileName.Length > ending.Length && fileName.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            {
                return format;
            }
        }

        return null;
    }
}
