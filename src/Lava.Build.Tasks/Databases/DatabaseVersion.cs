using System.Globalization;
using System.Text.RegularExpressions;

namespace Lava.Build.Databases;

/// <summary>Versions of PostgreSQL, in text and in its own numbers (<c>server_version_num</c>).</summary>
internal static partial class DatabaseVersion
{
    private const int Major = 10_000;
    private const int OldMinor = 100;
    private const int FirstOfOnePart = 10;

    /// <summary>
    /// The number of a version such as <c>11</c>, <c>13.4</c> or <c>9.6</c>, or null if it is none. Before 10 the first two parts were
    /// the major version.
    /// </summary>
    internal static int? Number(string version)
    {
        Match match = Pattern().Match(version);
        if (!match.Success)
        {
            return null;
        }

        int first = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        int second = match.Groups[2].Success ? int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture) : 0;
        return (first * Major) + (first < FirstOfOnePart ? second * OldMinor : second);
    }

    /// <summary>The major version of the server that Debian's packages of these names have; null if none of them is one.</summary>
    /// <param name="components">Names of components.</param>
    /// <param name="prefix"><c>postgresql-</c> or <c>postgresql-client-</c>.</param>
    internal static int? Newest(IEnumerable<string> components, string prefix)
    {
        int? newest = null;
        foreach (string name in components.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            if (int.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int major))
            {
                newest = Math.Max(newest ?? 0, major);
            }
        }

        return newest;
    }

    [GeneratedRegex(@"\A([0-9]{1,3})(?:\.([0-9]{1,2}))?\z")]
    private static partial Regex Pattern();
}
