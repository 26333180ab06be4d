using System.Text;
using System.Text.RegularExpressions;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Unpacking;

namespace Lava.Build.Python;

/// <summary>
/// Compiles a tree's importable modules once, when it is unpacked, so that no process of an instance ever has to.
/// The .pyc files name no time and are not checked against their source (PEP 552, unchecked hash): trees do not change.
/// </summary>
public sealed partial class PythonCompiler(PythonInterpreter python, ProcessRunner processes, IBuildLog log)
{
    private const string ScriptResource = "Python/compile_modules.py";
    private const string CacheDirectory = "__pycache__";

    /// <summary>The script's exit code for what the file system refused.</summary>
    private const int Refused = 3;

    /// <summary>What the script says of a module that it compiled.</summary>
    private const char Compiled = '1';

    /// <summary>Compiles the modules of several trees, in as many processes as the machine has processors.</summary>
    /// <param name="trees">Each tree's directory and what stands in it.</param>
    /// <param name="cancellation">Ends the compilers.</param>
    /// <returns>The manifests with what was added, in the order of <paramref name="trees"/>.</returns>
    public async Task<IReadOnlyList<TreeManifest>> CompileAsync(
        IReadOnlyList<(string Root, TreeManifest Manifest)> trees, CancellationToken cancellation)
    {
        TreeManifest[] manifests = [.. trees.Select(tree => tree.Manifest)];
        List<(string Root, TreeEntry Module)> modules = [.. trees.SelectMany(tree => Modules(tree.Manifest).Select(module => (tree.Root, module)))];
        if (modules.Count > 0)
        {
            HashSet<(string, string)> compiled = [];
            await Parallel.ForEachAsync(
                Shares(modules),
                cancellation,
                async (share, token) =>
                {
                    string done = await RunAsync(share, token);
                    lock (compiled)
                    {
                        compiled.UnionWith(share.Where((_, i) => done[i] == Compiled).Select(module => (module.Root, module.Module.Path)));
                    }
                });
            Workers.For(trees.Count, i => manifests[i] = Record(trees[i].Root, manifests[i], compiled, cancellation), cancellation);
        }

        return manifests;
    }

    /// <summary>Whether a path is that of a module which is imported from where it stands.</summary>
    public static bool IsModule(string path) => path.EndsWith(".py", StringComparison.Ordinal) && ModulePattern().IsMatch(path);

    /// <summary>Where the compiled form of the module <paramref name="path"/> stands (PEP 3147).</summary>
    public static string CompiledPath(string path, string cacheTag) =>
        $"{CacheDirectoryOf(path)}/{Path.GetFileNameWithoutExtension(path)}.{cacheTag}.pyc";

    private static string CacheDirectoryOf(string path) => $"{path[..(path.LastIndexOf('/') + 1)]}{CacheDirectory}";

    // The compiler would follow a link that an archive put in the place of __pycache__, out of the tree.
    private IEnumerable<TreeEntry> Modules(TreeManifest manifest)
    {
        Dictionary<string, EntryKind> caches = manifest.Entries
            .Where(entry => entry.Path.Contains(CacheDirectory, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Path, entry => entry.Kind, StringComparer.Ordinal);
        return manifest.Entries.Where(entry =>
            entry.Kind == EntryKind.File
            && IsModule(entry.Path)
            && caches.GetValueOrDefault(CacheDirectoryOf(entry.Path), EntryKind.Directory) == EntryKind.Directory
            && caches.GetValueOrDefault(CompiledPath(entry.Path, python.CacheTag), EntryKind.File) == EntryKind.File);
    }

    private static List<(string Root, TreeEntry Module)>[] Shares(List<(string Root, TreeEntry Module)> modules)
    {
        int count = Math.Min(Environment.ProcessorCount, 1 + (modules.Count / 16));
        List<(string, TreeEntry)>[] shares = [.. Enumerable.Range(0, count).Select(_ => new List<(string, TreeEntry)>())];
        long[] sizes = new long[count];
        foreach ((string Root, TreeEntry Module) module in modules.OrderByDescending(module => module.Module.Size))
        {
            int smallest = Array.IndexOf(sizes, sizes.Min());
            shares[smallest].Add(module);
            sizes[smallest] += module.Module.Size;
        }

        return shares;
    }

    /// <returns>One letter for each module.</returns>
    private async Task<string> RunAsync(List<(string Root, TreeEntry Module)> share, CancellationToken cancellation)
    {
        StringBuilder input = new();
        foreach ((string root, TreeEntry module) in share)
        {
            input.Append(root).Append('/').Append(module.Path).Append('\0').Append(module.Path).Append('\0');
        }

        ProcessRequest request = new(python.Executable, ["-I", "-S", "-W", "ignore", "-c", EmbeddedText.Read(ScriptResource)])
        {
            StandardInput = input.ToString(),
            OnLine = line => log.Detail($"Not compiled: {VisibleText.Of(line)}"),
        };
        ProcessOutcome outcome = await processes.RunAsync(request, cancellation);
        if (outcome.ExitCode == Refused && outcome.Output.Split('\n') is [var number, var path, ..] && int.TryParse(number, out int error))
        {
            throw Posix.Failure(error, path);
        }

        string done = outcome.Output.Trim();
        if (outcome.ExitCode != 0 || done.Length != share.Count)
        {
            throw Problem.Error(Strings.PythonFails, SourceLocation.None, python.Executable, outcome.ExitCode, outcome.Error.Trim())
                .ToException();
        }

        return done;
    }

    private TreeManifest Record(string root, TreeManifest manifest, HashSet<(string, string)> compiled, CancellationToken cancellation)
    {
        TreeEntry[] modules = [.. manifest.Entries.Where(entry => compiled.Contains((root, entry.Path)))];
        if (modules.Length == 0)
        {
            return manifest;
        }

        // An archive may bring compiled modules of its own; where they were compiled anew, what it brought is gone.
        Dictionary<string, TreeEntry> entries = manifest.Entries.ToDictionary(entry => entry.Path, StringComparer.Ordinal);
        foreach (TreeEntry module in modules)
        {
            string directory = CacheDirectoryOf(module.Path);
            string path = CompiledPath(module.Path, python.CacheTag);
            string absolute = Path.Combine(root, path);
            File.SetUnixFileMode(absolute, TreeModes.File);
            File.SetLastWriteTimeUtc(absolute, DateTime.UnixEpoch.AddSeconds(module.ModifiedSeconds));
            if (entries.TryAdd(directory, new TreeEntry(directory, EntryKind.Directory, ModifiedSeconds: module.ModifiedSeconds)))
            {
                File.SetUnixFileMode(Path.Combine(root, directory), TreeModes.Directory);
            }

            entries[path] = new TreeEntry(
                path,
                EntryKind.File,
                Size: new FileInfo(absolute).Length,
                ModifiedSeconds: module.ModifiedSeconds,
                Sha256: Hashing.OfFile(absolute, cancellation));
        }

        return new TreeManifest([.. entries.Values.OrderBy(entry => entry.Path, StringComparer.Ordinal)]);
    }

    [GeneratedRegex(@"(^|/)(site|dist)-packages/(.*/)?[^/]+\.py\z")]
    private static partial Regex ModulePattern();
}
