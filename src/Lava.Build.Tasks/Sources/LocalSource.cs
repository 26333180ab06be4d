using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Unpacking;

namespace Lava.Build.Sources;

/// <summary>A directory of a developer, used in place: nothing is fetched, hashed or copied.</summary>
public sealed class LocalSource : ISource
{
    private const string PathMetadata = "Path";
    private const string PrefixMetadata = "Prefix";
    private const string PythonPathMetadata = "PythonPath";

    /// <inheritdoc/>
    public string Name => "local";

    /// <inheritdoc/>
    public IReadOnlyList<string> Metadata { get; } = [PathMetadata, PrefixMetadata, PythonPathMetadata];

    /// <inheritdoc/>
    public bool NeedsVersion => false;

    /// <summary>The absolute directory a component of this source is.</summary>
    public static string DirectoryOf(ComponentReference reference, string projectDirectory) =>
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(reference[PathMetadata], projectDirectory));

    /// <summary>Where in a release the directory stands: <c>Prefix</c>, or <see cref="PlaceOf"/>.</summary>
    public static string PrefixOf(ComponentReference reference) =>
        SourcePaths.Normalize(reference[PrefixMetadata]) is { Length: > 0 } prefix ? prefix : PlaceOf(reference);

    /// <summary>Where in a release a directory of a developer stands by default: <c>src/&lt;name&gt;</c>.</summary>
    public static string PlaceOf(ComponentReference reference) => $"src/{reference.Name}";

    /// <summary>The directories, relative to the component's, that Python imports from; "" is the component's own.</summary>
    public static IReadOnlyList<string> PythonPathOf(ComponentReference reference) =>
        [.. MetadataList.Split(reference[PythonPathMetadata]).Select(SourcePaths.Normalize)];

    /// <inheritdoc/>
    public IEnumerable<Problem> Check(ComponentReference reference, string projectDirectory)
    {
        string path = reference[PathMetadata];
        if (path.Length == 0)
        {
            yield return Problem.Error(Strings.LocalPathMissing, reference.Location, reference.Name);
        }
        else if (SourcePaths.HasControls(path))
        {
            yield return PathProblems.Controls(reference, PathMetadata);
        }
        else if (!Directory.Exists(DirectoryOf(reference, projectDirectory)))
        {
            yield return Problem.Error(
                Strings.LocalDirectoryMissing, reference.Location, reference.Name, DirectoryOf(reference, projectDirectory));
        }

        foreach (Problem problem in PathProblems.OfPrefix(reference, PrefixMetadata))
        {
            yield return problem;
        }

        foreach (string directory in MetadataList.Split(reference[PythonPathMetadata]))
        {
            if (SourcePaths.HasControls(directory))
            {
                yield return PathProblems.Controls(reference, PythonPathMetadata);
            }
            else if (!SourcePaths.IsInside(directory))
            {
                yield return Problem.Error(
                    Strings.PathLeavesProject, reference.Location, PythonPathMetadata, directory, reference.Name, "its directory");
            }
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Pin>> ResolveAsync(
        IReadOnlyList<ComponentReference> references, SourceContext context, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<Pin>>(
            [.. references.Select(reference => new Pin { Name = reference.Name, Source = Name, Version = reference.Version })]);

    /// <inheritdoc/>
    public Task FetchAsync(IReadOnlyList<PinnedComponent> components, SourceContext context, CancellationToken cancellation) =>
        Task.CompletedTask;

    /// <inheritdoc/>
    public TreeRecipe? Recipe(PinnedComponent component) => null;
}
