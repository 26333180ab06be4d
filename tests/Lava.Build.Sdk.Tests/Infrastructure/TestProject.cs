namespace Lava.Build.Sdk.Tests;

/// <summary>A project that deploys an instance, in a directory of its own with a cache of its own.</summary>
internal sealed class TestProject : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly Dictionary<string, string> _environment;

    public TestProject(string? body = null)
    {
        _environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["XDG_CACHE_HOME"] = _directory["cache"],
            // A node that outlives a test would keep the tasks of another build of this repository.
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            ["DOTNET_CLI_UI_LANGUAGE"] = "en",
            ["DOTNET_GENERATE_ASPNET_CERTIFICATE"] = "0",
            ["DOTNET_NOLOGO"] = "1",
            ["MSBUILDTERMINALLOGGER"] = "off",
            ["UseSharedCompilation"] = "false",
        };
        if (body is not null)
        {
            Describe(body);
        }
    }

    /// <summary>The project's directory.</summary>
    public string Path => _directory.Path;

    /// <summary>The project's file.</summary>
    public string File => _directory["instance.proj"];

    public string LockFile => _directory["instance.lock.json"];

    public string Cache => _directory["cache", "lava-build"];

    /// <summary>The instance's directory by default.</summary>
    public string Instance => _directory["instances", "instance"];

    public string CurrentRelease => ReleaseOf(Instance);

    /// <summary>The releases that stand in the instance, by name.</summary>
    public IReadOnlyList<string> Releases => ReleasesOf(Instance);

    public string this[params string[] parts] => _directory[parts];

    /// <summary>A component that <see cref="Pack"/> made the archive of.</summary>
    public static string Component(string name, string version, string metadata = "") =>
        $"""<LavaComponent Include="{name}" Source="archive" Version="{version}" Path="archives/{name}-{version}.tar.gz" {metadata} />""";

    /// <summary>The project's text around <paramref name="body"/>, with the SDK of this repository.</summary>
    public static string ProjectText(string body) => $"""
        <Project>
          <Import Project="{Repository.SdkProps}" />
          <PropertyGroup>
            <LavaBuildTasksAssembly>{Repository.TasksAssembly}</LavaBuildTasksAssembly>
          </PropertyGroup>
          {body}
          <Import Project="{Repository.SdkTargets}" />
        </Project>
        """;

    public static string ReleaseOf(string instance) =>
        new FileInfo(System.IO.Path.Combine(instance, "code", "current")).LinkTarget ?? throw new AssertFailedException($"{instance} has no current release");

    public static IReadOnlyList<string> ReleasesOf(string instance) =>
    [
        .. new DirectoryInfo(System.IO.Path.Combine(instance, "code")).EnumerateDirectories()
            .Where(directory => directory.LinkTarget is null && !directory.Name.StartsWith('.'))
            .Select(directory => directory.Name)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>An instance of one component, <c>alpha</c>, whose program says its version.</summary>
    public static TestProject OfAlpha(string version = "1.0", string more = "")
    {
        TestProject project = new();
        project.PackAlpha(version);
        project.Describe(Items(Component("alpha", version)) + more);
        return project;
    }

    public static string Items(params string[] items) => $"<ItemGroup>{string.Join('\n', items)}</ItemGroup>";

    /// <summary>Makes the archive of <c>alpha</c>, for a project in the given directory.</summary>
    public void PackAlpha(string version, string directory = "") => Archives.Write(
        _directory[directory, "archives", $"alpha-{version}.tar.gz"], ("bin/alpha", $"#!/bin/sh\necho alpha {version}\n"));

    /// <summary>Writes instance.proj.</summary>
    public void Describe(string body) => Write("instance.proj", ProjectText(body));

    public string Write(string file, string content) => _directory.Write(file, content);

    public string Read(string file) => System.IO.File.ReadAllText(_directory[file]);

    /// <summary>Makes an archive below archives/, named like the component.</summary>
    public void Pack(string name, string version, params (string Name, string Content)[] files) =>
        Archives.Write(_directory["archives", $"{name}-{version}.tar.gz"], files);

    public void SetVariable(string name, string value) => _environment[name] = value;

    /// <summary>The variables that programs of the project see beside those of the test run.</summary>
    public IReadOnlyDictionary<string, string> Variables => _environment;

    /// <summary>Runs `dotnet` in the project's directory.</summary>
    public Task<CommandResult> DotNetAsync(params string[] arguments) => RunAsync("dotnet", arguments);

    public Task<CommandResult> BuildAsync(params string[] arguments) => DotNetAsync(["build", "instance.proj", .. arguments]);

    public Task<CommandResult> RestoreAsync(params string[] arguments) => DotNetAsync(["restore", "instance.proj", .. arguments]);

    public Task<CommandResult> RunAsync(string program, params string[] arguments) =>
        Command.RunAsync(program, Path, _environment, arguments);

    /// <summary>Builds, and tells of each line as it comes.</summary>
    public Task<CommandResult> WatchBuildAsync(Action<System.Diagnostics.Process, string> onLine, params string[] arguments) =>
        Command.WatchAsync("dotnet", Path, _environment, onLine, ["build", "instance.proj", .. arguments]);

    /// <summary>Runs `dotnet` as somebody for whom permissions count: for root they do not.</summary>
    public Task<CommandResult> OrdinaryAsync(params string[] arguments) => Environment.UserName == "root"
        ? RunAsync("setpriv", ["--bounding-set=-dac_override,-dac_read_search", "--", "dotnet", .. arguments])
        : DotNetAsync(arguments);

    /// <summary>Runs lines of sh as root of namespaces of its own: what is mounted there nobody else sees.</summary>
    public Task<CommandResult> UnsharedAsync(string script, string namespaces = "--mount") =>
        RunAsync("unshare", "--map-root-user", namespaces, "--", "sh", "-euc", script);

    public void Dispose() => _directory.Dispose();
}
