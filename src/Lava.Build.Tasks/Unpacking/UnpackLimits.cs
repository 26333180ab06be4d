namespace Lava.Build.Unpacking;

/// <summary>What one archive may cost at most.</summary>
/// <param name="Entries">Files, directories and links.</param>
/// <param name="Bytes">Unpacked size in all; each hard link counts as the copy that it may become.</param>
/// <param name="Ratio">Unpacked size over archive size; looked at once more than <see cref="RatioFloor"/> bytes are unpacked.</param>
public sealed record UnpackLimits(long Entries = 500_000, long Bytes = 8L << 30, long Ratio = 200)
{
    /// <summary>Below this many unpacked bytes the ratio is not looked at: small archives of blanks are harmless.</summary>
    public const long RatioFloor = 64L << 20;

    /// <summary>How many characters the names in an archive may have in all, with the texts of its links and what its programs name.</summary>
    public const long Text = 256L << 20;
}
