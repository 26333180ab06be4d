using System.Globalization;
using System.Text;

namespace Lava.Build.Releases;

/// <summary>Text as a literal of a shell or of Python: read back, it is the same text. No text may hold a NUL.</summary>
internal static class ShellQuoting
{
    /// <summary>
    /// A word of sh, bash and zsh. It never holds three quotes in a row nor needs a backslash, so that it may also
    /// stand inside Python's <c>r'''…'''</c>.
    /// </summary>
    internal static string Posix(string text) => "'" + Checked(text).Replace("'", "'\"'\"'", StringComparison.Ordinal) + "'";

    /// <summary>Words of sh with a space between them.</summary>
    internal static string PosixWords(IEnumerable<string> words) => string.Join(' ', words.Select(Posix));

    /// <summary>The line of sh that sets an environment variable.</summary>
    /// <exception cref="ArgumentException"><paramref name="name"/> is no name of sh.</exception>
    internal static string PosixExport(string name, string value) =>
        IsName(name)
            ? $"{name}={Posix(value)}; export {name}"
            : throw new ArgumentException($"'{name}' cannot name a variable.", nameof(name));

    /// <summary>Whether sh can have a variable of this name (POSIX, Base Definitions 3.216).</summary>
    internal static bool IsName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');

    /// <summary>A word of fish.</summary>
    internal static string Fish(string text) =>
        "'" + Checked(text).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";

    /// <summary>
    /// A word of csh and tcsh. Backslashes stand outside of the quotes, where they mean the same whether or not
    /// <c>backslash_quote</c> is set; <c>!</c> would recall history even inside of them.
    /// </summary>
    internal static string Csh(string text)
    {
        StringBuilder word = new("'");
        foreach (char letter in Checked(text))
        {
            _ = letter switch
            {
                '\'' or '\\' or '!' => word.Append("'\\").Append(letter).Append('\''),
                '\n' => word.Append("\\\n"),
                _ => word.Append(letter),
            };
        }

        return word.Append('\'').ToString();
    }

    /// <summary>An expression of PowerShell, which also ends a string at typographic quotes.</summary>
    internal static string PowerShell(string text)
    {
        StringBuilder literal = new("'");
        foreach (char letter in Checked(text))
        {
            literal.Append(letter);
            if (letter is '\'' or '\u2018' or '\u2019' or '\u201a' or '\u201b')
            {
                literal.Append(letter);
            }
        }

        return literal.Append('\'').ToString();
    }

    /// <summary>An expression of Python 3, on one line.</summary>
    internal static string Python(string text)
    {
        StringBuilder literal = new("'");
        foreach (char letter in Checked(text))
        {
            _ = letter switch
            {
                '\'' or '\\' => literal.Append('\\').Append(letter),
                '\n' => literal.Append("\\n"),
                _ when char.IsControl(letter) => literal.Append(CultureInfo.InvariantCulture, $"\\x{(int)letter:x2}"),
                _ => literal.Append(letter),
            };
        }

        return literal.Append('\'').ToString();
    }

    /// <summary>A list of strings of Python, one a line where there are several.</summary>
    internal static string PythonList(IReadOnlyCollection<string> texts) =>
        texts.Count == 0 ? "[]" : $"[\n{string.Concat(texts.Select(text => $"    {Python(text)},\n"))}]";

    private static string Checked(string text) =>
        text.Contains('\0', StringComparison.Ordinal) ? throw new ArgumentException("A NUL cannot be quoted.", nameof(text)) : text;
}
