namespace Lava.Build.Unpacking;

/// <summary>How an archive's bytes are to be read.</summary>
public enum ArchiveFormat
{
    /// <summary>A Debian binary package (deb(5)); its data member is the content.</summary>
    Deb,

    /// <summary>POSIX.1-2001 pax, ustar, GNU or V7 tar.</summary>
    Tar,

    /// <summary>tar compressed by gzip (RFC 1952).</summary>
    TarGzip,

    /// <summary>tar compressed by xz.</summary>
    TarXz,

    /// <summary>tar compressed by Zstandard (RFC 8878).</summary>
    TarZstandard,

    /// <summary>tar compressed by bzip2.</summary>
    TarBzip2,

    /// <summary>ZIP (APPNOTE.TXT 6.3).</summary>
    Zip,
}

/// <summary>How an archive becomes a tree. Equal recipes and equal bytes give equal trees.</summary>
/// <param name="Format">How to read it.</param>
/// <param name="Prefix">The directory of the release that its content goes to, without slashes at the ends; empty for the root.</param>
/// <param name="StripComponents">How many leading directories of each name are dropped.</param>
public sealed record TreeRecipe(ArchiveFormat Format, string Prefix = "", int StripComponents = 0);
