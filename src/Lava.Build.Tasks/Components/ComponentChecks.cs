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
        string[] names = [.. references.Select(reference => reference.Name).Distinct()];
        foreach (IGrouping<string, ComponentReference> group in references.GroupBy(reference => reference.Name, StringComparer.OrdinalIgnoreCase))
        {
            if (group.Count() > 1)
            {
                string places = string.Join(", ", group.Select(reference => reference.Location.ToString()).Distinct());
                problems.Add(Problem.Error(Strings.DuplicateComponent, group.Last().Location, group.Key, group.Count(), places));
            }
        }

        foreach (ComponentReference reference in references)
        {
            CheckCommon(reference, names, problems);
            CheckSource(reference, projectDirectory, problems);
        }

        return problems;
    }

    private static void CheckCommon(ComponentReference reference, string[] names, List<Problem> problems)
    {
        if (reference.Sha256 is { } digest && !Hashing.IsDigest(digest))
        {
            problems.Add(Problem.Error(Strings.BadSha256, reference.Location, reference.Name, digest));
        }

        foreach (string other in MetadataList.Split(reference["Overrides"]))
        {
            if (other == reference.Name || !names.Contains(other))
            {
                string advice = NearestName.Among(names.Where(name => name != reference.Name), other) is { } nearest
                    ? $" Did you mean '{nearest}'?"
                    : " Correct the name, or add that component.";
                problems.Add(Problem.Error(Strings.UnknownOverride, reference.Location, reference.Name, other, advice));
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

    private static void CheckSource(ComponentReference written, string projectDirectory, List<Problem> problems)
    {
        ComponentReference reference = MisspelledMetadata.WithSource(written);
        string known = string.Join(", ", SourceRegistry.Names);
        if (reference.Source.Length == 0)
        {
            problems.Add(Problem.Error(Strings.MissingSource, reference.Location, reference.Name, known));
        }
        else if (SourceRegistry.Find(reference.Source) is not { } source)
        {
            problems.Add(Problem.Error(Strings.UnknownSource, reference.Location, reference.Name, reference.Source, known));
        }
        else
        {
            CheckSource(reference, source, projectDirectory, problems);
            return;
        }

        problems.AddRange(NameProblems(reference));
    }

    private static void CheckSource(ComponentReference written, ISource source, string projectDirectory, List<Problem> problems)
    {
        string[] metadata = [.. CommonMetadata, .. source.Metadata];
        foreach (string name in MisspelledMetadata.Of(written, metadata))
        {
            problems.Add(Problem.Error(
                Strings.UnknownMetadata, written.Location, written.Name, name, source.Name, NearestName.Advice(metadata, name)));
        }

        // What follows from a misspelled name is no problem of its own.
        ComponentReference reference = MisspelledMetadata.Corrected(written, metadata);
        if (source.NeedsVersion && reference.Version.Length == 0)
        {
            problems.Add(Problem.Error(Strings.MissingVersion, reference.Location, reference.Name, source.Name));
        }

        Problem[] own = [.. source.Check(reference, projectDirectory)];
        if (!source.JudgesNames || own.Length == 0)
        {
            problems.AddRange(NameProblems(reference));
        }

        problems.AddRange(own);
    }

    private static IEnumerable<Problem> NameProblems(ComponentReference reference)
    {
        if (!NamePattern().IsMatch(reference.Name) || reference.Name.Contains("..", StringComparison.Ordinal)
            || reference.Name.EndsWith('/') || !RelativePath.IsInside(reference.Name))
        {
            yield return Problem.Error(Strings.BadComponentName, reference.Location, reference.Name);
        }

        if (reference.Version.Length > 0 && !VersionPattern().IsMatch(reference.Version))
        {
            yield return Problem.Error(Strings.BadVersion, reference.Location, reference.Name, reference.Version);
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9@][A-Za-z0-9.+_@/-]*\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9.+~:_@-]*\z")]
    private static partial Regex VersionPattern();
}
