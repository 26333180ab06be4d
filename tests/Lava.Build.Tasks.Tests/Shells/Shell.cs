using System.Text;

namespace Lava.Build.Tests.Shells;

/// <summary>The variables of a shell's children, and what else it holds (names, options, prompt), at one moment.</summary>
internal sealed record ShellState(IReadOnlyDictionary<string, string> Variables, string Rest);

/// <summary>A file to source, and the instance it belongs to.</summary>
internal sealed record Sourced(string File, FakeInstance Instance);

/// <summary>How the tests speak to one kind of shell.</summary>
/// <param name="Name">The program.</param>
/// <param name="Script">The file of the instance to source.</param>
/// <param name="Options">Arguments before <c>-c</c>.</param>
/// <param name="Prologue">Run first; must leave a way to write the state: <c>state</c> to standard output.</param>
/// <param name="Source">Sources the file whose path is in the variable FILE, given the name of that variable.</param>
/// <param name="Strict">Makes errors and unset variables end the shell.</param>
internal sealed record Shell(
    string Name, string Script, string[] Options, string Prologue, Func<string, string> Source, string Strict)
{
    private const string Posix = "set -eu\n";

    internal static Shell Bash { get; } = new(
        "bash", "activate", ["--norc", "--noprofile"],
        "state() { printf '%s\\n' \"${PS1-unset}\"; set +o; shopt; compgen -v; compgen -A function; } || :\n",
        name => $". \"${name}\"\n", Posix + "set -o pipefail\n");

    internal static Shell Zsh { get; } = new(
        "zsh", "activate", ["-f"],
        "state() { print -r -- \"${PS1-unset}\"; setopt; print -rl -- ${(ok)parameters} ${(ok)functions}; }\n",
        name => $". \"${name}\"\n", "setopt nounset err_exit pipefail warn_create_global\n");

    internal static Shell Dash { get; } = new(
        "dash", "activate", [],
        "state() { echo \"${PS1-unset}\"; set +o; set; }\n",
        name => $". \"${name}\"\n", Posix)
    {
        Tell = name => $"LAVA_INSTANCE=$ROOT_{name}\n",
    };

    internal static Shell Fish { get; } = new(
        "fish", "activate.fish", ["--no-config"],
        "function state; functions -a -n; set -n; functions --no-details fish_prompt | string match -v '#*'; end\nfish_prompt >/dev/null\n",
        name => $"source ${name}\nor exit 9\n", "");

    internal static Shell Tcsh { get; } = new(
        "tcsh", "activate.csh", ["-f"],
        "alias state 'alias; set | grep -Ev \"^(_|status)[^a-z_]\"'\n",
        name => $"source \"${name}:q\"\n", "");

    internal static IReadOnlyList<Shell> All { get; } = [Bash, Zsh, Dash, Fish, Tcsh];

    internal static Shell Of(string name) => All.Single(shell => shell.Name == name);

    /// <summary>What must be said before a file can be sourced, if the shell cannot find out.</summary>
    internal Func<string, string> Tell { get; init; } = _ => "";

    /// <summary>The command that writes the shell's state to files named <paramref name="moment"/>.</summary>
    internal static string Dump(string moment) =>
        $"/usr/bin/env -0 > $OUT/{moment}.env\nstate > $OUT/{moment}.state\n";

    /// <summary>Runs a script in which files[0] is $FILE, files[1] $FILE1 and so on; returns the states it dumped.</summary>
    internal async Task<Dictionary<string, ShellState>> RunAsync(
        string script, IReadOnlyList<Sourced> files, IReadOnlyDictionary<string, string?>? environment = null,
        string? directory = null, bool strict = true)
    {
        using TemporaryDirectory output = new();
        Dictionary<string, string?> variables = new(environment ?? new Dictionary<string, string?>()) { ["OUT"] = output.Path };
        for (int i = 0; i < files.Count; i++)
        {
            string name = i == 0 ? "FILE" : $"FILE{i}";
            variables[name] = files[i].File;
            variables["ROOT_" + name] = files[i].Instance.Root;
        }

        Ran ran = await Run.ProgramAsync(
            Name, [.. Options, "-c", Prologue + (strict ? Strict : "") + script], variables, directory);
        Assert.AreEqual(0, ran.ExitCode, $"{Name}: {ran.Error}{ran.Output}");
        Assert.AreEqual("", ran.Error, Name);
        return Directory.EnumerateFiles(output.Path, "*.env").ToDictionary(
            file => Path.GetFileNameWithoutExtension(file),
            file => new ShellState(ReadVariables(file), File.ReadAllText(Path.ChangeExtension(file, ".state"))));
    }

    private static Dictionary<string, string> ReadVariables(string file) =>
        Encoding.UTF8.GetString(File.ReadAllBytes(file))
            .Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(variable => variable.Split('=', 2))
            .Where(pair => pair[0] is not ("_" or "SHLVL"))
            .ToDictionary(pair => pair[0], pair => pair[1]);
}
