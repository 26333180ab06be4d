namespace Lava.Build.Diagnostics;

/// <summary>Text of others in a line of ours.</summary>
internal static class VisibleText
{
    /// <summary>The text with control characters as <c>\xhh</c>: what a line quotes must neither look like another one nor steer a terminal.</summary>
    internal static string Of(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(letter => char.IsControl(letter) ? $"\\x{(int)letter:x2}" : letter.ToString())) : text;

    /// <summary>As <see cref="Of"/>, with the tabs that programs align their lines by.</summary>
    internal static string WithTabs(string text) => string.Join('\t', text.Split('\t').Select(Of));
}
