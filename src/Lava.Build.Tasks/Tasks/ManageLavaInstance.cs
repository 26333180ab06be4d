using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Services;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Runs a program of the active release with arguments of the user's, on the build's own terminal or pipes.</summary>
[MSBuildMultiThreadableTask]
public sealed class ManageLavaInstance : LavaTask
{
    // What turns MSBuild's standard output into JSON.
    private static readonly string[] ResultSwitches = ["getproperty", "getitem", "gettargetresult"];

    /// <summary>The instance's directory (<c>LavaInstanceRoot</c>).</summary>
    [Required]
    public string InstanceRoot { get; set; } = "";

    /// <summary>The instance's name (<c>LavaInstance</c>), for a release that runs no services.</summary>
    public string Instance { get; set; } = "";

    /// <summary>Whom root runs the program as (<c>LavaUser</c>), likewise.</summary>
    public string User { get; set; } = "";

    /// <summary>The program's name in the release's <c>bin</c>, and arguments that come first (<c>LavaManageProgram</c>); split as in a shell.</summary>
    public string Program { get; set; } = "";

    /// <summary>Its further arguments (<c>LavaArguments</c>), likewise.</summary>
    public string Arguments { get; set; } = "";

    /// <summary>Whether a logger draws on the terminal while the program runs.</summary>
    public bool TerminalIsShared { get; set; }

    /// <summary>The program's exit code.</summary>
    [Output]
    public int ExitCode { get; private set; }

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        IReadOnlyList<string> program = Split("LavaManageProgram", Program);
        IReadOnlyList<string> arguments = Split("LavaArguments", Arguments);
        if (program.Count == 0)
        {
            throw Problem.Error(Strings.NoManageProgram, new SourceLocation(ProjectFile)).ToException();
        }

        InstanceLayout layout = new(Absolute(InstanceRoot));
        SourceLocation location = new(ProjectFile);
        RunHoles holes = ActiveRelease.Of(layout, location);

        // As a start does: an instance is managed before its first start, too.
        InstanceServices services = ServicesFile.ReadIfAny(holes.Release, Instance, User);
        await InstanceOwner.PrepareAsync(layout, services, BuildLog, cancellation);
        InstancePrograms programs = new(holes, services, Host, location);
        ProcessRequest request = programs.Named(program[0], [.. program.Skip(1), .. arguments]) with
        {
            Timeout = Timeout.InfiniteTimeSpan,
            OnLine = line => TestEvents.Tell(BuildEngine, TestEvents.Output, line),
        };

        // A process that serves others has no terminal, and nobody reads what it prints.
        ExitCode = MSBuildProcess.ServesAnother
            ? (await new ProcessRunner(Host).RunAsync(request, cancellation)).ExitCode
            : await new TerminalProgram(Host).RunAsync(request, OutputPlace, cancellation);
    }

    private TerminalProgram.OutputTo OutputPlace =>
        MSBuildProcess.WasGiven(ResultSwitches) ? TerminalProgram.OutputTo.Error
        : TerminalIsShared ? TerminalProgram.OutputTo.Lines
        : TerminalProgram.OutputTo.SameFiles;

    private IReadOnlyList<string> Split(string property, string text)
    {
        IReadOnlyList<string> words = ShellWords.Split(text, out string? problem);
        return problem is null ? words : throw Problem.Error(Strings.BadArguments, new SourceLocation(ProjectFile), property, text, problem).ToException();
    }
}
