using System.Text;

namespace Lava.Build.Platform;

/// <summary>Splits a text into words as sh does (POSIX, Shell Command Language 2.2): blanks separate, quotes and backslashes join. Nothing is expanded.</summary>
public static class ShellWords
{
    private const string EscapedInQuotes = "\"\\$`\n";

    /// <summary>The words.</summary>
    /// <param name="text">The text.</param>
    /// <param name="problem">Null, or why the text cannot be split: it ends within a quotation.</param>
    public static IReadOnlyList<string> Split(string text, out string? problem)
    {
        List<string> words = [];
        StringBuilder? word = null;
        problem = null;
        for (int i = 0; i < text.Length; i++)
        {
            char letter = text[i];
            if (letter is ' ' or '\t' or '\n' or '\r')
            {
                Finish(words, ref word);
                continue;
            }

            word ??= new StringBuilder();
            switch (letter)
            {
                case '\\' when i + 1 == text.Length:
                    problem = "it ends with a backslash that quotes nothing";
                    break;
                case '\\':
                    i++;
                    // A backslash and a newline together are nothing: the line goes on.
                    word.Append(text[i] == '\n' ? "" : text[i]);
                    break;
                case '\'' or '"':
                    i = ReadQuoted(text, i, word);
                    problem = i == text.Length ? $"a {letter} in it is not closed" : problem;
                    break;
                default:
                    word.Append(letter);
                    break;
            }
        }

        Finish(words, ref word);
        return words;
    }

    // Ends at the closing quote, or behind the text if there is none.
    private static int ReadQuoted(string text, int start, StringBuilder word)
    {
        char quote = text[start];
        int i = start + 1;
        while (i < text.Length && text[i] != quote)
        {
            if (quote == '"' && text[i] == '\\' && i + 1 < text.Length && EscapedInQuotes.Contains(text[i + 1], StringComparison.Ordinal))
            {
                i++;
                word.Append(text[i] == '\n' ? "" : text[i]);
            }
            else
            {
                word.Append(text[i]);
            }

            i++;
        }

        return i;
    }

    private static void Finish(List<string> words, ref StringBuilder? word)
    {
        if (word is not null)
        {
            words.Add(word.ToString());
            word = null;
        }
    }
}
