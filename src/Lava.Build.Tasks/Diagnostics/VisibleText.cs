namespace Lava.Build.Diagnostics;

/// <summary>Text of others in a line of ours.</summary>
internal static class VisibleText
{
    /// <summary>The text with control characters as <c>\xhh</c>: what a line quotes must neither look like another one nor steer a terminal.</summary>
    internal static string Of(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(letter => char.IsControl(letter) ? $"\\x{(int)letter:x2}" : letter.ToString())) : text;
}
