using Lava.Build.Databases;
using Lava.Build.Diagnostics;
using Lava.Build.Services;

namespace Lava.Build.Components;

/// <summary>A directory of the instance (<c>LavaDirectory</c>).</summary>
/// <param name="Path">Relative to the instance, under etc, run, tmp or var.</param>
/// <param name="Mode">Its mode when it is made; an existing directory keeps its own.</param>
/// <param name="Location">Where it was asked for.</param>
public sealed record DirectoryPart(string Path, UnixFileMode Mode, SourceLocation Location);

/// <summary>A file with <c>@{Name}</c> holes (<c>LavaTemplate</c>).</summary>
/// <param name="File">The absolute path of the template.</param>
/// <param name="Destination">Relative to the instance if under etc, run, tmp or var, else to the release.</param>
/// <param name="Mode">Its mode.</param>
/// <param name="Location">Where it was asked for.</param>
public sealed record TemplatePart(string File, string Destination, UnixFileMode Mode, SourceLocation Location);

/// <summary>A symlink (<c>LavaLink</c>).</summary>
/// <param name="Path">Relative to the instance if under etc, run, tmp or var, else to the release.</param>
/// <param name="Target">What it leads to, relative to the same root.</param>
/// <param name="Location">Where it was asked for.</param>
public sealed record LinkPart(string Path, string Target, SourceLocation Location);

/// <summary>A program in <c>bin</c> (<c>LavaLauncher</c>): either a command or a Python function.</summary>
/// <param name="Name">Its name in <c>bin</c>.</param>
/// <param name="Command">A command line for sh, or empty.</param>
/// <param name="EntryPoint">A Python function as <c>module:function</c>, or empty.</param>
/// <param name="Environment">Variables to set.</param>
/// <param name="Initialization">Python code to run before the function is imported, or empty.</param>
/// <param name="Location">Where it was asked for.</param>
public sealed record LauncherPart(
    string Name,
    string Command,
    string EntryPoint,
    IReadOnlyDictionary<string, string> Environment,
    string Initialization,
    SourceLocation Location);

/// <summary>A launcher outside of <c>bin</c> for a native program of a component, for scripts of the release.</summary>
/// <param name="Path">Where it stands, relative to the release.</param>
/// <param name="Program">The program, relative to the release.</param>
/// <param name="Location">Where what needs it was asked for.</param>
public sealed record ProgramPart(string Path, string Program, SourceLocation Location)
{
    /// <summary>Further programs and modules of the release, which it starts or loads, whose libraries it is to find.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>Whether it starts programs of the release itself, without their launchers.</summary>
    public bool StartsOthers { get; init; }

    /// <summary>The database that needs it, for the message where it is missing.</summary>
    public string For { get; init; } = "";

    /// <summary>The component that should have it, for the same message.</summary>
    public string Component { get; init; } = "";
}

/// <summary>A command to run in the staged release, before the switch (<c>LavaCommand</c>).</summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Command">A command line for sh.</param>
/// <param name="Environment">Variables to set.</param>
/// <param name="Timeout">How long it may take.</param>
/// <param name="Location">Where it was asked for.</param>
public sealed record CommandPart(
    string Name, string Command, IReadOnlyDictionary<string, string> Environment, TimeSpan Timeout, SourceLocation Location);

/// <summary>A file with a random secret, made once with mode 0600 (<c>LavaSecret</c>).</summary>
/// <param name="Path">Relative to the instance, under etc or var.</param>
/// <param name="Length">How many letters and digits.</param>
/// <param name="Location">Where it was asked for.</param>
public sealed record SecretPart(string Path, int Length, SourceLocation Location);

/// <summary>A program that runs as long as the instance does (<c>LavaService</c>).</summary>
/// <param name="Service">What it is.</param>
/// <param name="Location">Where it was asked for.</param>
public sealed record ServicePart(ServiceDescription Service, SourceLocation Location);

/// <summary>A command that runs before services (<c>LavaStep</c>).</summary>
/// <param name="Step">What it is.</param>
/// <param name="Location">Where it was asked for.</param>
public sealed record StepPart(StepDescription Step, SourceLocation Location);

/// <summary>A test of the running instance (<c>LavaCheck</c>).</summary>
/// <param name="Check">What it is.</param>
/// <param name="Location">Where it was asked for.</param>
public sealed record CheckPart(CheckDescription Check, SourceLocation Location);

/// <summary>Everything besides components that an instance is given.</summary>
public sealed record InstanceParts
{
    /// <summary>The directories that are the instance's own; build, clean and prune never delete in them.</summary>
    public static IReadOnlyList<string> OwnDirectories { get; } = ["etc", "run", "tmp", "var"];

    /// <summary>Whether a part's path belongs to the instance itself rather than to a release.</summary>
    public static bool IsOwn(string path) => OwnDirectories.Contains(path.Split('/')[0]);

    /// <summary>Directories of the instance.</summary>
    public IReadOnlyList<DirectoryPart> Directories { get; init; } = [];

    /// <summary>Templates.</summary>
    public IReadOnlyList<TemplatePart> Templates { get; init; } = [];

    /// <summary>Links.</summary>
    public IReadOnlyList<LinkPart> Links { get; init; } = [];

    /// <summary>Launchers.</summary>
    public IReadOnlyList<LauncherPart> Launchers { get; init; } = [];

    /// <summary>Launchers for the release's own scripts.</summary>
    public IReadOnlyList<ProgramPart> Programs { get; init; } = [];

    /// <summary>Commands, in the order in which they run.</summary>
    public IReadOnlyList<CommandPart> Commands { get; init; } = [];

    /// <summary>Secrets.</summary>
    public IReadOnlyList<SecretPart> Secrets { get; init; } = [];

    /// <summary>The database, or null; what it stands for is among the other parts.</summary>
    public DatabaseDescription? Database { get; init; }

    /// <summary>Services, in the project's order.</summary>
    public IReadOnlyList<ServicePart> Services { get; init; } = [];

    /// <summary>Steps, in the project's order.</summary>
    public IReadOnlyList<StepPart> Steps { get; init; } = [];

    /// <summary>Tests, in the project's order.</summary>
    public IReadOnlyList<CheckPart> Checks { get; init; } = [];

    /// <summary>Whom programs run as if started by root (<c>LavaUser</c>).</summary>
    public string User { get; init; } = "";

    /// <summary>Where people reach the instance (<c>LavaAddress</c>), or empty.</summary>
    public string Address { get; init; } = "";

    /// <summary>What the holes of templates are filled with, by name.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();
}
