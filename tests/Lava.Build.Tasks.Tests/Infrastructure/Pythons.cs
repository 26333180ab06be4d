using Lava.Build.Platform;
using Lava.Build.Python;

namespace Lava.Build.Tests;

/// <summary>This machine's Python.</summary>
internal static class Pythons
{
    public const string Path = "/usr/bin/python3";

    public static async Task<PythonInterpreter> HostAsync()
    {
        using TemporaryDirectory record = new();
        HostEnvironment host = HostEnvironment.OfThisProcess();
        return await PythonInterpreter.FindAsync(Path, new PythonRecord(record.Path), new ProcessRunner(host), host, CancellationToken.None)
            ?? throw new AssertInconclusiveException($"{Path} is not installed.");
    }
}
