using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Lava.Build.Benchmarks;

/// <summary>A command that is timed did not end well.</summary>
internal sealed class CommandFailedException(string message) : Exception(message);

/// <summary>A directory for everything that a run of the benchmarks makes, and the way it starts processes.</summary>
internal sealed class Workspace : IDisposable
{
    private const string TimeProgram = "/usr/bin/time";
    private const string ServerVariable = "DOTNET_CLI_USE_MSBUILD_SERVER";

    // What would decide instead of the command line, here or at a peer.
    private static readonly string[] Leaking =
    [
        "LAVA", "MSBUILD", "DOTNET_HOST_PATH", "CONTINUOUSINTEGRATIONBUILD", "CONFIGURATION", "PLATFORM", "XDG_", "PIP_", "PYTHON", "VIRTUAL",
        "PYENV", "NPM_", "PNPM_", "BUN_", "NODE_",
    ];

    private readonly bool _measuresMemory = File.Exists(TimeProgram);
    private readonly Dictionary<string, string> _buildEnvironment;
    private int _counter;

    internal Workspace(Options options)
    {
        Options = options;
        Repository = FindRepository();
        Root = Directory.CreateTempSubdirectory("lava-build-bench-").FullName;
        Configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        TasksAssembly = Path.Combine(Repository, "src/Lava.Build.Tasks/bin", Configuration, "net10.0/Lava.Build.Tasks.dll");
        Programs = new Programs(this, options.PeersDirectory);
        BareProject = Path.Combine(NewDirectory("bare"), "bare.proj");
        _buildEnvironment = new()
        {
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            ["DOTNET_NOLOGO"] = "1",
            [ServerVariable] = options.Server ? "1" : "0",
            // With it no server would stay, and without a salt it would be the user's own.
            [options.Server ? "MSBUILDNODEHANDSHAKESALT" : "MSBUILDDISABLENODEREUSE"] = options.Server ? Root : "1",
        };
        File.WriteAllText(BareProject, """<Project><Target Name="Restore" /><Target Name="Build" /></Project>""");
    }

    internal Options Options { get; }

    /// <summary>The programs that ours is held against.</summary>
    internal Programs Programs { get; }

    /// <summary>The root of the checkout.</summary>
    internal string Repository { get; }

    /// <summary>The directory of this run.</summary>
    internal string Root { get; }

    /// <summary>The kind of file system that the directory of this run is on.</summary>
    internal string FileSystem => new DriveInfo(Root).DriveFormat;

    /// <summary>The configuration that the tasks were built in: this program's own.</summary>
    internal string Configuration { get; }

    /// <summary>The tasks that are measured.</summary>
    internal string TasksAssembly { get; }

    /// <summary>A project whose Restore and Build are empty: what `dotnet build` itself costs.</summary>
    internal string BareProject { get; }

    /// <summary>A directory that never was there before: creating files where many were just deleted is slow on ext4.</summary>
    internal string NewDirectory(string name) =>
        Directory.CreateDirectory(Path.Combine(Root, $"{name}-{Interlocked.Increment(ref _counter)}")).FullName;

    /// <summary>Times `dotnet build` of a project. Of MSBuild's server no memory is measured.</summary>
    internal async Task<Sample> BuildAsync(string project, string cache, params string[] properties)
    {
        Sample sample = await TimeAsync(
            Path.GetDirectoryName(project)!,
            new Dictionary<string, string>(_buildEnvironment) { ["XDG_CACHE_HOME"] = cache },
            ["dotnet", "build", project, .. properties]);
        return Options.Server ? sample with { PeakMegabytes = 0 } : sample;
    }

    /// <summary>Ends MSBuild's server, if this run had one.</summary>
    internal async Task EndServerAsync()
    {
        if (Options.Server)
        {
            await RunAsync(Root, _buildEnvironment, "dotnet", "build-server", "shutdown", "--msbuild");
        }
    }

    /// <summary>Times a command; fails if it fails.</summary>
    internal Task<Sample> TimeAsync(string directory, params string[] command) => TimeAsync(directory, new Dictionary<string, string>(), command);

    /// <summary>Times a command; fails if it fails.</summary>
    /// <param name="directory">Where it starts.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="command">The program and its arguments.</param>
    internal async Task<Sample> TimeAsync(string directory, IReadOnlyDictionary<string, string> environment, params string[] command)
    {
        // What was written before is not this command's to wait for.
        await RunAsync(Root, new Dictionary<string, string>(), "sync", "-f", Root);
        if (!_measuresMemory)
        {
            return new Sample((await RunAsync(directory, environment, command)).Seconds);
        }

        string report = Path.Combine(Root, "time.txt");
        (_, double seconds) = await RunAsync(directory, environment, [TimeProgram, "-o", report, "-f", "%M", .. command]);
        return new Sample(seconds, double.Parse(File.ReadAllLines(report)[^1], CultureInfo.InvariantCulture) * 1024 / 1e6);
    }

    /// <summary>Runs a command; gives its output and wall time. Fails if it fails.</summary>
    internal static async Task<(string Output, double Seconds)> RunAsync(
        string directory, IReadOnlyDictionary<string, string> environment, params string[] command)
    {
        ProcessStartInfo start = new(command[0], command[1..])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in start.Environment.Keys.Where(Leaks).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        long began = Stopwatch.GetTimestamp();
        using Process process = Start(start);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return process.ExitCode == 0 || HasLostAnswer(process.ExitCode, output, environment)
            ? (output, seconds)
            : throw new CommandFailedException($"{string.Join(' ', command)} ended with {process.ExitCode}:\n{output}{await error}");
    }

    // The client of MSBuild's server sometimes loses its last answer and exits with 1, though all was done (dotnet/msbuild#14172).
    private static bool HasLostAnswer(int exitCode, string output, IReadOnlyDictionary<string, string> environment) =>
        exitCode == 1 && environment.GetValueOrDefault(ServerVariable) == "1" && !output.Contains("error", StringComparison.Ordinal);

    /// <summary>Fails unless each of the directories has so many files of a kind, below links too: all must have done the same.</summary>
    internal static void Require(IEnumerable<string> directories, string pattern, int files)
    {
        foreach (string directory in directories)
        {
            int found = Directory.Exists(directory) ? Directory.EnumerateFiles(directory, pattern, SearchOption.AllDirectories).Count() : 0;
            if (found != files)
            {
                throw new CommandFailedException($"{directory} has {found} files {pattern}, not {files}: the commands do not do the same.");
            }
        }
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception failure)
        {
            throw new CommandFailedException($"{start.FileName} does not start: {failure.Message}");
        }
    }

    private static bool Leaks(string name) => name == "CI" || Leaking.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private static string FindRepository()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Lava.Build.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("Run the benchmarks from a checkout.");
    }
}
