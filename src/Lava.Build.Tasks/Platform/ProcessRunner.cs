using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Lava.Build.Diagnostics;

namespace Lava.Build.Platform;

/// <summary>Runs every program of ours: argument lists, captured output, a time limit, and no orphan on cancellation.</summary>
public sealed class ProcessRunner(HostEnvironment host)
{
    private const int SigInt = 2;
    private const int SigTerm = 15;
    private const int SigKill = 9;
    private const int EndedBySignal = 128;
    private const int CaptureLimit = 1 << 20;
    private const int BufferSize = 1 << 14;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Longer than MSBuild takes to hand on what it was asked by a signal.</summary>
    private static readonly TimeSpan Hearing = TimeSpan.FromSeconds(2);

    /// <summary>Runs <paramref name="request"/> to its end, whatever its exit code.</summary>
    /// <exception cref="LavaException">The program is missing (LAVA9001) or over its time (LAVA9002).</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; the whole process group was ended.</exception>
    public async Task<ProcessOutcome> RunAsync(ProcessRequest request, CancellationToken cancellation)
    {
        string program = FindProgram(request.Program);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(request.Timeout);
        using Process process = await StartAsync(request, program);
        bool ended = false;
        try
        {
            Task<string> error = ReadLinesAsync(process.StandardError, request.OnLine, limit.Token);
            Task<string> output = request.ReadOutput is null
                ? ReadLinesAsync(process.StandardOutput, request.OnLine, limit.Token)
                : ReadBytesAsync(process, request.ReadOutput, limit.Token);
            await WriteInputAsync(process, request.StandardInput, limit.Token);
            await output;
            await error;
            await process.WaitForExitAsync(limit.Token);
            if (process.ExitCode is EndedBySignal + SigInt or EndedBySignal + SigTerm)
            {
                // Ctrl-C meets a program that has not left this process's group yet, too: its end is no fault, and the cancellation comes.
                await Task.Delay(Hearing, cancellation);
            }

            ended = true;
            return new ProcessOutcome(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Problem.Error(Strings.ProgramTimedOut, request.Location, request.Label ?? request.Program, request.Timeout.TotalSeconds).ToException();
        }
        finally
        {
            if (!ended)
            {
                await EndGroupAsync(process);
            }

            ProcessStarter.Forget(process.Id);
        }
    }

    /// <summary>The absolute path of a program, by PATH unless it names a directory.</summary>
    /// <param name="program">The program.</param>
    /// <param name="component">The component that it is needed for, for the message, or null.</param>
    /// <param name="location">Where that was asked for.</param>
    /// <exception cref="LavaException">It is nowhere (LAVA9001).</exception>
    public string FindProgram(string program, string? component = null, SourceLocation location = default) =>
        host.FindProgram(program)
        ?? throw Problem.Error(
            Strings.ProgramMissing, location, program, component is null ? "" : $" for component '{component}'", PackageOf(program)).ToException();

    private static string PackageOf(string program) => program switch
    {
        "apt-get" or "apt-cache" => "apt",
        "dpkg-deb" => "dpkg",
        "xz" => "xz-utils",
        "setsid" or "setpriv" or "flock" => "util-linux",
        "useradd" => "passwd",
        "systemctl" => "systemd",
        _ => Path.GetFileName(program),
    };

    private async Task<Process> StartAsync(ProcessRequest request, string program)
    {
        // setsid makes the program the leader of a group of its own, so that all it starts can be ended together.
        ProcessStartInfo start = new(FindProgram("setsid"))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = request.WorkingDirectory ?? host.Directory,
        };
        start.Environment.Clear();
        // Should this process be killed, the program must not work on beside the next build.
        start.ArgumentList.Add(FindProgram("setpriv"));
        start.ArgumentList.Add("--pdeathsig");
        start.ArgumentList.Add("KILL");
        start.ArgumentList.Add("--");
        start.ArgumentList.Add(program);
        foreach (string argument in request.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in request.ClearEnvironment ? new Dictionary<string, string>() : host.Variables)
        {
            start.Environment[name] = value;
        }

        foreach ((string name, string? value) in request.Environment)
        {
            if (value is null)
            {
                start.Environment.Remove(name);
            }
            else
            {
                start.Environment[name] = value;
            }
        }

        try
        {
            return await ProcessStarter.StartAsync(start);
        }
        catch (Win32Exception failure)
        {
            throw Problem.Error(Strings.InputOutput, SourceLocation.None, program, failure.Message).ToException(failure);
        }
    }

    private static async Task WriteInputAsync(Process process, string? text, CancellationToken cancellation)
    {
        try
        {
            if (text is not null)
            {
                await process.StandardInput.WriteAsync(text.AsMemory(), cancellation);
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // A program may end without reading its input; its exit code says whether that was wrong.
        }
    }

    private static async Task<string> ReadBytesAsync(Process process, Action<Stream, CancellationToken> read, CancellationToken cancellation)
    {
        // Whoever waits for its next bytes hears of nothing else.
        using CancellationTokenRegistration end = cancellation.Register(() => Posix.KillGroup(process.Id, SigKill));
        await Workers.Begin(() =>
        {
            read(process.StandardOutput.BaseStream, cancellation);
            return true;
        });
        cancellation.ThrowIfCancellationRequested();
        return "";
    }

    private static async Task<string> ReadLinesAsync(StreamReader reader, Action<string>? onLine, CancellationToken cancellation)
    {
        StringBuilder text = new();
        LineSplitter lines = new(line =>
        {
            onLine?.Invoke(line);
            text.Append(line).Append('\n');
            if (text.Length > 2 * CaptureLimit)
            {
                text.Remove(0, text.Length - CaptureLimit);
            }
        });
        char[] buffer = new char[BufferSize];
        int count;
        while ((count = await reader.ReadAsync(buffer, cancellation)) > 0)
        {
            lines.Add(buffer.AsSpan(0, count));
        }

        lines.End();
        return text.ToString(Math.Max(0, text.Length - CaptureLimit), Math.Min(text.Length, CaptureLimit));
    }

    private static async Task EndGroupAsync(Process process)
    {
        // The program may have ended before what it started, which keeps its output open.
        Posix.KillGroup(process.Id, SigTerm);
        using CancellationTokenSource grace = new(Grace);
        try
        {
            await process.WaitForExitAsync(grace.Token);
        }
        catch (OperationCanceledException)
        {
            // It ignores SIGTERM.
        }

        Posix.KillGroup(process.Id, SigKill);
    }
}
