using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Components;

/// <summary>A component that is pinned and at the same time developed in a directory, whose Python modules come before the pinned ones.</summary>
/// <param name="Name">The component's name.</param>
/// <param name="Path">The directory as it was written.</param>
/// <param name="Directory">The directory, absolute.</param>
/// <param name="PythonPath">The directories, relative to it, that Python imports from, where they are given; "" is its own.</param>
public sealed record DevelopedComponent(string Name, string Path, string Directory, IReadOnlyList<string> PythonPath)
{
    private const char PathSeparator = ':';

    /// <summary>
    /// Reads <c>LavaDevelop</c>: <c>name=directory</c>, and behind it, each after a colon, directories in it that Python imports from; entries are
    /// separated by semicolons.
    /// </summary>
    /// <param name="text">The property.</param>
    /// <param name="names">The names of the project's components.</param>
    /// <param name="projectDirectory">Where relative directories start, absolute.</param>
    /// <param name="location">Where messages say that it was asked for.</param>
    /// <param name="problems">Takes all that is wrong with it (LAVA1007, LAVA1032, LAVA1086, LAVA1087).</param>
    /// <returns>The entries of which nothing is wrong.</returns>
    public static IReadOnlyList<DevelopedComponent> Read(
        string text, IReadOnlyCollection<string> names, string projectDirectory, SourceLocation location, ICollection<Problem> problems)
    {
        List<DevelopedComponent> developed = [];
        foreach (string entry in MetadataList.Split(text))
        {
            string[] sides = entry.Split('=', 2, StringSplitOptions.TrimEntries);
            string[] paths = sides[^1].Split(PathSeparator, StringSplitOptions.TrimEntries);
            string directory = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(paths[0], projectDirectory));
            string? outside = Array.Find(paths[1..], path => !RelativePath.IsInside(path) && path != ".");
            Problem? problem = (sides, paths) switch
            {
                ({ Length: 1 }, _) or (["", _], _) => Problem.Error(Strings.BadDevelop, location, entry, "Write name=directory"),
                (_, ["", ..]) => Problem.Error(Strings.BadDevelop, location, entry, "Say which directory"),
                _ when !names.Contains(sides[0]) =>
                    Problem.Error(Strings.UnknownDeveloped, location, sides[0], NearestName.Advice(names, sides[0])),
                _ when developed.Exists(other => other.Name == sides[0]) =>
                    Problem.Error(Strings.BadDevelop, location, entry, "The component is named before; keep one"),
                _ when outside is not null => Problem.Error(Strings.PathLeavesProject, location, "LavaDevelop", outside, sides[0], "its directory"),
                _ when !System.IO.Directory.Exists(directory) => Problem.Error(Strings.LocalDirectoryMissing, location, sides[0], directory),
                _ => null,
            };
            if (problem is null)
            {
                string[] python = [.. paths[1..].Select(path => path == "." ? "" : path.TrimEnd('/'))];
                developed.Add(new DevelopedComponent(sides[0], paths[0], directory, python));
            }
            else
            {
                problems.Add(problem);
            }
        }

        return developed;
    }

    /// <summary>What is wrong with using directories of a developer in an instance that others are to have, too.</summary>
    /// <param name="references">The project's components.</param>
    /// <param name="developed">Those of them that are developed.</param>
    /// <param name="configuration">The profile.</param>
    /// <param name="locked">Whether the instance must be the one of the lock file.</param>
    /// <param name="projectFile">The project.</param>
    /// <returns>A warning each where the profile is Release (LAVA1088); an error where locked (LAVA1089).</returns>
    public static IEnumerable<Problem> CheckUse(
        IReadOnlyList<ComponentReference> references, IReadOnlyList<DevelopedComponent> developed, string configuration, bool locked, string projectFile)
    {
        bool production = configuration.Equals("Release", StringComparison.OrdinalIgnoreCase);
        foreach (ComponentReference reference in references)
        {
            DevelopedComponent? development = developed.FirstOrDefault(component => component.Name == reference.Name);
            bool local = reference.Source.Equals("local", StringComparison.OrdinalIgnoreCase);
            string directory = development?.Path ?? reference["Path"];
            SourceLocation location = development is null ? reference.Location : new SourceLocation(projectFile);
            if (locked && (development is not null || (local && production)))
            {
                yield return Problem.Error(Strings.LocalInLockedBuild, location, reference.Name, directory);
            }
            else if (production && (local || development is not null))
            {
                yield return Problem.Warning(Strings.LocalInRelease, location, reference.Name, directory);
            }
        }
    }
}
