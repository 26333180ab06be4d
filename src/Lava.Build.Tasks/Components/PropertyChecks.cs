using System.Globalization;
using System.Text.RegularExpressions;
using Lava.Build.Diagnostics;
using Lava.Build.Sources;

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
            string advice = NearestName.Advice([.. references.Select(reference => reference.Name)], primaryComponent);
            yield return Problem.Error(Strings.NoPrimaryComponent, location, primaryComponent, advice);
        }

        if (!LinkModes.Contains(linkMode, StringComparer.OrdinalIgnoreCase))
        {
            yield return Problem.Error(Strings.BadProperty, location, "LavaLinkMode", linkMode, "Use hardlink or copy.");
        }
    }

    /// <summary>All problems of the properties that may be empty.</summary>
    public static IEnumerable<Problem> CheckOptional(string revision, string architecture, string projectFile)
    {
        SourceLocation location = new(projectFile);

        // It starts the name of a release's directory: a dot at its start would hide that from people, or pass it off as staging.
        if (revision.Length > 0 && !RevisionPattern().IsMatch(revision))
        {
            yield return Problem.Error(
                Strings.BadProperty, location, "LavaRevision", revision, "Use letters, digits, '.', '+', '~', ':', '-', '_', '@' and '/', and start with a letter or digit.");
        }

        if (architecture.Length > 0 && !DebPolicy.IsArchitecture(architecture))
        {
            yield return Problem.Error(
                Strings.BadProperty, location, "LavaArchitecture", architecture, "Use Debian's words, such as amd64 or arm64, or leave it out.");
        }
    }

    /// <summary>All problems of properties that are true or false, in the words that MSBuild's tasks take.</summary>
    /// <param name="switches">Each with its value; an empty one is left to its default.</param>
    /// <param name="projectFile">The project.</param>
    public static IEnumerable<Problem> CheckSwitches(IEnumerable<(string Property, string Value)> switches, string projectFile) =>
        from property in switches
        where property.Value.Length > 0 && !SwitchPattern().IsMatch(property.Value)
        select Problem.Error(Strings.BadProperty, new SourceLocation(projectFile), property.Property, property.Value, "Use true or false.");

    /// <summary>All problems of properties that are whole numbers.</summary>
    /// <param name="numbers">Each with its range; an empty value is left to its default.</param>
    /// <param name="projectFile">The project.</param>
    public static IEnumerable<Problem> CheckNumbers(
        IEnumerable<(string Property, string Value, long Least, long Greatest)> numbers, string projectFile)
    {
        foreach ((string property, string value, long least, long greatest) in numbers)
        {
            if (value.Length > 0
                && !(long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= greatest))
            {
                yield return Problem.Error(
                    Strings.BadProperty,
                    new SourceLocation(projectFile),
                    property,
                    value,
                    string.Create(CultureInfo.InvariantCulture, $"Give a whole number from {least} to {greatest}."));
            }
        }
    }

    [GeneratedRegex(@"\A!?(true|false|on|off|yes|no)\z", RegexOptions.IgnoreCase)]
    private static partial Regex SwitchPattern();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]*\z")]
    private static partial Regex InstancePattern();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9.+~:_@/-]*\z")]
    private static partial Regex RevisionPattern();
}
