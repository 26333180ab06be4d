using Lava.Build.Diagnostics;
using Lava.Build.Unpacking;

namespace Lava.Build.Instances;

/// <summary>A password that stands somewhere: it is one line, and a file that holds it is not open to others.</summary>
internal static class PasswordText
{
    private const UnixFileMode Open = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;

    /// <summary>Reads the one line of a file, with or without an end of line.</summary>
    /// <param name="path">The file.</param>
    /// <param name="unusable">What to say for a reason, such as <c>is empty</c>.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="LavaException">It is missing, open to others, no UTF-8, empty, or has several lines.</exception>
    internal static async Task<string> ReadAsync(string path, Func<string, Problem> unusable, CancellationToken cancellation)
    {
        if (!File.Exists(path))
        {
            throw unusable("does not exist").ToException();
        }

        if ((File.GetUnixFileMode(path) & Open) != 0)
        {
            throw unusable("is open to other users").ToException();
        }

        return ArchiveText.TryDecode(await File.ReadAllBytesAsync(path, cancellation), out string? text)
            ? Check(WithoutNewline(text), unusable)
            : throw unusable("is no text in UTF-8").ToException();
    }

    /// <summary>The text itself, if it can be a password.</summary>
    /// <inheritdoc cref="ReadAsync" path="/param"/>
    /// <exception cref="LavaException">It is empty, or has several lines.</exception>
    internal static string Check(string text, Func<string, Problem> unusable) =>
        text.Length == 0 ? throw unusable("is empty").ToException()
        : text.AsSpan().IndexOfAny("\n\r\0") >= 0 ? throw unusable("has several lines").ToException()
        : text;

    private static string WithoutNewline(string text) =>
        text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
}
