using Lava.Build.Releases;

namespace Lava.Build.Services;

/// <summary>What only the place of an instance decides, and therefore no release may hold.</summary>
/// <param name="InstanceRoot">The instance's absolute directory.</param>
/// <param name="Release">The release's absolute directory, without <c>current</c>.</param>
public sealed record RunHoles(string InstanceRoot, string Release)
{
    /// <summary>The hole that stands for the instance's directory.</summary>
    public const string InstanceRootHole = "@{InstanceRoot}";

    /// <summary>The hole that stands for the release's directory.</summary>
    public const string ReleaseHole = "@{Release}";

    /// <summary>Fills both holes.</summary>
    public string Fill(string text) => text
        .Replace(InstanceRootHole, InstanceRoot, StringComparison.Ordinal)
        .Replace(ReleaseHole, Release, StringComparison.Ordinal);

    /// <summary>
    /// A line for sh, in which both holes are the shell's own variables: no quoting of a path fits every place where they may stand, so
    /// whoever writes the line quotes them as variables.
    /// </summary>
    internal static string ShellLine(string line) => Variables(line, "${LAVA_INSTANCE}", "${LAVA_RELEASE}");

    /// <summary>A text as one word of sh, in which the shell fills both holes.</summary>
    internal static string ShellWord(string text) => Variables(ShellQuoting.Posix(text), "'\"$LAVA_INSTANCE\"'", "'\"$LAVA_RELEASE\"'");

    /// <summary>Lines of sh that set environment variables, in which the shell fills both holes.</summary>
    internal static string ShellExports(IEnumerable<KeyValuePair<string, string>> variables) => string.Join('\n', variables
        .OrderBy(variable => variable.Key, StringComparer.Ordinal)
        .Select(variable => $"{variable.Key}={ShellWord(variable.Value)}; export {variable.Key}"));

    private static string Variables(string text, string instanceRoot, string release) => text
        .Replace(InstanceRootHole, instanceRoot, StringComparison.Ordinal)
        .Replace(ReleaseHole, release, StringComparison.Ordinal);
}
