using System.Text.RegularExpressions;
using Lava.Build.Diagnostics;

namespace Lava.Build.Services.Systemd;

/// <summary>Text as units hold it (systemd.syntax(7)).</summary>
internal static partial class UnitText
{
    /// <summary>
    /// A path, or another text, as it stands between double quotes: read back by any directive that splits its value into words,
    /// and by an Exec line that starts with <c>:</c>, it is the same text. Backslashes escape, and <c>%</c> starts a specifier.
    /// </summary>
    internal static string Quoted(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("%", "%%", StringComparison.Ordinal);

    /// <summary>A text that a directive takes as it is, such as a description.</summary>
    internal static string Plain(string text) => text.Replace("%", "%%", StringComparison.Ordinal);

    /// <summary>Makes sure that units can name a directory.</summary>
    /// <exception cref="LavaException">They cannot (LAVA5068).</exception>
    internal static void CheckPath(string path)
    {
        if (path.Any(char.IsControl) || path.Contains(':', StringComparison.Ordinal))
        {
            throw Problem.Error(Strings.BadUnitPath, SourceLocation.None, path).ToException();
        }
    }

    /// <summary>Whether a unit can hold this as <c>name=value</c> on a line of its own, without a change to the next one.</summary>
    internal static bool IsDirective(string name, string value) =>
        NamePattern().IsMatch(name) && !value.Any(char.IsControl) && !value.EndsWith('\\');

    [GeneratedRegex(@"\A[A-Z][A-Za-z0-9]*\z")]
    private static partial Regex NamePattern();
}
