using System.Text.RegularExpressions;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Sources;

namespace Lava.Build.Components;

/// <summary>Everything about a description that can be checked without asking anybody, all at once.</summary>
public static partial class ComponentChecks
{
    /// <summary>The metadata of components that have an archive, and so a tree.</summary>
    internal const string Sha256Metadata = "Sha256";

    /// <inheritdoc cref="Sha256Metadata"/>
    internal const string ExcludesMetadata = "Excludes";

    private static readonly string[] CommonMetadata = ["Source", "Version", "Overrides"];

    /// <summary>All problems of <paramref name="references"/>, in their order.</summary>
    /// <param name="references">The items of the project.</param>
    /// <param name="projectDirectory">The absolute directory of the project.</param>
    public static IReadOnlyList<Problem> Check(IReadOnlyList<ComponentReference> references, string projectDirectory)
    {
        List<Problem> problems = [];
        HashSet<string> names = [.. references.Select(reference => reference.Name)];
        foreach (IGrouping<string, ComponentReference> group in references.GroupBy(reference => reference.Name, StringComparer.OrdinalIgnoreCase))
        {
            if (group.Count() > 1)
            {
                problems.Add(Problem.Error(Strings.DuplicateComponent, group.Last().Location, group.Key, group.Count()));
            }
        }

        foreach (ComponentReference reference in references)
        {
            CheckCommon(reference, names, problems);
            CheckSource(reference, projectDirectory, problems);
        }

        return problems;
    }

    private static void CheckCommon(ComponentReference reference, HashSet<string> names, List<Problem> problems)
    {
        if (!NamePattern().IsMatch(reference.Name) || reference.Name.Contains("..", StringComparison.Ordinal))
        {
            problems.Add(Problem.Error(Strings.BadComponentName, reference.Location, reference.Name));
        }

        if (reference.Version.Length > 0 && !VersionPattern().IsMatch(reference.Version))
        {
            problems.Add(Problem.Error(Strings.BadVersion, reference.Location, reference.Name, reference.Version));
        }

        if (reference.Sha256 is { } digest && !Hashing.IsDigest(digest))
        {
            problems.Add(Problem.Error(Strings.BadSha256, reference.Location, reference.Name, digest));
        }

        foreach (string other in MetadataList.Split(reference["Overrides"]))
        {
            if (other == reference.Name || !names.Contains(other))
            {
                problems.Add(Problem.Error(Strings.UnknownOverride, reference.Location, reference.Name, other));
            }
        }

        foreach (string path in MetadataList.Split(reference["Excludes"]))
        {
            if (!RelativePath.IsInside(path))
            {
                problems.Add(Problem.Error(Strings.PathLeavesProject, reference.Location, "Excludes", path, reference.Name, "the component"));
            }
        }
    }

    private static void CheckSource(ComponentReference reference, string projectDirectory, List<Problem> problems)
    {
        string known = string.Join(", ", SourceRegistry.Names);
        if (reference.Source.Length == 0)
        {
            problems.Add(Problem.Error(Strings.MissingSource, reference.Location, reference.Name, known));
            return;
        }

        if (SourceRegistry.Find(reference.Source) is not { } source)
        {
            problems.Add(Problem.Error(Strings.UnknownSource, reference.Location, reference.Name, reference.Source, known));
            return;
        }

        string[] metadata = [.. CommonMetadata, .. source.Metadata];
        IEnumerable<string> given = reference.Sha256 is null ? reference.Metadata.Keys : reference.Metadata.Keys.Append(Sha256Metadata);
        foreach (string name in given.Where(name => !metadata.Contains(name, StringComparer.OrdinalIgnoreCase)))
        {
            problems.Add(Problem.Error(
                Strings.UnknownMetadata, reference.Location, reference.Name, name, source.Name, NearestName.Advice(metadata, name)));
        }

        if (source.NeedsVersion && reference.Version.Length == 0)
        {
            problems.Add(Problem.Error(Strings.MissingVersion, reference.Location, reference.Name, source.Name));
        }

        problems.AddRange(source.Check(reference, projectDirectory));
    }

    [GeneratedRegex(@"\A[A-Za-z0-9@][A-Za-z0-9.+_@/-]*\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9.+~:_@-]*\z")]
    private static partial Regex VersionPattern();
}
