using System.Text.RegularExpressions;
using Lava.Build.Diagnostics;

namespace Lava.Build.Components;

/// <summary>Everything about the properties of a project that can be checked before anything is fetched or written.</summary>
public static partial class PropertyChecks
{
    /// <summary>The values of <c>LavaLinkMode</c>.</summary>
    public static IReadOnlyList<string> LinkModes { get; } = ["hardlink", "copy"];

    /// <summary>All problems of the given properties.</summary>
    public static IEnumerable<Problem> Check(
        string instance, string instanceRoot, string primaryComponent, string linkMode, IReadOnlyList<ComponentReference> references, string projectFile)
    {
        SourceLocation location = new(projectFile);
        if (!InstancePattern().IsMatch(instance))
        {
            yield return Problem.Error(
                Strings.BadProperty, location, "LavaInstance", instance, "Use letters, digits, '.', '_' and '-', and start with a letter or digit.");
        }

        if (instanceRoot.Contains(':', StringComparison.Ordinal))
        {
            yield return Problem.Error(
                Strings.BadProperty, location, "LavaInstanceRoot", instanceRoot, "PATH cannot hold a directory with ':' in its name; choose another.");
        }

        if (primaryComponent.Length > 0 && references.All(reference => reference.Name != primaryComponent))
        {
            string names = string.Join(", ", references.Select(reference => reference.Name));
            yield return Problem.Error(Strings.NoPrimaryComponent, location, primaryComponent, names);
        }

        if (!LinkModes.Contains(linkMode, StringComparer.OrdinalIgnoreCase))
        {
            yield return Problem.Error(Strings.BadProperty, location, "LavaLinkMode", linkMode, "Use hardlink or copy.");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]*\z")]
    private static partial Regex InstancePattern();
}
