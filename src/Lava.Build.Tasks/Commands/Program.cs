using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Services.Supervision;

namespace Lava.Build.Commands;

/// <summary>The program that <c>dotnet run</c> and <c>-t:Start</c> start: <c>dotnet exec Lava.Build.Tasks.dll run|exec …</c>.</summary>
internal static class Program
{
    private const int Stopped = 0;
    private const int Failed = 1;

    private static async Task<int> Main(string[] arguments)
    {
        SourceLocation location = default;
        try
        {
            CommandLine line = CommandLine.Parse(arguments);
            location = new SourceLocation(line.Options.Project ?? line.Options.Instance);
            HostEnvironment host = HostEnvironment.OfThisProcess();
            if (line.Program.Count > 0)
            {
                await InstanceProgram.BecomeAsync(line, host, location);
            }

            return await SuperviseAsync(line.Options, host, location);
        }
        catch (LavaException failure)
        {
            Tell(failure.Problems, location);
        }
        catch (Exception failure) when (FileSystemProblem.From(failure) is { } problem)
        {
            Tell([problem], location);
        }

        return Failed;
    }

    private static async Task<int> SuperviseAsync(SupervisorOptions options, HostEnvironment host, SourceLocation location)
    {
        using FileStream? report = options.Report > 0 ? new FileStream(Posix.Inherited(options.Report), FileAccess.Write, bufferSize: 0) : null;
        SupervisorSignals signals = new(options.WithParent);
        using SupervisorConsole console = new(location, lines: !options.Detached, report, host["NO_COLOR"]);
        try
        {
            return await new Supervisor(options, host, console, signals).RunAsync();
        }
        catch (OperationCanceledException) when (signals.Stop.IsCancellationRequested)
        {
            // Before anything was started.
            return Stopped;
        }
        catch (LavaException failure)
        {
            foreach (Problem problem in failure.Problems)
            {
                console.Tell(problem);
            }
        }
        catch (Exception failure) when (FileSystemProblem.From(failure) is { } problem)
        {
            console.Tell(problem);
        }

        return Failed;
    }

    private static void Tell(IEnumerable<Problem> problems, SourceLocation location)
    {
        using SupervisorConsole console = new(location, lines: false, report: null, noColour: "1");
        foreach (Problem problem in problems)
        {
            console.Tell(problem);
        }
    }
}
