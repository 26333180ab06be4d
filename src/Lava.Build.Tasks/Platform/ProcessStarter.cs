using System.Collections.Concurrent;
using System.Diagnostics;

namespace Lava.Build.Platform;

/// <summary>
/// Starts processes from one thread that ends only with this process. The signal that a child asks for at the death of its
/// parent (prctl(2), PR_SET_PDEATHSIG) comes when the thread that started it ends, and threads of the pool end at any time.
/// That signal reaches only the child; a watcher beside this process ends all that the child has started.
/// </summary>
internal static class ProcessStarter
{
    private const string WatcherResource = "Platform/end_groups.sh";
    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Groups = [];
    private static readonly BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> Requests = Begin();
    private static Process? _watcher;

    /// <summary>
    /// As <see cref="Process.Start(ProcessStartInfo)"/>, with its exceptions, of a program that setsid(1) makes the leader of a process
    /// group. The group does not outlive this process, until <see cref="Forget"/>.
    /// </summary>
    internal static Task<Process> StartAsync(ProcessStartInfo start)
    {
        TaskCompletionSource<Process> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Requests.Add((start, started));
        return started.Task;
    }

    /// <summary>A process group that has ended, or may live on.</summary>
    internal static void Forget(int processGroup)
    {
        lock (Gate)
        {
            Groups.Remove(processGroup);
            Tell($"- {processGroup}");
        }
    }

    private static BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> Begin()
    {
        BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> requests = [];
        Thread thread = new(() => Work(requests)) { IsBackground = true, Name = "Lava.Build processes" };
        thread.Start();
        return requests;
    }

    private static void Work(BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> requests)
    {
        foreach ((ProcessStartInfo start, TaskCompletionSource<Process> started) in requests.GetConsumingEnumerable())
        {
            try
            {
                started.SetResult(Start(start));
            }
            catch (Exception failure)
            {
                started.SetException(failure);
            }
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        lock (Gate)
        {
            _watcher ??= StartWatcher(start.FileName);
            Process process = Process.Start(start)!;
            Groups.Add(process.Id);
            // Said long before the program, which two others have yet to execute, can have started anything.
            Tell($"+ {process.Id}");
            return process;
        }
    }

    // Not a child of this process: what kills it with its children would leave theirs.
    private static Process StartWatcher(string setsid) => Process.Start(
        new ProcessStartInfo(setsid, ["--fork", "--", "/bin/sh", "-c", EmbeddedText.Read(WatcherResource)])
        {
            RedirectStandardInput = true,
            // Or whoever reads this process's output to the end would wait for the watcher's, too.
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        })!;

    private static void Tell(string line)
    {
        try
        {
            Write(line);
        }
        catch (IOException)
        {
            // Somebody ended the watcher.
            string setsid = _watcher!.StartInfo.FileName;
            _watcher.Dispose();
            _watcher = StartWatcher(setsid);
            Write(string.Join('\n', Groups.Select(group => $"+ {group}")));
        }
    }

    private static void Write(string lines)
    {
        _watcher!.StandardInput.Write(lines + "\n");
        _watcher.StandardInput.Flush();
    }
}
