using System.Text.RegularExpressions;

namespace Lava.Build.Sources;

/// <summary>What apt says of a failure, fit to be shown.</summary>
internal static partial class AptWords
{
    private const int MostLines = 4;

    /// <summary>
    /// The first errors of <paramref name="error"/> in one line, without the credentials that URIs of the host's configuration may
    /// hold; those that mention <paramref name="mention"/>, if there are any.
    /// </summary>
    internal static string Of(string error, string mention = "")
    {
        IReadOnlyList<string> told = Errors(error, mention);
        return told.Count == 0 ? "it gave no reason" : string.Join("; ", told.Take(MostLines));
    }

    /// <summary>All errors of <paramref name="error"/>, as above.</summary>
    internal static IReadOnlyList<string> Errors(string error, string mention = "")
    {
        string[] lines = [.. error.Split('\n').Where(line => line.StartsWith("E:", StringComparison.Ordinal)).Select(Clean).Distinct()];
        string[] fitting = [.. lines.Where(line => line.Contains(mention, StringComparison.Ordinal))];
        return fitting.Length > 0 ? fitting : lines;
    }

    private static string Clean(string line) =>
        SpacePattern().Replace(UserinfoPattern().Replace(line["E:".Length..], "://"), " ").Trim().TrimEnd('.');

    // Greedy up to the last '@' before a space: a password with a raw '/' or '@' is no valid URI, but must not be shown either.
    [GeneratedRegex(@"://[^\s']*@")]
    private static partial Regex UserinfoPattern();

    [GeneratedRegex(@"\s+")]
    private static partial Regex SpacePattern();
}
