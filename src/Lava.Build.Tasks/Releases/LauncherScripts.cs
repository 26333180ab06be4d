namespace Lava.Build.Releases;

/// <summary>
/// The texts of a release's launchers: sh scripts for its <c>bin</c>, mode rwxr-xr-x. Each finds the release by its own
/// physical place, exports LAVA_INSTANCE and becomes the program, so arguments, signals and exit codes are the program's.
/// Programs and directories are relative to the release.
/// </summary>
/// <param name="python">The name in the release's <c>libexec</c> of the link to the interpreter, such as <c>python3.11</c>.</param>
internal sealed class LauncherScripts(string python)
{
    private const string HeadTemplate = "launcher-head";
    private static readonly Dictionary<string, string> NoEnvironment = [];

    /// <summary>The interpreter; stands in <c>bin</c> by all of its names.</summary>
    internal string Interpreter() => Fill("python", NoEnvironment, []);

    /// <summary>A Python script of the release, whatever interpreter its first line asks for.</summary>
    internal string PythonScript(string program, IReadOnlyDictionary<string, string> environment) =>
        Fill("launcher-python-script", environment, new() { ["Program"] = ShellQuoting.Posix(program) });

    /// <summary>A function of a Python module; what it returns is the exit code. <c>sys.argv[0]</c> is the launcher.</summary>
    /// <param name="module">The module, dotted.</param>
    /// <param name="function">A name of the module, or dotted, such as <c>Application.main</c>.</param>
    /// <param name="initialisation">Python to run first, also in processes that multiprocessing spawns; may be empty.</param>
    /// <param name="environment">Variables to set.</param>
    /// <exception cref="ArgumentException">The module or the function is no dotted name.</exception>
    internal string PythonEntryPoint(
        string module, string function, string initialisation, IReadOnlyDictionary<string, string> environment) =>
        Fill("launcher-python-entry-point", environment, new()
        {
            ["Initialisation"] = initialisation.TrimEnd(),
            ["Module"] = CheckDotted(module),
            ["Import"] = CheckDotted(function).Split('.')[0],
            ["Function"] = function,
        });

    /// <summary>A native program or a script that finds its own interpreter.</summary>
    internal string Program(string program, IReadOnlyDictionary<string, string> environment, int depth = 1) =>
        Fill("launcher-program", environment, new() { ["Program"] = ShellQuoting.Posix(program) }, depth);

    /// <summary>A native program that needs shared libraries of the release.</summary>
    /// <param name="program">The program.</param>
    /// <param name="loader">The dynamic linker that the program asks for, absolute; glibc 2.33 or later (<c>--argv0</c>).</param>
    /// <param name="libraryPath">The directories with the libraries, the first one first.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="depth">How many directories of the release the launcher stands in.</param>
    internal string Elf(
        string program,
        string loader,
        IReadOnlyCollection<string> libraryPath,
        IReadOnlyDictionary<string, string> environment,
        int depth = 1) =>
        Fill("launcher-elf", environment, ElfHoles(program, loader, libraryPath), depth);

    /// <summary>
    /// A native program whose own child processes need the release's shared libraries too, as they are started without a launcher.
    /// </summary>
    /// <param name="program">The program.</param>
    /// <param name="libraryPath">The directories with the libraries, the first one first.</param>
    /// <param name="depth">How many directories of the release the launcher stands in.</param>
    internal string ElfWithChildren(string program, IReadOnlyCollection<string> libraryPath, int depth) =>
        Fill("launcher-elf-children", NoEnvironment, ElfHoles(program, "", libraryPath), depth);

    /// <summary>The lines of sh by which a script of the release finds it, as <c>_lava_release</c>, and sets LAVA_INSTANCE.</summary>
    /// <param name="depth">How many directories of the release the script stands in.</param>
    internal static string Head(int depth) => TextTemplate.Fill(
        TemplateResources.Read(HeadTemplate).TrimEnd(),
        name => name == "Up" ? string.Concat(Enumerable.Repeat("/*", depth + 1)) : null,
        HeadTemplate);

    /// <summary>One command in the syntax of sh, with the release's <c>bin</c> first on PATH; the launcher's arguments follow it.</summary>
    internal string Command(string command, IReadOnlyDictionary<string, string> environment) =>
        Fill("launcher-command", environment, new() { ["Command"] = command.Trim() });

    private static Dictionary<string, string> ElfHoles(string program, string loader, IReadOnlyCollection<string> libraryPath) => new()
    {
        ["Program"] = ShellQuoting.Posix(program),
        ["Loader"] = ShellQuoting.Posix(loader),
        ["LibraryPath"] = ShellQuoting.PosixWords(libraryPath),
    };

    private string Fill(
        string template, IReadOnlyDictionary<string, string> environment, Dictionary<string, string> holes, int depth = 1)
    {
        holes["Head"] = Head(depth);
        holes["Python"] = ShellQuoting.Posix(python);
        holes["Environment"] = string.Join('\n', environment
            .OrderBy(variable => variable.Key, StringComparer.Ordinal)
            .Select(variable => ShellQuoting.PosixExport(variable.Key, variable.Value)));
        return TextTemplate.Fill(TemplateResources.Read(template), holes.GetValueOrDefault, template);
    }

    private static string CheckDotted(string name) =>
        name.Split('.').All(part => part.Length > 0 && !char.IsDigit(part[0]) && part.All(letter => char.IsLetterOrDigit(letter) || letter == '_'))
            ? name
            : throw new ArgumentException($"'{name}' is no dotted name of Python.", nameof(name));
}
