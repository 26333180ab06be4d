using System.Text;
using Lava.Build.Platform;

namespace Lava.Build.Tests.Shells;

/// <summary>What a program left: standard output as it came, byte for byte.</summary>
internal sealed record Ran(int ExitCode, string Output, string Error);

/// <summary>Runs programs with a small environment of their own.</summary>
internal static class Run
{
    internal const string DefaultPath = "/usr/local/bin:/usr/bin:/bin";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    internal static async Task<Ran> ProgramAsync(
        string program,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? directory = null)
    {
        Dictionary<string, string?> variables = new() { ["PATH"] = DefaultPath, ["LC_ALL"] = "C.UTF-8" };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            variables[name] = value;
        }

        using MemoryStream output = new();
        ProcessOutcome outcome = await new ProcessRunner(HostEnvironment.OfThisProcess()).RunAsync(
            new ProcessRequest(program, arguments)
            {
                ClearEnvironment = true,
                Environment = variables,
                WorkingDirectory = directory,
                Timeout = Limit,
                ReadOutput = (stream, _) => stream.CopyTo(output),
            },
            CancellationToken.None);
        return new Ran(outcome.ExitCode, Encoding.UTF8.GetString(output.ToArray()), outcome.Error);
    }

    internal static async Task<string> OutputAsync(
        string program,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? directory = null)
    {
        Ran ran = await ProgramAsync(program, arguments, environment, directory);
        Assert.AreEqual(0, ran.ExitCode, ran.Error + ran.Output);
        return ran.Output;
    }
}
