using System.Globalization;
using System.Text.RegularExpressions;

namespace Lava.Build.Sdk.Tests;

/// <summary>A line in MSBuild's canonical form, such as <c>file(line,column): error CODE: text [project]</c>.</summary>
internal sealed partial record Diagnostic(string File, int Line, string Severity, string Code, string Text)
{
    /// <summary>All of them in an output, each once: loggers repeat them at the end.</summary>
    public static IReadOnlyList<Diagnostic> Parse(string output) =>
        [.. output.Split('\n').Select(line => Pattern().Match(line.Trim())).Where(match => match.Success).Select(Of).Distinct()];

    private static Diagnostic Of(Match match)
    {
        string line = match.Groups["line"].Value;
        return new Diagnostic(
            match.Groups["file"].Value,
            line.Length == 0 ? 0 : int.Parse(line, CultureInfo.InvariantCulture),
            match.Groups["severity"].Value,
            match.Groups["code"].Value,
            match.Groups["text"].Value);
    }

    [GeneratedRegex(@"^(\d+(:\d+)?>)?(?<file>[^:(]*?)(\((?<line>\d+)(,\d+)*\))? ?: (?<severity>error|warning) (?<code>[A-Z]+\d+): (?<text>.*?)( \[[^\]]*\])?$")]
    private static partial Regex Pattern();
}
