using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Lava.Build.Sdk.Tests.Fire;

/// <summary>A running `dotnet` in a process group of its own, as a shell starts its jobs, that can be killed as a whole.</summary>
internal sealed partial class BuildProcess : IDisposable
{
    public const int SigInt = 2;
    public const int SigKill = 9;
    public const int SigTerm = 15;
    private const string Marker = "LAVA_TEST_BUILD";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly string _mark = Guid.NewGuid().ToString("N");
    private readonly StringBuilder _output = new();
    private readonly Task _reading;

    public BuildProcess(TestProject project, params string[] arguments)
    {
        Dictionary<string, string> environment = new(project.Variables) { [Marker] = _mark };
        // The runtime's own sockets in the temporary directory would stay behind.
        environment["DOTNET_EnableDiagnostics"] = "0";
        // Whoever runs the tests in the background of a shell ignores SIGINT, and so would the build.
        _process = Command.Start("setsid", project.Path, environment, ["--", "env", "--default-signal", "dotnet", .. arguments]);
        _reading = Task.WhenAll(
            Command.ReadAsync(_process.StandardOutput, _output, _ => { }, CancellationToken.None),
            Command.ReadAsync(_process.StandardError, _output, _ => { }, CancellationToken.None));
        Arguments = arguments;
    }

    public IReadOnlyList<string> Arguments { get; }

    public bool HasEnded => _process.HasExited;

    /// <summary>Sends a signal to every process of the group.</summary>
    public void Signal(int signal) => _ = Kill(-_process.Id, signal);

    /// <summary>Waits until it has ended, and nobody has its output open any more.</summary>
    public async Task<CommandResult> WaitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Limit);
        await _reading.WaitAsync(Limit);
        return new CommandResult($"dotnet {string.Join(' ', Arguments)}", _process.ExitCode, _output.ToString());
    }

    /// <summary>The command lines of processes that it or its children started and that are still there.</summary>
    public IReadOnlyList<string> Survivors()
    {
        byte[] mark = Encoding.ASCII.GetBytes($"{Marker}={_mark}");
        List<string> survivors = [];
        foreach (string directory in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path[6])))
        {
            try
            {
                // A process that has ended and was not waited for yet has no environment.
                if (File.ReadAllBytes($"{directory}/environ").AsSpan().IndexOf(mark) >= 0)
                {
                    survivors.Add($"{directory[6..]} {File.ReadAllText($"{directory}/cmdline").Replace('\0', ' ')}");
                }
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile, or is somebody else's.
            }
        }

        return survivors;
    }

    public void Dispose()
    {
        Signal(SigKill);
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
