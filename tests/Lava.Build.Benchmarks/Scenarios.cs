namespace Lava.Build.Benchmarks;

/// <summary>What is measured.</summary>
internal static class Scenarios
{
    private const string Ours = "ours";
    private const string Bare = "bare dotnet build";
    private const string HardLinks = "cp -al";
    private const string Unzip = "unzip, 2 processes";

    internal static IReadOnlyList<Scenario> All { get; } =
    [
        new("noop", "nothing to do, 200 components", NothingToDoAsync, "1.15 of a bare build", medians => 1.15 * medians[Bare]),
        new("warm", "new instance from a warm cache, 200 components of 100 files", WarmCacheAsync, "bare + 1.0 of cp -al", medians => medians[Bare] + medians[HardLinks]),
        new("change", "one of 200 components changed", OneChangedAsync, "bare + 0.15 s", medians => medians[Bare] + 0.15),
        new("unpack", "archives cached, trees not, 200 zips", UnpackAsync, "bare + 1.0 of unzip in two processes", medians => medians[Bare] + medians[Unzip]),
        new("sample", "the sample from cached archives, with .pyc compiled", SampleAsync, "5 s in all", _ => 5),
        new("scale", "new instance from a warm cache, 1,000 components of 100 files", ScaleAsync, "per file as at 200, 300 MiB", medians => medians[Bare] + (5 * medians["ours, 200 components"]) - (5 * medians[Bare])),
    ];

    private static async Task<IReadOnlyList<TimedCommand>> NothingToDoAsync(Workspace workspace)
    {
        (string project, string cache) = await PrepareAsync(workspace, 200, 10);
        await workspace.BuildAsync(project, cache);
        return [new(Ours, _ => workspace.BuildAsync(project, cache)), BareBuild(workspace)];
    }

    private static async Task<IReadOnlyList<TimedCommand>> WarmCacheAsync(Workspace workspace)
    {
        (string project, string cache) = await PrepareAsync(workspace, 200, 100);
        string trees = Path.Combine(cache, "lava-build/trees");
        return
        [
            new(Ours, _ => NewInstanceAsync(workspace, project, cache)),
            BareBuild(workspace),
            new(HardLinks, _ => workspace.TimeAsync(workspace.Root, cache, "cp", "-al", trees, Path.Combine(workspace.NewDirectory("copy"), "trees"))),
        ];
    }

    private static async Task<IReadOnlyList<TimedCommand>> OneChangedAsync(Workspace workspace)
    {
        (string project, string cache) = await PrepareAsync(workspace, 200, 100);
        await workspace.BuildAsync(project, cache);
        string text = await File.ReadAllTextAsync(project);
        return
        [
            new(Ours, async run =>
            {
                // A new version of the first component, so of its archive and pin.
                string archive = $"c0-{run + 2}.zip";
                SyntheticComponents.MakeArchive(Path.Combine(Path.GetDirectoryName(project)!, archive), 1_000_000 + run, 100);
                await File.WriteAllTextAsync(project, text.Replace("Version=\"1\" Path=\"c0.zip\"", $"Version=\"{run + 2}\" Path=\"{archive}\"", StringComparison.Ordinal));
                return await workspace.BuildAsync(project, cache);
            }),
            BareBuild(workspace),
        ];
    }

    private static async Task<IReadOnlyList<TimedCommand>> UnpackAsync(Workspace workspace)
    {
        (string project, string cache) = await PrepareAsync(workspace, 200, 100);
        string archives = Path.GetDirectoryName(project)!;
        return
        [
            new(Ours, _ =>
            {
                // Moved, not deleted: creating files after a deletion would be what is measured.
                Directory.Move(Path.Combine(cache, "lava-build/trees"), Path.Combine(workspace.NewDirectory("old"), "trees"));
                return NewInstanceAsync(workspace, project, cache);
            }),
            BareBuild(workspace),
            new(Unzip, _ => workspace.TimeAsync(
                archives, cache, "sh", "-c", "ls c*.zip | xargs -P 2 -n 10 sh -c 'for f; do unzip -q \"$f\" -d \"$0/$f\"; done' \"$1\"", "sh", workspace.NewDirectory("unzip"))),
        ];
    }

    private static async Task<IReadOnlyList<TimedCommand>> SampleAsync(Workspace workspace)
    {
        string sample = Path.Combine(workspace.Repository, "sample-instance");
        string cache = workspace.NewDirectory("cache");
        string copy = workspace.NewDirectory("sample");
        foreach (string name in (string[])["components.props", "instance.lock.json"])
        {
            File.Copy(Path.Combine(sample, name), Path.Combine(copy, name));
        }

        string project = Path.Combine(copy, "instance.proj");
        string text = await File.ReadAllTextAsync(Path.Combine(sample, "instance.proj"));
        text = text
            .Replace("../src/", Path.Combine(workspace.Repository, "src/"), StringComparison.Ordinal)
            .Replace("<LavaInstance>", $"<LavaBuildTasksAssembly>{workspace.TasksAssembly}</LavaBuildTasksAssembly><LavaInstance>", StringComparison.Ordinal);
        await File.WriteAllTextAsync(project, text);
        await workspace.BuildAsync(project, cache);
        return
        [
            new(Ours, _ =>
            {
                Directory.Move(Path.Combine(cache, "lava-build/trees"), Path.Combine(workspace.NewDirectory("old"), "trees"));
                return NewInstanceAsync(workspace, project, cache);
            }),
            BareBuild(workspace),
        ];
    }

    private static async Task<IReadOnlyList<TimedCommand>> ScaleAsync(Workspace workspace)
    {
        (string large, string largeCache) = await PrepareAsync(workspace, 1_000, 100);
        (string small, string smallCache) = await PrepareAsync(workspace, 200, 100);
        return
        [
            new(Ours, _ => NewInstanceAsync(workspace, large, largeCache)),
            new("ours, 200 components", _ => NewInstanceAsync(workspace, small, smallCache)),
            BareBuild(workspace),
        ];
    }

    private static TimedCommand BareBuild(Workspace workspace) =>
        new(Bare, _ => workspace.BuildAsync(workspace.BareProject, workspace.Root));

    // A new instance needs a state directory of its own, too, or the build would find the old one's and rightly build anew.
    private static Task<Sample> NewInstanceAsync(Workspace workspace, string project, string cache) =>
        workspace.BuildAsync(project, cache, $"-p:LavaPrefix={workspace.NewDirectory("instances")}/");

    private static async Task<(string Project, string Cache)> PrepareAsync(Workspace workspace, int components, int files)
    {
        string directory = workspace.NewDirectory("archives");
        string cache = workspace.NewDirectory("cache");
        SyntheticComponents.MakeArchives(directory, components, files);
        string project = SyntheticComponents.MakeProject(workspace, directory, components);
        await workspace.BuildAsync(project, cache, "-t:Restore");
        return (project, cache);
    }
}
