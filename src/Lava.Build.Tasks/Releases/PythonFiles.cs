using System.Globalization;
using System.Text;
using Lava.Build.Diagnostics;
using Lava.Build.Python;

namespace Lava.Build.Releases;

/// <summary>
/// What makes a release a virtual environment (PEP 405) that imports its components' modules and nothing of the host's
/// but the standard library.
/// </summary>
public static class PythonFiles
{
    private const string Above = "../../../";

    // Where Debian packages put modules (Debian Python Policy, 2.5); site-packages itself is found by Python.
    private static readonly string[] ModuleDirectories =
        ["usr/local/lib/{0}/dist-packages", "usr/lib/python3/dist-packages", "usr/lib/{0}/dist-packages"];

    /// <summary>Whether anything in the release is Python's.</summary>
    public static bool AreNeeded(ReleaseDescription description, IReadOnlyList<ReleaseTree> trees) => Reason(description, trees) is not null;

    /// <summary>Whether an interpreter line names Python.</summary>
    public static bool IsPython(string? interpreter) =>
        interpreter is not null
        && interpreter.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var program, .. var rest]
        && (IsPythonProgram(program) || (program.EndsWith("/env", StringComparison.Ordinal) && rest.Any(IsPythonProgram)));

    /// <summary>The files.</summary>
    /// <exception cref="LavaException">The host has no Python (LAVA4034).</exception>
    public static IEnumerable<GeneratedFile> For(ReleaseDescription description, MergedView view, IReadOnlyList<ReleaseTree> trees)
    {
        PythonInterpreter python = description.Python
            ?? throw Problem.Error(Strings.PythonMissing, SourceLocation.None, Reason(description, trees), description.PythonSetting).ToException();
        yield return GeneratedFile.Text("pyvenv.cfg", Configuration(description.Instance, python));

        // Tools that are led to <instance>/bin look for it beside the interpreter.
        yield return GeneratedFile.Link("bin/pyvenv.cfg", "../pyvenv.cfg");
        yield return GeneratedFile.Link($"libexec/{python.Name}", python.Executable);
        string launcher = new LauncherScripts(python.Name).Interpreter();
        foreach (string name in (string[])["python", "python3", python.Name])
        {
            yield return GeneratedFile.Program($"bin/{name}", launcher);
        }

        yield return GeneratedFile.Text($"{python.SitePackages}/lava.pth", SearchPath(description, view, python));
        IReadOnlyList<string> libraries = Libraries(view, trees);
        if (libraries.Count > 0)
        {
            foreach ((string name, string text) in PythonLibraries.All(libraries))
            {
                yield return GeneratedFile.Text($"{python.SitePackages}/{name}", text);
            }
        }
    }

    private static string? Reason(ReleaseDescription description, IReadOnlyList<ReleaseTree> trees)
    {
        if (description.Parts.Launchers.FirstOrDefault(launcher => launcher.EntryPoint.Length > 0) is { } part)
        {
            return $"LavaLauncher '{part.Name}'";
        }

        // Of one that is developed it is not known whether it holds any; its tree tells.
        if (description.Components.FirstOrDefault(component => component.PythonPath.Count > 0 && !component.IsDeveloped) is { } local)
        {
            return $"component '{local.Name}'";
        }

        return trees
            .FirstOrDefault(tree => tree.Manifest.Entries.Any(entry => PythonCompiler.IsModule(entry.Path) || IsPython(entry.Interpreter))) is { } tree
            ? $"component '{tree.Component}'"
            : null;
    }

    private static bool IsPythonProgram(string program)
    {
        string name = program[(program.LastIndexOf('/') + 1)..];
        return name.StartsWith("python", StringComparison.Ordinal) && name[6..].All(c => char.IsAsciiDigit(c) || c == '.');
    }

    // No patch version: it is the host's, and the release is the same on every machine.
    private static string Configuration(string instance, PythonInterpreter python) =>
        $"home = {Path.GetDirectoryName(python.Executable)}\n"
        + "include-system-site-packages = false\n"
        + $"version = {python.ShortVersion}\n"
        + $"executable = {python.Executable}\n"
        + $"prompt = {instance}\n";

    private static string SearchPath(ReleaseDescription description, MergedView view, PythonInterpreter python)
    {
        // Every interpreter of the release runs this first. Modules that are imported were compiled when they were unpacked.
        StringBuilder text = new("import sys; sys.dont_write_bytecode = True\n");

        string[] developed = [.. description.Components.Where(component => component.IsDeveloped).SelectMany(PythonPathOf).Select(path => Above + path)];
        if (developed.Length > 0)
        {
            // Before the directory of this file, in which their trees may have the same modules. Python reads it twice (site.main), and calls its directory sitedir.
            text.Append("import itertools, os, sys; at = sys.path.index(sitedir) if sitedir in sys.path else len(sys.path); ")
                .Append("sys.path[at:at] = itertools.filterfalse(sys.path.__contains__, map(os.path.abspath, map(os.path.join, [sitedir] * ")
                .Append(CultureInfo.InvariantCulture, $"{developed.Length}, [{string.Join(", ", developed.Select(ShellQuoting.Python))}])))\n");
        }

        // Lines are relative to the directory of this file as Python found it: lib/pythonX.Y/site-packages.
        IEnumerable<string> locals = description.Components.Where(component => !component.IsDeveloped).SelectMany(PythonPathOf);
        IEnumerable<string> directories = ModuleDirectories
            .Select(format => string.Format(CultureInfo.InvariantCulture, format, python.Name))
            .Where(path => view.Find(path) is not null);
        foreach (string path in locals.Concat(directories))
        {
            text.Append(Above).Append(path).Append('\n');
        }

        return text.ToString();
    }

    private static IEnumerable<string> PythonPathOf(ReleaseComponent component) =>
        component.PythonPath.Select(path => path.Length == 0 ? component.LocalPath! : $"{component.LocalPath}/{path}");

    private static IReadOnlyList<string> Libraries(MergedView view, IReadOnlyList<ReleaseTree> trees)
    {
        string[] extensions =
        [
            .. trees
                .SelectMany(tree => tree.Manifest.Entries)
                .Where(entry => entry.Elf is { Needed.Count: > 0 } && entry.Path.Contains("-packages/", StringComparison.Ordinal))
                .Select(entry => entry.Path)
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];
        return LibraryOrder.For(view, extensions);
    }
}
