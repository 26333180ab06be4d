using System.Text;
using System.Text.RegularExpressions;
using Lava.Build.Components;
using Lava.Build.Python;
using Lava.Build.Unpacking;

namespace Lava.Build.Releases;

/// <summary>
/// The programs of a release: one small sh script in <c>bin</c> for each program that a component has, and for each launcher
/// of the project. A script finds its release by its own physical place, so it keeps to it when <c>current</c> moves on.
/// </summary>
public static partial class Launchers
{
    private const string Bin = "bin";

    // Of two programs with one name, the first directory's counts, as in a PATH of this order.
    private static readonly string[] ProgramDirectories = [Bin, "usr/bin", "sbin", "usr/sbin"];

    /// <summary>The launchers; a project's own come last, so they win over a component's program of the same name.</summary>
    public static IEnumerable<GeneratedFile> For(ReleaseDescription description, MergedView view, IReadOnlyList<ReleaseTree> trees)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (string directory in ProgramDirectories)
        {
            foreach ((string name, _) in view.List(directory))
            {
                string path = $"{directory}/{name}";
                if (view.Resolve(path) is { Tree: >= 0, Entry: { Kind: EntryKind.File, Executable: true } } program && names.Add(name))
                {
                    yield return GeneratedFile.Program($"{Bin}/{name}", ForProgram(description, view, trees, path, program));
                }
            }
        }

        foreach (LauncherPart part in description.Parts.Launchers)
        {
            yield return GeneratedFile.Program($"{Bin}/{part.Name}", ForPart(part, description.Python));
        }
    }

    /// <summary>A launcher's lines that set variables.</summary>
    internal static string Assignments(IReadOnlyDictionary<string, string> environment)
    {
        StringBuilder text = new();
        foreach ((string name, string value) in environment.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            text.Append(name).Append('=').Append(ShellQuoting.Posix(value)).Append("; export ").Append(name).Append('\n');
        }

        return text.ToString().TrimEnd('\n');
    }

    private static string ForProgram(
        ReleaseDescription description, MergedView view, IReadOnlyList<ReleaseTree> trees, string path, MergedFile program)
    {
        // A component's own bin/NAME gives its place to the launcher, which therefore leads to it in the store.
        string target = path.StartsWith($"{Bin}/", StringComparison.Ordinal)
            ? $"../.store/{trees[program.Tree].StoreName}/{program.Entry.Path}"
            : path;
        Dictionary<string, string> values = new() { ["Program"] = ShellQuoting.Posix(target), ["Environment"] = "" };
        if (PythonFiles.IsPython(program.Entry.Interpreter))
        {
            return Fill("launcher-python-script", values, description.Python);
        }

        IReadOnlyList<string> libraries = program.Entry.Elf is null ? [] : LibraryOrder.For(view, [path]);
        if (libraries.Count == 0 || program.Entry.Elf!.Loader is not { } loader)
        {
            return Fill("launcher-program", values, description.Python);
        }

        IEnumerable<string> directories = libraries.Select(library => library[..library.LastIndexOf('/')]).Distinct();
        values["Loader"] = ShellQuoting.Posix(loader);
        values["LibraryPath"] = string.Join(' ', directories.Select(ShellQuoting.Posix));
        return Fill("launcher-elf", values, description.Python);
    }

    private static string ForPart(LauncherPart part, PythonInterpreter? python)
    {
        Dictionary<string, string> values = new() { ["Environment"] = Assignments(part.Environment) };
        if (part.Command.Length > 0)
        {
            values["Command"] = part.Command;
            return Fill("launcher-command", values, python);
        }

        string[] entryPoint = part.EntryPoint.Split(':');
        values["Module"] = entryPoint[0];
        values["Function"] = entryPoint[1];
        values["Import"] = entryPoint[1].Split('.')[0];
        values["Initialisation"] = part.Initialization;
        return Fill("launcher-python-entry-point", values, python);
    }

    private static string Fill(string template, Dictionary<string, string> values, PythonInterpreter? python)
    {
        values["Head"] = TemplateResources.Read("launcher-head").TrimEnd('\n');
        values["Python"] = python?.Name ?? "";
        string text = TextTemplate.Fill(TemplateResources.Read(template), values, template);
        return BlankLines().Replace(text, "\n");
    }

    // Holes that are filled with nothing leave empty lines.
    [GeneratedRegex(@"\n(?:[ \t]*\n)+")]
    private static partial Regex BlankLines();
}
