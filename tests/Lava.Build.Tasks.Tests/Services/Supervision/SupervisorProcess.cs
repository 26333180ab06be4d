using System.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Tasks;

namespace Lava.Build.Tests.Services.Supervision;

/// <summary>The program that looks after services, as a process of its own.</summary>
internal sealed class SupervisorProcess : IDisposable
{
    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Task _reading;

    private SupervisorProcess(Process process)
    {
        _process = process;
        process.StandardInput.Close();
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    /// <summary>The assembly under test, with all that `dotnet exec` needs beside it.</summary>
    internal static string Assembly { get; } = typeof(LavaTask).Assembly.Location;

    internal static string DotNet { get; } =
        Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet" ? host : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    internal int Id => _process.Id;

    internal bool HasEnded => _process.HasExited;

    /// <summary>All lines of both streams so far.</summary>
    internal string Output
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    internal static SupervisorProcess Start(string[] arguments, IReadOnlyDictionary<string, string>? variables = null) =>
        Start(DotNet, ["exec", Assembly, .. arguments], variables);

    /// <summary>Starts a program as this user or, if that is root, as nobody, who is given the directory.</summary>
    internal static SupervisorProcess AsOrdinary(string directory, string[] command)
    {
        if (Posix.EffectiveUser() != 0)
        {
            return Start(command[0], command[1..]);
        }

        RunAs nobody = SystemUser.Find("nobody")!;
        using Process gift = Process.Start("chown", ["-R", $"{nobody.Uid}:{nobody.Gid}", directory]);
        gift.WaitForExit();
        return Start("setpriv", ["--reuid", "nobody", "--regid", $"{nobody.Gid}", "--init-groups", "--", .. command], new Dictionary<string, string> { ["HOME"] = directory });
    }

    internal static SupervisorProcess Start(string program, string[] arguments, IReadOnlyDictionary<string, string>? variables = null)
    {
        // What runs the tests may ignore signals, as a shell does for its background, and that would be inherited.
        ProcessStartInfo start = new("env", ["--default-signal", program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in variables ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new SupervisorProcess(Process.Start(start)!);
    }

    /// <summary>Waits until it has said something.</summary>
    internal Task SaysAsync(string text) => RunningInstance.UntilAsync(
        () => Output.Contains(text, StringComparison.Ordinal)
            || (HasEnded && _reading.IsCompleted && !Output.Contains(text, StringComparison.Ordinal) ? throw new AssertFailedException($"It ended without saying '{text}':\n{Output}") : false),
        $"'{text}' in:\n{Output}");

    internal void Signal(int signal) => Posix.Kill(_process.Id, signal);

    /// <summary>Waits for its end.</summary>
    internal async Task<int> EndAsync()
    {
        await RunningInstance.UntilAsync(() => HasEnded, $"its end:\n{Output}");
        await _reading;
        return _process.ExitCode;
    }

    /// <summary>Asks it to stop, and waits for its end.</summary>
    internal Task<int> StopAsync()
    {
        Signal(Posix.SIGTERM);
        return EndAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_lines)
            {
                _lines.Add(line);
            }
        }
    }
}
