using System.Globalization;
using System.Text.RegularExpressions;

namespace Lava.Build.Sources;

/// <summary>A package that apt's archives offer.</summary>
/// <param name="Name">The package.</param>
/// <param name="Version">Its version, with its epoch.</param>
/// <param name="Architecture">The architecture of its content; <c>all</c> if it fits every machine.</param>
/// <param name="File">Its file name, with the epoch's colon as <c>%3a</c>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">The SHA-256 that the signed index gives, or null if it has only others.</param>
internal sealed partial record AptOffer(string Name, string Version, string Architecture, string File, long Size, string? Sha256)
{
    private const string HashPrefix = "SHA256:";

    /// <summary>Reads the output of <c>apt-get --print-uris download</c> (apt-get(8)); other lines are passed over.</summary>
    internal static IEnumerable<AptOffer> Parse(string output)
    {
        foreach (Match line in LinePattern().Matches(output))
        {
            string hash = line.Groups["hash"].Value;
            string? sha256 = hash.StartsWith(HashPrefix, StringComparison.Ordinal) ? hash[HashPrefix.Length..].ToLowerInvariant() : null;
            yield return new AptOffer(
                Uri.UnescapeDataString(line.Groups["name"].Value),
                Uri.UnescapeDataString(line.Groups["version"].Value),
                Uri.UnescapeDataString(line.Groups["arch"].Value),
                $"{line.Groups["name"].Value}_{line.Groups["version"].Value}_{line.Groups["arch"].Value}.deb",
                long.Parse(line.Groups["size"].Value, CultureInfo.InvariantCulture),
                sha256);
        }
    }

    [GeneratedRegex(@"^'[^'\n]*' (?<name>[^\s\p{C}_/]+)_(?<version>[^\s\p{C}_/]+)_(?<arch>[^\s\p{C}_/]+)\.deb (?<size>[0-9]{1,18})(?: (?<hash>\S*))?\s*$", RegexOptions.Multiline)]
    private static partial Regex LinePattern();
}
