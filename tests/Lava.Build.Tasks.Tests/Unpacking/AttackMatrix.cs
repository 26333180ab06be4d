using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

/// <summary>A way to pack: a column of the matrix.</summary>
/// <param name="Name">As in the documentation.</param>
/// <param name="Format">How it is read.</param>
/// <param name="Data">For Debian packages: how the data member is packed, and how its name ends.</param>
internal sealed record Packing(string Name, ArchiveFormat Format, (ArchiveFormat Format, string Ending)? Data = null)
{
    /// <summary>Whether a program reads it, which takes a while to start.</summary>
    internal bool UsesProgram => Format is not (ArchiveFormat.Tar or ArchiveFormat.TarGzip or ArchiveFormat.Zip);

    public override string ToString() => Name;
}

/// <summary>What becomes of an attack in one format: a code, the tree in words, or that the format has no such thing.</summary>
/// <param name="Outcome"><c>LAVAnnnn</c>, or the lines of the tree beyond the file <c>first</c>, or why there is no archive.</param>
/// <param name="Make">Makes the archive: a tar, or a ZIP; null if the format has no such thing.</param>
internal sealed record Cell(string Outcome, Func<byte[]>? Make)
{
    internal bool IsRefused => Outcome.StartsWith("LAVA", StringComparison.Ordinal);
}

/// <summary>An attack: a row of the matrix. All formats that hold a tar get the same one.</summary>
/// <param name="Class">The class of attacks it is of.</param>
/// <param name="Name">What it does.</param>
/// <param name="Tar">In a tar.</param>
/// <param name="Zip">In a ZIP.</param>
/// <param name="Limits">What the archive may cost; the default limits if null.</param>
internal sealed record Attack(string Class, string Name, Cell Tar, Cell Zip, UnpackLimits? Limits = null)
{
    internal Cell In(Packing packing) => packing.Format == ArchiveFormat.Zip ? Zip : Tar;
}

/// <summary>All attacks that are made of members, in all formats.</summary>
internal static partial class AttackMatrix
{
    internal const int LinkMode = 0xA1FF;

    internal static readonly Packing[] Packings =
    [
        new("tar", ArchiveFormat.Tar),
        new("tar.gz", ArchiveFormat.TarGzip),
        new("tar.xz", ArchiveFormat.TarXz),
        new("tar.zst", ArchiveFormat.TarZstandard),
        new("tar.bz2", ArchiveFormat.TarBzip2),
        new("deb", ArchiveFormat.Deb, (ArchiveFormat.Tar, "")),
        new("deb, gz", ArchiveFormat.Deb, (ArchiveFormat.TarGzip, ".gz")),
        new("deb, xz", ArchiveFormat.Deb, (ArchiveFormat.TarXz, ".xz")),
        new("deb, zst", ArchiveFormat.Deb, (ArchiveFormat.TarZstandard, ".zst")),
        new("zip", ArchiveFormat.Zip),
    ];

    // Made when it is asked for: the parts of this class have constants of their own.
    private static readonly Lazy<IReadOnlyList<Attack>> Made = new(() => [.. Names(), .. Links(), .. Carriers(), .. Kinds(), .. Contents(), .. ZipSizes(), .. ZipSecrets(), .. Bombs()]);

    internal static IReadOnlyList<Attack> All => Made.Value;

    /// <summary>Makes an archive of an attack.</summary>
    internal static async Task<string> PackAsync(Workbench bench, Packing packing, byte[] content)
    {
        if (packing.Format == ArchiveFormat.Zip)
        {
            return await bench.WriteAsync(content);
        }

        if (packing.Data is not ({ } format, { } ending))
        {
            return await bench.PackAsync(content, packing.Format);
        }

        byte[] data = await File.ReadAllBytesAsync(await bench.PackAsync(content, format));
        return await bench.WriteAsync(new DebBuilder().Whole("data.tar" + ending, data).Finished());
    }

    private static Cell Tar(string outcome, Func<TarBuilder, TarBuilder> attack) =>
        new(outcome, () => attack(new TarBuilder().File("first", "harmless")).Finished());

    private static Cell Zip(string outcome, Func<ZipBuilder, ZipBuilder> attack) =>
        new(outcome, () => attack(new ZipBuilder().Member("first", "harmless")).Finished());

    private static Cell None(string why) => new(why, null);
}
