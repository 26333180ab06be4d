using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Unpacking;

namespace Lava.Build.Releases;

/// <summary>
/// The programs of a release: one small sh script in <c>bin</c> for each program that a component has, and for each launcher
/// of the project. A script finds its release by its own physical place, so it keeps to it when <c>current</c> moves on.
/// </summary>
public static class Launchers
{
    private const string Bin = "bin";
    private static readonly Dictionary<string, string> NoEnvironment = [];

    // Of two programs with one name, the first directory's counts, as in a PATH of this order.
    private static readonly string[] ProgramDirectories = [Bin, "usr/bin", "sbin", "usr/sbin"];

    /// <summary>The launchers; a project's own come last, so they win over a component's program of the same name.</summary>
    /// <exception cref="LavaException">A program that the release cannot do without is in none of its components (LAVA1083).</exception>
    public static IEnumerable<GeneratedFile> For(ReleaseDescription description, MergedView view, IReadOnlyList<ReleaseTree> trees)
    {
        LauncherScripts scripts = new(description.Python?.Name ?? "");
        foreach (ProgramPart part in description.Parts.Programs)
        {
            yield return GeneratedFile.Program(part.Path, ForHelper(scripts, view, part));
        }

        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (string directory in ProgramDirectories)
        {
            foreach ((string name, _) in view.List(directory))
            {
                string path = $"{directory}/{name}";
                if (view.Resolve(path) is { Tree: >= 0, Entry: { Kind: EntryKind.File, Executable: true } } program && names.Add(name))
                {
                    yield return GeneratedFile.Program($"{Bin}/{name}", ForProgram(scripts, view, trees, path, program));
                }
            }
        }

        foreach (LauncherPart part in description.Parts.Launchers)
        {
            yield return GeneratedFile.Program($"{Bin}/{part.Name}", ForPart(scripts, part));
        }
    }

    private static string ForProgram(
        LauncherScripts scripts, MergedView view, IReadOnlyList<ReleaseTree> trees, string path, MergedFile program)
    {
        // A component's own bin/NAME gives its place to the launcher, which therefore leads to it in the store.
        string target = path.StartsWith($"{Bin}/", StringComparison.Ordinal)
            ? $"../.store/{trees[program.Tree].StoreName}/{program.Entry.Path}"
            : path;
        if (PythonFiles.IsPython(program.Entry.Interpreter))
        {
            return scripts.PythonScript(target, NoEnvironment);
        }

        IReadOnlyList<string> libraries = program.Entry.Elf is null ? [] : LibraryOrder.For(view, [path]);
        if (libraries.Count == 0 || program.Entry.Elf!.Loader is not { } loader)
        {
            return scripts.Program(target, NoEnvironment);
        }

        return scripts.Elf(target, loader, DirectoriesOf(libraries), NoEnvironment);
    }

    // Not in bin, so no name is taken from anybody.
    private static string ForHelper(LauncherScripts scripts, MergedView view, ProgramPart part)
    {
        if (view.Resolve(part.Program)?.Entry is not { Kind: EntryKind.File, Executable: true } program)
        {
            throw Problem.Error(Strings.DatabaseProgramMissing, part.Location, part.For, part.Program, part.Component).ToException();
        }

        int depth = part.Path.Count(letter => letter == '/');
        IReadOnlyList<string> libraries = program.Elf is null ? [] : LibraryOrder.For(view, [part.Program, .. part.Needs]);
        if (libraries.Count == 0 || program.Elf!.Loader is not { } loader)
        {
            return scripts.Program(part.Program, NoEnvironment, depth);
        }

        return part.StartsOthers
            ? scripts.ElfWithChildren(part.Program, DirectoriesOf(libraries), depth)
            : scripts.Elf(part.Program, loader, DirectoriesOf(libraries), NoEnvironment, depth);
    }

    private static string[] DirectoriesOf(IReadOnlyList<string> libraries) =>
        [.. libraries.Select(library => library[..library.LastIndexOf('/')]).Distinct()];

    private static string ForPart(LauncherScripts scripts, LauncherPart part)
    {
        if (part.Command.Length > 0)
        {
            return scripts.Command(part.Command, part.Environment);
        }

        string[] entryPoint = part.EntryPoint.Split(':');
        return scripts.PythonEntryPoint(entryPoint[0], entryPoint[1], part.Initialization, part.Environment);
    }
}
