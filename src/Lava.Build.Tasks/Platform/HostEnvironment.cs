namespace Lava.Build.Platform;

/// <summary>The directory and variables that relative paths and programs are seen from: a project's, not the process's.</summary>
public sealed class HostEnvironment(string directory, IReadOnlyDictionary<string, string> variables)
{
    /// <summary>An absolute directory; relative paths of the project start here.</summary>
    public string Directory { get; } = directory;

    /// <summary>The variables that programs inherit.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; } = variables;

    /// <summary>A variable's value, or null.</summary>
    public string? this[string name] => Variables.GetValueOrDefault(name);

    /// <summary>What this process itself sees; for tests and programs that are not hosted by MSBuild.</summary>
    public static HostEnvironment OfThisProcess()
    {
        Dictionary<string, string> variables = [];
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            variables[(string)variable.Key] = (string)variable.Value!;
        }

        return new HostEnvironment(System.IO.Directory.GetCurrentDirectory(), variables);
    }

    /// <summary>The absolute path of a program: itself if it names a directory, else by PATH; null if it is nowhere.</summary>
    public string? FindProgram(string program)
    {
        if (program.Contains('/'))
        {
            string path = Path.GetFullPath(program, Directory);
            return IsProgram(path) ? path : null;
        }

        string directories = this["PATH"] ?? "/usr/bin:/bin";
        return directories.Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(Path.GetFullPath(directory, Directory), program))
            .FirstOrDefault(IsProgram);
    }

    private static bool IsProgram(string path) =>
        File.Exists(path)
        && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
