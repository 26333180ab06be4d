using System.ComponentModel;
using System.Diagnostics;
using Lava.Build.Diagnostics;

namespace Lava.Build.Platform;

/// <summary>
/// Runs a program on this process's own standard input, output and error, so that it can ask, and be interrupted from the terminal. Unlike
/// what <see cref="ProcessRunner"/> runs it has no group of its own, and no limit in time.
/// </summary>
public sealed class TerminalProgram(HostEnvironment host)
{
    private const string ToError = "exec \"$@\" >&2";
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Where the program's output goes.</summary>
    public enum OutputTo
    {
        /// <summary>To the same files as this process's own: it is not looked at at all.</summary>
        SameFiles,

        /// <summary>All of it to standard error, where standard output is for something else.</summary>
        Error,

        /// <summary>To whoever draws on the terminal, too: <see cref="ProcessRequest.OnLine"/> gets it line by line.</summary>
        Lines,
    }

    /// <summary>Runs the program to its end.</summary>
    /// <returns>Its exit code; 128 and the number of the signal where one ended it.</returns>
    /// <exception cref="LavaException">It cannot be started (LAVA9001, LAVA9007).</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; the program was told to end, and after five seconds made to.</exception>
    public async Task<int> RunAsync(ProcessRequest request, OutputTo output, CancellationToken cancellation)
    {
        string program = host.FindProgram(request.Program)
            ?? throw Problem.Error(Strings.ProgramMissing, request.Location, request.Program, "", Path.GetFileName(request.Program)).ToException();
        using Process process = Start(request, program, output);
        try
        {
            if (output == OutputTo.Lines)
            {
                await Task.WhenAll(
                    LineRelay.RunAsync(process.StandardOutput, request.OnLine!, cancellation),
                    LineRelay.RunAsync(process.StandardError, request.OnLine!, cancellation));
            }

            await process.WaitForExitAsync(cancellation);
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            await EndAsync(process);
            throw;
        }
    }

    private static Process Start(ProcessRequest request, string program, OutputTo output)
    {
        string[] whole = output == OutputTo.Error ? ["/bin/sh", "-c", ToError, "sh", program, .. request.Arguments] : [program, .. request.Arguments];
        ProcessStartInfo start = new(whole[0], whole[1..])
        {
            UseShellExecute = false,
            WorkingDirectory = request.WorkingDirectory,
            RedirectStandardOutput = output == OutputTo.Lines,
            RedirectStandardError = output == OutputTo.Lines,
        };
        start.Environment.Clear();
        foreach ((string name, string? value) in request.Environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception failure)
        {
            throw Problem.Error(Strings.InputOutput, SourceLocation.None, program, failure.Message).ToException(failure);
        }
    }

    private static async Task EndAsync(Process process)
    {
        Posix.Terminate(process.Id);
        using CancellationTokenSource grace = new(Grace);
        try
        {
            await process.WaitForExitAsync(grace.Token);
        }
        catch (OperationCanceledException)
        {
            // It ignores SIGTERM.
            process.Kill();
        }
    }
}
