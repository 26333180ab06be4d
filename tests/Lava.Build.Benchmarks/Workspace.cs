using System.Diagnostics;
using System.Globalization;

namespace Lava.Build.Benchmarks;

/// <summary>A directory for everything that a run of the benchmarks makes, and the way it starts processes.</summary>
internal sealed class Workspace : IDisposable
{
    private const string TimeProgram = "/usr/bin/time";
    private int _counter;

    internal Workspace()
    {
        Repository = FindRepository();
        Root = Directory.CreateTempSubdirectory("lava-build-bench-").FullName;
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        TasksAssembly = Path.Combine(Repository, "src/Lava.Build.Tasks/bin", configuration, "net10.0/Lava.Build.Tasks.dll");
        BareProject = Path.Combine(NewDirectory("bare"), "bare.proj");
        File.WriteAllText(BareProject, """<Project><Target Name="Restore" /><Target Name="Build" /></Project>""");
    }

    /// <summary>The root of the checkout.</summary>
    internal string Repository { get; }

    /// <summary>The directory of this run.</summary>
    internal string Root { get; }

    /// <summary>The tasks that are measured.</summary>
    internal string TasksAssembly { get; }

    /// <summary>A project whose Restore and Build are empty: what `dotnet build` itself costs.</summary>
    internal string BareProject { get; }

    /// <summary>A directory that never was there before: creating files where many were just deleted is slow on ext4.</summary>
    internal string NewDirectory(string name) =>
        Directory.CreateDirectory(Path.Combine(Root, $"{name}-{Interlocked.Increment(ref _counter)}")).FullName;

    /// <summary>Times `dotnet build` of a project.</summary>
    internal Task<Sample> BuildAsync(string project, string cache, params string[] properties) =>
        TimeAsync(Path.GetDirectoryName(project)!, cache, ["dotnet", "build", project, .. properties]);

    /// <summary>Times a command; fails if it fails.</summary>
    internal async Task<Sample> TimeAsync(string directory, string cache, params string[] command)
    {
        string report = Path.Combine(Root, "time.txt");
        bool measuresMemory = File.Exists(TimeProgram);
        ProcessStartInfo start = new(measuresMemory ? TimeProgram : command[0])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments = measuresMemory ? ["-o", report, "-f", "%M", .. command] : command[1..];
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["XDG_CACHE_HOME"] = cache;
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["DOTNET_NOLOGO"] = "1";
        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}:\n{output}{await error}");
        }

        double peak = measuresMemory
            ? double.Parse(File.ReadAllLines(report)[^1], CultureInfo.InvariantCulture) / 1024
            : 0;
        return new Sample(seconds, peak);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

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
