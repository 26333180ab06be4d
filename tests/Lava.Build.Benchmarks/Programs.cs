using System.Text.RegularExpressions;

namespace Lava.Build.Benchmarks;

/// <summary>Finds the programs that ours is held against, and remembers what to say of them.</summary>
/// <param name="workspace">Where what they write goes.</param>
/// <param name="prefix">Where <c>npm install --prefix</c> put some of them, or null.</param>
internal sealed partial class Programs(Workspace workspace, string? prefix)
{
    private readonly SortedDictionary<string, string> _versions = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _leftOut = new(StringComparer.Ordinal);

    /// <summary>The versions of what was found, by name.</summary>
    internal IReadOnlyDictionary<string, string> Versions => _versions;

    /// <summary>What was not found, and how to get it.</summary>
    internal IReadOnlyCollection<string> LeftOut => _leftOut;

    /// <summary>A program's path, or null if it is not there; then the table says so.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="toInstall">What to do to have it.</param>
    internal string? Find(string name, string toInstall)
    {
        string?[] directories = [prefix is null ? null : Path.Combine(prefix, "node_modules/.bin"), .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')];
        string? path = directories
            .Where(directory => !string.IsNullOrEmpty(directory))
            .Select(directory => Path.Combine(directory!, name))
            .FirstOrDefault(File.Exists);
        if (path is null)
        {
            string line = $"{name}, which is not installed ({toInstall}).";
            if (_leftOut.Add(line))
            {
                Console.Error.WriteLine($"  left out: {line}");
            }
        }

        return path;
    }

    /// <summary>Notes the version that a program tells of itself.</summary>
    /// <param name="name">What the table calls it.</param>
    /// <param name="command">A command that prints it, before any other number.</param>
    internal async Task NoteVersionAsync(string name, params string[] command)
    {
        if (!_versions.ContainsKey(name))
        {
            (string output, _) = await Workspace.RunAsync(workspace.Root, new Dictionary<string, string>(), command);
            _versions[name] = VersionPattern().Match(output).Value;
        }
    }

    [GeneratedRegex(@"\d+(\.\d+)+[\w+]*")]
    private static partial Regex VersionPattern();
}
