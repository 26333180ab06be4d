using System.Buffers;
using System.Globalization;
using Lava.Build.Diagnostics;

namespace Lava.Build.Releases;

/// <summary>
/// How a text is written between double quotes in a configuration file of another program. What the program has no way to write is
/// refused: it would be taken for something else, or the whole file would be.
/// </summary>
internal static class QuotedText
{
    // Both servers take a path with one of these in an include or a directory section for a pattern.
    private static readonly SearchValues<char> Patterns = SearchValues.Create("*?[\\");

    /// <summary>How to quote for a program, or null if nothing is known of it.</summary>
    internal static Func<string, string>? For(string program) => program switch
    {
        "nginx" => ForNginx,
        "apache" => ForApache,
        _ => null,
    };

    /// <summary>nginx fills in variables in most of its parameters, and has no way to write a dollar (ngx_http_script_compile).</summary>
    /// <exception cref="LavaException">The text has <c>$</c>, a control character, or one of <c>*?[\</c> (LAVA5051).</exception>
    internal static string ForNginx(string text)
    {
        Refuse(text, "nginx", text.IndexOf('$', StringComparison.Ordinal));
        return text.Replace("\"", "\\\"", StringComparison.Ordinal);
    }

    /// <summary>Apache fills in <c>${name}</c> wherever it stands, and reads a file by lines (ap_resolve_env, ap_cfg_getline).</summary>
    /// <exception cref="LavaException">The text has <c>${</c>, a control character, or one of <c>*?[\</c> (LAVA5051).</exception>
    internal static string ForApache(string text)
    {
        Refuse(text, "Apache", text.IndexOf("${", StringComparison.Ordinal));
        return text.Replace("\"", "\\\"", StringComparison.Ordinal);
    }

    private static void Refuse(string text, string program, int special)
    {
        int at = special >= 0 ? special : text.AsSpan().IndexOfAny(Patterns);
        int control = text.AsSpan().IndexOfAnyInRange('\0', '\x1f');
        at = control >= 0 ? control : at;
        if (at >= 0)
        {
            string character = text[at] < ' ' ? string.Create(CultureInfo.InvariantCulture, $"U+{(int)text[at]:X4}") : $"'{text[at]}'";
            throw Problem.Error(Strings.CannotBeQuoted, SourceLocation.None, text, program, character).ToException();
        }
    }
}
