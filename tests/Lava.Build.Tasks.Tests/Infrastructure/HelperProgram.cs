using System.Diagnostics;
using Lava.Build.Cache;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests;

/// <summary>Runs in a process of its own what a test must be able to kill, or to have many times at once.</summary>
internal static class HelperProgram
{
    private const string Held = "held";

    public static async Task<int> Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["hold-lock", var path]:
                using (FileLock held = await FileLock.AcquireAsync(path, "holding", _ => { }, CancellationToken.None))
                {
                    Console.WriteLine(Held);
                    await Console.In.ReadLineAsync();
                }

                return 0;
            case ["unpack", var cache, var archive]:
                await UnpackAsync(new CacheLayout(cache), archive);
                return 0;
            default:
                return 2;
        }
    }

    /// <summary>A process that holds a lock until it is killed; it has it when this returns.</summary>
    public static async Task<Process> HoldLockAsync(string path)
    {
        Process process = Start("hold-lock", path);
        Assert.AreEqual(Held, await process.StandardOutput.ReadLineAsync());
        return process;
    }

    /// <summary>Starts this assembly as a program.</summary>
    public static Process Start(params string[] arguments)
    {
        ProcessStartInfo start = new(Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (string argument in (string[])["exec", typeof(HelperProgram).Assembly.Location, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    private static async Task UnpackAsync(CacheLayout layout, string archive)
    {
        RecordingLog log = new();
        TreeCache trees = new(
            layout, new ArchiveCache(layout, log), null, new UnpackLimits(), new ProcessRunner(HostEnvironment.OfThisProcess()), log);
        await trees.EnsureAsync(
            [new TreeRequest("a", archive, new TreeRecipe(ArchiveFormat.Tar), SourceLocation.None)], CancellationToken.None);
    }
}
