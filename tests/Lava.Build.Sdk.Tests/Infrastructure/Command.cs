using System.Diagnostics;
using System.Text;

namespace Lava.Build.Sdk.Tests;

/// <summary>Runs real programs, in an environment that nothing of the test run leaks into.</summary>
internal static class Command
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    // What `dotnet test` sets for itself, and what would decide a default instead of the project under test.
    private static readonly string[] Leaking =
    [
        "MSBUILD", "DOTNET_HOST_PATH", "DOTNET_CLI", "VSTEST", "TESTINGPLATFORM", "COVERLET", "XDG_", "LAVA", "NUGET_PACKAGES",
        "CONTINUOUSINTEGRATIONBUILD", "CONFIGURATION", "PLATFORM", "VIRTUAL_ENV", "PYTHON",
    ];

    public static Task<CommandResult> RunAsync(
        string program, string directory, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        WatchAsync(program, directory, environment, (_, _) => { }, arguments);

    /// <summary>Runs a program and tells of each line as it comes.</summary>
    public static async Task<CommandResult> WatchAsync(
        string program, string directory, IReadOnlyDictionary<string, string> environment, Action<Process, string> onLine, params string[] arguments)
    {
        StringBuilder output = new();
        using Process process = Start(program, directory, environment, arguments);
        using CancellationTokenSource limit = new(Limit);
        try
        {
            await Task.WhenAll(
                ReadAsync(process.StandardOutput, output, line => onLine(process, line), limit.Token),
                ReadAsync(process.StandardError, output, line => onLine(process, line), limit.Token),
                process.WaitForExitAsync(limit.Token));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new AssertFailedException($"{program} {string.Join(' ', arguments)} did not end within {Limit}: {output}");
        }

        return new CommandResult($"{program} {string.Join(' ', arguments)}", process.ExitCode, output.ToString());
    }

    /// <summary>Starts a program with nothing to read and both outputs to be read.</summary>
    public static Process Start(string program, string directory, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        // What runs the tests may ignore signals, as a shell does for its background, and that would be inherited.
        ProcessStartInfo start = new("env", ["--default-signal", program, .. arguments])
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in start.Environment.Keys.Where(Leaks).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        process.StandardInput.Close();
        return process;
    }

    public static async Task ReadAsync(StreamReader reader, StringBuilder output, Action<string> onLine, CancellationToken cancellation)
    {
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            lock (output)
            {
                output.Append(line).Append('\n');
            }

            onLine(line);
        }
    }

    private static bool Leaks(string name) => Leaking.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
