using System.Globalization;
using Lava.Build.Benchmarks.Peers;

namespace Lava.Build.Benchmarks;

/// <summary>What is measured.</summary>
internal static class Scenarios
{
    private const string HardLinks = "cp -al";
    private const string Unzip = "unzip, 2 processes";
    private const int ScaleFactor = 5;

    internal static IReadOnlyList<Scenario> Of(Options options)
    {
        string size = options.Size.ToString("N0", CultureInfo.InvariantCulture);
        string large = (ScaleFactor * options.Size).ToString("N0", CultureInfo.InvariantCulture);
        return
        [
            new("noop", $"nothing to do, {size} components", NothingToDoAsync,
                Goal.Seconds("1.15 of a bare build", rows => 1.15 * rows[TimedCommand.Bare].Median)),
            new("warm", $"new instance from a warm cache, {size} components of 100 files", WarmCacheAsync,
                Goal.Seconds("bare + 1.0 of cp -al", rows => rows[TimedCommand.Bare].Median + rows[HardLinks].Median)),
            new("change", $"one of {size} components changed", OneChangedAsync,
                Goal.Seconds("bare + 0.15 s", rows => rows[TimedCommand.Bare].Median + 0.15)),
            new("unpack", $"archives cached, trees not, {size} zips of 100 files", UnpackAsync,
                Goal.Seconds("bare + 1.0 of unzip in two processes", rows => rows[TimedCommand.Bare].Median + rows[Unzip].Median)),
            new("sample", "the sample from cached archives, with .pyc compiled", SampleAsync, Goal.Seconds("5 s in all", _ => 5)),
            new("scale", $"new instance from a warm cache, {large} components of 100 files", ScaleAsync,
                new($"time per file as at {size}, 300 MB", rows => PerFile(rows, options.Size))),
            .. ServiceScenarios.All,
            new("peers-deb", "the sample from cached archives", DebPeers.UnpackAsync),
            new("peers-python", $"new instance of {size} wheels of 100 files, from cached archives, with .pyc compiled", PythonPeers.NewAsync),
            new("peers-node", $"new instance from a warm cache, {size} npm packages of 100 files", NodePeers.NewAsync),
            new("peers-noop", $"nothing to do, {size} npm packages; for pip as many wheels", NothingToDo.CompareAsync),
        ];
    }

    /// <summary>The sample's project, with the tasks that are measured.</summary>
    internal static async Task<Project> RestoreSampleAsync(Workspace workspace)
    {
        string sample = Path.Combine(workspace.Repository, "sample-instance");
        string copy = workspace.NewDirectory("sample");
        foreach (string name in (string[])["components.props", "instance.lock.json"])
        {
            File.Copy(Path.Combine(sample, name), Path.Combine(copy, name));
        }

        string file = Path.Combine(copy, "instance.proj");
        string text = await File.ReadAllTextAsync(Path.Combine(sample, "instance.proj"));
        text = text
            .Replace("../src/", Path.Combine(workspace.Repository, "src/"), StringComparison.Ordinal)
            .Replace("<LavaInstance>", $"<LavaBuildTasksAssembly>{workspace.TasksAssembly}</LavaBuildTasksAssembly><LavaInstance>", StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, text);
        return await Project.RestoreAsync(workspace, file);
    }

    private static async Task<IReadOnlyList<TimedCommand>> NothingToDoAsync(Workspace workspace)
    {
        Project project = await SyntheticComponents.MakeAsync(workspace, workspace.Options.Size);
        await project.BuildAsync();
        string listing = Path.Combine(workspace.NewDirectory("listing"), "listing.proj");
        await File.WriteAllTextAsync(listing, $"""
            <Project><ItemGroup>
            {string.Join('\n', (await File.ReadAllLinesAsync(project.File)).Where(line => line.Contains("<LavaComponent ", StringComparison.Ordinal)))}
            </ItemGroup><Target Name="Restore" /><Target Name="Build" /></Project>
            """);
        return
        [
            new(TimedCommand.Ours, _ => project.BuildAsync()),
            TimedCommand.BareBuild(workspace),
            new("bare dotnet build, of a project that lists the same items", _ => workspace.BuildAsync(listing, workspace.Root)),
        ];
    }

    private static async Task<IReadOnlyList<TimedCommand>> WarmCacheAsync(Workspace workspace)
    {
        Project project = await SyntheticComponents.MakeAsync(workspace, workspace.Options.Size);
        await workspace.Programs.NoteVersionAsync("cp", "cp", "--version");
        return
        [
            new(TimedCommand.Ours, _ => project.NewInstanceAsync()),
            TimedCommand.BareBuild(workspace),
            new(HardLinks, _ => workspace.TimeAsync(workspace.Root, "cp", "-al", project.Trees, Path.Combine(workspace.NewDirectory("copy"), "trees"))),
        ];
    }

    private static async Task<IReadOnlyList<TimedCommand>> OneChangedAsync(Workspace workspace)
    {
        Project project = await SyntheticComponents.MakeAsync(workspace, workspace.Options.Size);
        await project.BuildAsync();
        string text = await File.ReadAllTextAsync(project.File);
        return
        [
            new(TimedCommand.Ours, async run =>
            {
                // A new version of the first component, so of its archive and pin.
                int version = run + 3;
                string archive = $"c0-{version}.zip";
                SyntheticComponents.MakeArchive(Path.Combine(project.Directory, archive), 1_000_000 + version);
                await File.WriteAllTextAsync(project.File, text.Replace("Version=\"1\" Path=\"c0.zip\"", $"Version=\"{version}\" Path=\"{archive}\"", StringComparison.Ordinal));
                return await project.BuildAsync();
            }),
            TimedCommand.BareBuild(workspace),
        ];
    }

    private static async Task<IReadOnlyList<TimedCommand>> UnpackAsync(Workspace workspace)
    {
        Project project = await SyntheticComponents.MakeAsync(workspace, workspace.Options.Size);
        List<TimedCommand> commands = [new(TimedCommand.Ours, _ => project.NewInstanceFromArchivesAsync()), TimedCommand.BareBuild(workspace)];
        await workspace.Programs.NoteVersionAsync("unzip", "unzip", "-v");
        const string UnzipAll = "printf '%s\\0' c*.zip | xargs -0 -P 2 -n 10 sh -c 'for f; do unzip -q \"$f\" -d \"$0/$f\" || exit 255; done' \"$0\"";
        commands.Add(new(Unzip, _ => workspace.TimeAsync(project.Directory, "sh", "-c", UnzipAll, workspace.NewDirectory("unzip"))));
        commands.Add(new($"{Unzip}, then sync, then {HardLinks}", _ => workspace.TimeAsync(
            project.Directory, "sh", "-c", $"{UnzipAll} && sync -f \"$0\" && cp -al \"$0\" \"$1\"", workspace.NewDirectory("unzip"), Path.Combine(workspace.NewDirectory("copy"), "trees"))));
        return commands;
    }

    private static async Task<IReadOnlyList<TimedCommand>> SampleAsync(Workspace workspace)
    {
        Project project = await RestoreSampleAsync(workspace);
        return [new(TimedCommand.Ours, _ => project.NewInstanceFromArchivesAsync()), TimedCommand.BareBuild(workspace)];
    }

    private static async Task<IReadOnlyList<TimedCommand>> ScaleAsync(Workspace workspace)
    {
        Project large = await SyntheticComponents.MakeAsync(workspace, ScaleFactor * workspace.Options.Size);
        Project small = await SyntheticComponents.MakeAsync(workspace, workspace.Options.Size);
        return
        [
            new(TimedCommand.Ours, _ => large.NewInstanceAsync()),
            new(SmallName(workspace.Options.Size), _ => small.NewInstanceAsync()),
            TimedCommand.BareBuild(workspace),
        ];
    }

    private static string SmallName(int size) => $"ours, {size} components";

    // What `dotnet build` itself costs is taken off, or it would count as a saving of the larger one.
    private static string PerFile(IReadOnlyDictionary<string, Timings> rows, int size)
    {
        double bare = rows[TimedCommand.Bare].Median;
        double large = (rows[TimedCommand.Ours].Median - bare) * 1e6 / (ScaleFactor * size * SyntheticComponents.Files);
        double small = (rows[SmallName(size)].Median - bare) * 1e6 / (size * SyntheticComponents.Files);
        string memory = rows[TimedCommand.Ours].PeakMegabytes is > 0 and { } peak ? $"{peak:0} MB" : "memory not measured: no /usr/bin/time";
        return string.Create(
            CultureInfo.InvariantCulture, $"above the bare build {large:0.0} µs a file, {small:0.0} µs at {size} ({large / small:0.00} of it); {memory}");
    }
}
