using System.Collections.Concurrent;
using System.Diagnostics;

namespace Lava.Build.Platform;

/// <summary>
/// Starts processes from one thread that ends only with this process. The signal that a child asks for at the death of its
/// parent (prctl(2), PR_SET_PDEATHSIG) comes when the thread that started it ends, and threads of the pool end at any time.
/// That signal reaches only the child; a watcher beside this process ends all that the child has started. The child itself tells
/// the watcher of its group before it becomes the program, so there is no moment at which this process could die unnoticed.
/// </summary>
internal static class ProcessStarter
{
    private const string WatcherResource = "Platform/end_groups.sh";
    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Groups = [];
    private static readonly BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> Requests = Begin();

    /// <summary>Tells the watcher, whose end of the pipe is the first argument, and becomes the program that the others are. PWD is the shell's own.</summary>
    private const string Announcement = "echo \"+ $$\" > \"$0\" && unset PWD && exec \"$@\"";
    private static Process? _watcher;
    private static string _watcherInput = "";

    /// <summary>
    /// As <see cref="Process.Start(ProcessStartInfo)"/>, with its exceptions, of a program that becomes the leader of a process group. The
    /// group does not outlive this process, until <see cref="Forget"/>.
    /// </summary>
    /// <param name="start">The program <c>setsid</c>, and as its arguments what it is to run.</param>
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
            if (_watcher is null)
            {
                StartWatcher(start.FileName);
            }

            // An empty line tells whether it is still there.
            Tell("");
            string[] program = [.. start.ArgumentList];
            start.ArgumentList.Clear();
            foreach (string argument in (string[])["--", "/bin/sh", "-c", Announcement, _watcherInput, .. program])
            {
                start.ArgumentList.Add(argument);
            }

            Process process = Process.Start(start)!;
            Groups.Add(process.Id);
            return process;
        }
    }

    // Not a child of this process: what kills it with its children would leave theirs.
    private static void StartWatcher(string setsid)
    {
        _watcher = Process.Start(
            new ProcessStartInfo(setsid, ["--fork", "--", "/bin/sh", "-c", EmbeddedText.Read(WatcherResource)])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                // Or whoever reads this process's errors to the end would wait for the watcher's, too.
                RedirectStandardError = true,
                WorkingDirectory = "/",
            })!;
        // Once it has said this it has left this process's group, and may outlive it.
        _watcherInput = $"/proc/{_watcher.StandardOutput.ReadLine()}/fd/0";
    }

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
            StartWatcher(setsid);
            Write(string.Join('\n', Groups.Select(group => $"+ {group}")));
        }
    }

    private static void Write(string lines)
    {
        _watcher!.StandardInput.Write(lines + "\n");
        _watcher.StandardInput.Flush();
    }
}
