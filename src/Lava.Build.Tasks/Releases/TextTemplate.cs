using System.Text;
using Lava.Build.Components;
using Lava.Build.Diagnostics;

namespace Lava.Build.Releases;

/// <summary>
/// Text with holes. <c>@{Name}</c> is a hole, <c>@@{</c> stands for a literal <c>@{</c>, all else stays as it is.
/// A name starts with a letter of ASCII or <c>_</c> and goes on with those, digits and <c>.</c>.
/// </summary>
internal static class TextTemplate
{
    private const string Opening = "@{";

    /// <summary>Fills every hole of <paramref name="text"/>; what is filled in is not looked at again.</summary>
    /// <param name="text">The template.</param>
    /// <param name="value">Gives the text of a hole by its name, or null if there is no such name. What it throws is told with the hole's place.</param>
    /// <param name="fileForErrors">The file that messages name.</param>
    /// <param name="known">The names there are, for the suggestion in a message.</param>
    /// <exception cref="LavaException">All unknown (LAVA4020) and malformed (LAVA4021) holes, and those that <paramref name="value"/> refused.</exception>
    internal static string Fill(
        string text, Func<string, string?> value, string fileForErrors, IReadOnlyCollection<string>? known = null)
    {
        StringBuilder filled = new(text.Length);
        List<Problem> problems = [];
        int position = 0;
        while (text.IndexOf('@', position) is int at and >= 0)
        {
            filled.Append(text, position, at - position);
            string rest = text[at..Math.Min(text.Length, at + Opening.Length + 1)];
            if (rest == "@" + Opening)
            {
                filled.Append(Opening);
                position = at + rest.Length;
            }
            else if (!rest.StartsWith(Opening, StringComparison.Ordinal))
            {
                filled.Append('@');
                position = at + 1;
            }
            else
            {
                position = at + Opening.Length;
                string name = NameAt(text, position);
                SourceLocation location = Locate(text, at, fileForErrors);
                if (name.Length == 0 || position + name.Length == text.Length || text[position + name.Length] != '}')
                {
                    problems.Add(Problem.Error(Strings.MalformedHole, location, fileForErrors));
                    continue;
                }

                position += name.Length + 1;
                try
                {
                    if (value(name) is { } content)
                    {
                        filled.Append(content);
                    }
                    else
                    {
                        problems.Add(Problem.Error(Strings.UnknownHole, location, fileForErrors, name, Advice(name, known)));
                    }
                }
                catch (LavaException failure)
                {
                    problems.AddRange(failure.Problems.Select(problem => problem with { Location = location }));
                }
            }
        }

        return problems.Count == 0
            ? filled.Append(text, position, text.Length - position).ToString()
            : throw new LavaException(problems);
    }

    private static string NameAt(string text, int start)
    {
        int end = start;
        while (end < text.Length && (char.IsAsciiLetter(text[end]) || text[end] == '_'
            || (end > start && (char.IsAsciiDigit(text[end]) || text[end] == '.'))))
        {
            end++;
        }

        return text[start..end];
    }

    private static SourceLocation Locate(string text, int at, string file)
    {
        ReadOnlySpan<char> before = text.AsSpan(0, at);
        return new SourceLocation(file, before.Count('\n') + 1, at - before.LastIndexOf('\n'));
    }

    private static string Advice(string name, IReadOnlyCollection<string>? known)
    {
        if (known is null || known.Count == 0)
        {
            return "";
        }

        string names = string.Join(", ", known.Order(StringComparer.Ordinal));
        return NearestName.Among(known, name) is { } nearest
            ? $" Did you mean '{nearest}'? Known names: {names}."
            : $" Known names: {names}.";
    }
}
