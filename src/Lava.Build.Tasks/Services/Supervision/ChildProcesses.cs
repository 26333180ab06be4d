using System.Collections.Concurrent;
using Lava.Build.Platform;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Services.Supervision;

/// <summary>
/// Starts the programs of an instance and learns of their ends. One for a process, which must start programs in no other way: it takes
/// the exit codes of all children, those of orphans that it adopts too.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "It lasts as long as the process.")]
internal sealed class ChildProcesses
{
    private const string Shell = "/bin/sh";
    private const string StarterResource = "Platform/start_when_told.sh";
    private const int BufferSize = 16 * 1024;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, ChildProcess> _running = [];
    private readonly BlockingCollection<Action> _starts = [];
    private readonly AutoResetEvent _started = new(initialState: false);
    private readonly string _starter = EmbeddedText.Read(StarterResource);

    private readonly string _setpriv;

    /// <summary>Makes this process the one that looks after all its descendants.</summary>
    /// <param name="setpriv">The path of setpriv(1).</param>
    internal ChildProcesses(string setpriv)
    {
        _setpriv = setpriv;
        Posix.AdoptOrphans();
        // The kernel takes the end of a thread for the death of the parent: this one lasts.
        new Thread(Start) { IsBackground = true, Name = "starts" }.Start();
        new Thread(Reap) { IsBackground = true, Name = "ends" }.Start();
    }

    /// <summary>Makes a process that becomes the program when it is released.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    internal Task<ChildProcess> StartAsync(ChildRequest request)
    {
        TaskCompletionSource<ChildProcess> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _starts.Add(() =>
        {
            try
            {
                started.SetResult(Spawn(request));
            }
            catch (Exception failure)
            {
                started.SetException(failure);
            }
        });
        return started.Task;
    }

    private void Start()
    {
        foreach (Action start in _starts.GetConsumingEnumerable())
        {
            start();
        }
    }

    private ChildProcess Spawn(ChildRequest request)
    {
        (SafeFileHandle goRead, SafeFileHandle goWrite) = Posix.Pipe();
        (SafeFileHandle? outputRead, SafeFileHandle? outputWrite) = request.Output is null ? Posix.Pipe() : (null, null);
        using SafeFileHandle nothing = File.OpenHandle("/dev/null");
        using (goRead)
        using (outputWrite)
        {
            SafeFileHandle output = request.Output ?? outputWrite!;
            if (request.User is { } user && outputWrite is not null)
            {
                // Programs open /dev/stdout by its name, with their own rights.
                Posix.Give(outputWrite, user.Uid, user.Gid);
            }

            string[] arguments = ["sh", "-c", _starter, "sh", .. Prefix(request), request.Program, .. request.Arguments];
            ChildProcess child;
            lock (_gate)
            {
                int id = Posix.Spawn(Shell, arguments, request.Environment, request.Directory, nothing, output, output, goRead);
                // It cannot have been reaped: that needs the gate.
                child = new ChildProcess(new ProcessIdentity(id, ProcessTable.Find(id)?.Start ?? 0), goWrite, Kill);
                _running[id] = child;
            }

            _started.Set();
            if (outputRead is null)
            {
                child.SetOutputEnded();
            }
            else
            {
                new Thread(() => Pump(outputRead, request.Lines, child)) { IsBackground = true, Name = "output" }.Start();
            }

            return child;
        }
    }

    // setpriv(1) of util-linux.
    private IEnumerable<string> Prefix(ChildRequest request)
    {
        List<string> options = [];
        if (request.User is { } user)
        {
            options.AddRange(["--reuid", Number(user.Uid), "--regid", Number(user.Gid), "--init-groups"]);
        }

        if (request.DeathSignal is { } signal)
        {
            options.AddRange(["--pdeathsig", signal]);
        }

        return options.Count == 0 ? [] : [_setpriv, .. options, "--"];
    }

    private static string Number(uint number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private bool Kill(int process, int signal)
    {
        lock (_gate)
        {
            return _running.ContainsKey(process) && Posix.Kill(process, signal);
        }
    }

    private void Reap()
    {
        while (true)
        {
            int ended = Posix.WaitForAny();
            if (ended == 0)
            {
                _started.WaitOne();
                continue;
            }

            ChildProcess? child;
            int exitCode;
            lock (_gate)
            {
                exitCode = Posix.Reap(ended);
                _running.Remove(ended, out child);
            }

            child?.SetEnded(exitCode);
        }
    }

    private static void Pump(SafeFileHandle output, OutputLines lines, ChildProcess child)
    {
        byte[] buffer = new byte[BufferSize];
        using (output)
        {
            int count;
            while ((count = Posix.Read(output, buffer)) > 0)
            {
                lines.Add(buffer.AsSpan(0, count));
            }
        }

        lines.End();
        child.SetOutputEnded();
    }
}
