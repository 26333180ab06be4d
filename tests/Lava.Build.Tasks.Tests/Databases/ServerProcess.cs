using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Lava.Build.Platform;

namespace Lava.Build.Tests.Databases;

/// <summary>A program that runs until it is ended, as an ordinary user; its output is kept.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // The signal that OrdinaryUser asks for comes when the thread ends that started the program, and those of the pool end at any time.
    private static readonly BlockingCollection<Task<Process>> Starts = StartOnOneThread();
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Task _reading;

    private ServerProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    /// <summary>The program itself: setpriv and the scripts become it.</summary>
    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public static ServerProcess Start(IReadOnlyDictionary<string, string?> environment, params string[] command)
    {
        // What runs the tests may ignore signals, as a shell does for its background, and that would be inherited.
        ProcessStartInfo start = new("env", ["--default-signal", .. OrdinaryUser.Command(command)]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        start.Environment.Clear();
        start.Environment["PATH"] = Shells.Run.DefaultPath;
        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        Task<Process> started = new(() => Process.Start(start)!, TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(started);
        return new ServerProcess(started.GetAwaiter().GetResult());
    }

    /// <summary>Waits until <paramref name="condition"/> holds, or the program ends.</summary>
    public async Task<bool> WaitAsync(Func<Task<bool>> condition)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (HasExited)
            {
                await _reading;
                return false;
            }

            Assert.IsLessThan(Limit, watch.Elapsed, Output);
            await Task.Delay(20);
        }

        return true;
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its output.</returns>
    public async Task<string> EndAsync()
    {
        using CancellationTokenSource limit = new(Limit);
        await _process.WaitForExitAsync(limit.Token);
        await _reading.WaitAsync(limit.Token);
        return Output;
    }

    /// <summary>Sends a signal, such as <c>INT</c>.</summary>
    public Task SignalAsync(string signal) => Shells.Run.ProgramAsync("kill", [$"-{signal}", $"{Id}"]);

    /// <summary>Asks for PostgreSQL's "fast" shutdown.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        await SignalAsync("INT");
        await EndAsync();
        return ExitCode;
    }

    /// <summary>The numbers of the sockets that it, or a process that it started, has open.</summary>
    public IEnumerable<string> Sockets() =>
        from process in Children().Append(Id)
        from target in Descriptors(process)
        where target.StartsWith("socket:[", StringComparison.Ordinal)
        select target["socket:[".Length..^1];

    /// <summary>Kills what this has started by setsid: the first process only, or all of the session.</summary>
    public async Task KillSessionAsync(string which)
    {
        foreach (int child in Children())
        {
            await Shells.Run.ProgramAsync("kill", ["-KILL", "--", which == "all" ? $"-{child}" : $"{child}"]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!HasExited)
        {
            // PostgreSQL's "immediate" shutdown, which leaves nothing running.
            await SignalAsync("QUIT");
            await EndAsync();
        }

        _process.Dispose();
    }

    private static BlockingCollection<Task<Process>> StartOnOneThread()
    {
        BlockingCollection<Task<Process>> starts = [];
        new Thread(() =>
        {
            foreach (Task<Process> start in starts.GetConsumingEnumerable())
            {
                start.RunSynchronously();
            }
        })
        { IsBackground = true }.Start();
        return starts;
    }

    private static string[] Descriptors(int process)
    {
        try
        {
            return [.. Directory.GetFiles($"/proc/{process}/fd").Select(descriptor => new FileInfo(descriptor).LinkTarget ?? "")];
        }
        catch (DirectoryNotFoundException)
        {
            // It has ended: PostgreSQL's workers come and go.
            return [];
        }
    }

    private int[] Children()
    {
        try
        {
            return
            [
                .. File.ReadAllText($"/proc/{Id}/task/{Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(child => int.Parse(child, CultureInfo.InvariantCulture)),
            ];
        }
        catch (Exception failure) when (failure is DirectoryNotFoundException or FileNotFoundException or IOException { HResult: Posix.ESRCH })
        {
            // It has ended meanwhile, and so it has none.
            return [];
        }
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_output)
            {
                _output.Append(line).Append('\n');
            }
        }
    }
}
