using System.Text.RegularExpressions;

namespace Lava.Build.Sources;

/// <summary>What Debian Policy lets a package be called. Nothing it accepts can be taken for an option or a pattern by apt.</summary>
internal static partial class DebPolicy
{
    /// <summary>Policy 5.6.1: lower-case letters, digits, '+', '-', '.'; at least two, an alphanumeric one first.</summary>
    internal static bool IsName(string text) => NamePattern().IsMatch(text);

    /// <summary>
    /// Policy 5.6.12, [epoch:]upstream[-revision]: the epoch is a number, the upstream version starts with a digit and has ':' only
    /// after an epoch and '-' only before a revision. Policy's "should start with a digit" is taken as a must, as dpkg does.
    /// </summary>
    internal static bool IsVersion(string text) => VersionPattern().IsMatch(text);

    /// <summary>The name of an architecture, as <c>dpkg-architecture -L</c> lists them.</summary>
    internal static bool IsArchitecture(string text) => ArchitecturePattern().IsMatch(text);

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9+.-]+\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A(?:[0-9]{1,9}:[0-9][A-Za-z0-9.+~:-]*|[0-9][A-Za-z0-9.+~-]*)(?<!-)\z")]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]*\z")]
    private static partial Regex ArchitecturePattern();
}
