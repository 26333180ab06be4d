using System.Globalization;
using System.Text;

namespace Lava.Build.Benchmarks;

/// <summary>A component of a project that is made for measuring.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Path">Its archive, beside the project.</param>
/// <param name="Prefix">Where in the release its content goes.</param>
/// <param name="StripComponents">How many leading directories of each name are dropped.</param>
internal sealed record Component(string Name, string Version, string Path, string Prefix, int StripComponents = 0);

/// <summary>A project that was restored once, with a cache of its own.</summary>
internal sealed class Project
{
    private const string Instance = "bench";
    private readonly Workspace _workspace;

    private Project(Workspace workspace, string file, string cache)
    {
        _workspace = workspace;
        File = file;
        Cache = cache;
    }

    /// <summary>The project.</summary>
    internal string File { get; }

    /// <summary>The directory with the project and its archives.</summary>
    internal string Directory => Path.GetDirectoryName(File)!;

    /// <summary>What the builds have as XDG_CACHE_HOME.</summary>
    internal string Cache { get; }

    /// <summary>The active release of the instance that was made last by <see cref="NewInstanceAsync"/>.</summary>
    internal string NewestRelease { get; private set; } = "";

    /// <summary>The trees in the cache.</summary>
    internal string Trees => Path.Combine(Cache, "lava-build/trees");

    /// <summary>The archives in the cache.</summary>
    internal string Archives => Path.Combine(Cache, "lava-build/archives");

    /// <summary>Restores a project that exists.</summary>
    internal static async Task<Project> RestoreAsync(Workspace workspace, string file)
    {
        Project project = new(workspace, file, workspace.NewDirectory("cache"));
        await workspace.BuildAsync(file, project.Cache, "-t:Restore");
        return project;
    }

    /// <summary>Writes a project into the directory of its components' archives, and restores it.</summary>
    internal static async Task<Project> MakeAsync(Workspace workspace, string directory, IEnumerable<Component> components)
    {
        string sdk = Path.Combine(workspace.Repository, "src/Lava.Build.Sdk/Sdk");
        StringBuilder items = new();
        foreach (Component component in components)
        {
            items.Append(CultureInfo.InvariantCulture, $"    <LavaComponent Include=\"{component.Name}\" Source=\"archive\" Version=\"{component.Version}\" Path=\"{component.Path}\"");
            items.Append(CultureInfo.InvariantCulture, $" Prefix=\"{component.Prefix}\" StripComponents=\"{component.StripComponents}\" />\n");
        }

        string file = Path.Combine(directory, "bench.proj");
        await System.IO.File.WriteAllTextAsync(file, $"""
            <Project>
              <Import Project="{sdk}/Sdk.props" />
              <PropertyGroup>
                <LavaBuildTasksAssembly>{workspace.TasksAssembly}</LavaBuildTasksAssembly>
                <LavaInstance>{Instance}</LavaInstance>
              </PropertyGroup>
              <ItemGroup>
            {items}  </ItemGroup>
              <Import Project="{sdk}/Sdk.targets" />
            </Project>

            """);
        return await RestoreAsync(workspace, file);
    }

    /// <summary>Times a build of the project's own instance.</summary>
    internal Task<Sample> BuildAsync() => _workspace.BuildAsync(File, Cache);

    /// <summary>Times a build of a new instance.</summary>
    internal Task<Sample> NewInstanceAsync()
    {
        string prefix = _workspace.NewDirectory("instances");
        NewestRelease = Path.Combine(prefix, Instance, "code/current");
        return _workspace.BuildAsync(File, Cache, $"-p:LavaPrefix={prefix}/");
    }

    /// <summary>Times a build of a new instance where the cache has the archives only.</summary>
    internal Task<Sample> NewInstanceFromArchivesAsync()
    {
        // Moved, not deleted: creating files after a deletion would be what is measured.
        System.IO.Directory.Move(Trees, Path.Combine(_workspace.NewDirectory("old"), "trees"));
        return NewInstanceAsync();
    }
}
