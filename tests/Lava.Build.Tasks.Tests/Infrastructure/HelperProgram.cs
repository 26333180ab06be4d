using System.Diagnostics;
using Lava.Build.Cache;
using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Releases;
using Lava.Build.Services;
using Lava.Build.Services.Checks;
using Lava.Build.Services.Supervision;
using Lava.Build.Services.Systemd;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests;

/// <summary>Runs in a process of its own what a test must be able to kill, or to have many times at once.</summary>
internal static class HelperProgram
{
    /// <summary>What "unpack-each" says before it reads, and after each line.</summary>
    internal const string Ready = "ready";

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
            case ["unpack-each", var cache]:
                await UnpackEachAsync(new CacheLayout(cache));
                return 0;
            case ["assemble", var cache, var instance, var archive]:
                return await TellAsync(log => AssembleAsync(new CacheLayout(cache), new InstanceLayout(instance), archive, log));
            case ["add", var cache, var content]:
                return await TellAsync(async log =>
                {
                    ArchiveCache archives = new(new CacheLayout(cache), log);
                    string incoming = archives.FreshPath("added");
                    await File.WriteAllTextAsync(incoming, content);
                    Console.WriteLine(archives.Add(incoming, null, CancellationToken.None));
                });
            case ["prune", var cache]:
                return await TellAsync(log =>
                {
                    Console.WriteLine(new CachePruner(new CacheLayout(cache), log).Prune(TimeSpan.Zero, CancellationToken.None));
                    return Task.CompletedTask;
                });
            case ["write-behind", var directory]:
                await WriteBehindAsync(directory);
                return 0;
            case ["make-instance", var instance]:
                return await TellAsync(log => MakeInstanceAsync(new InstanceLayout(instance), log));
            case ["install-services", var instance, var directory, var start]:
                return await TellAsync(log => Installation(instance, directory, log).InstallAsync(bool.Parse(start), CancellationToken.None), lines: true);
            case ["remove-services", var instance, var directory]:
                return await TellAsync(log => Installation(instance, directory, log).RemoveAsync(CancellationToken.None), lines: true);
            case ["tell-of-units", var instance]:
                return await TellAsync(async _ => await TellOfUnitsAsync(new InstanceLayout(instance)));
            case ["stop-units", var instance, .. var services]:
                return await TellAsync(_ => InstanceUnits.Find(new InstanceLayout(instance))!.StopAsync(HostEnvironment.OfThisProcess(), services, SourceLocation.None, CancellationToken.None));
            case ["restart-units", var instance, .. var services]:
                return await TellAsync(_ => InstanceUnits.Find(new InstanceLayout(instance))!.RestartAsync(HostEnvironment.OfThisProcess(), services, SourceLocation.None, CancellationToken.None));
            default:
                return 2;
        }
    }

    /// <summary>The program that runs as <see cref="Start"/> does, for one who starts it another way.</summary>
    public static (string Program, string[] Arguments) CommandLine(params string[] arguments) =>
        (Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet" ? host : "dotnet",
            ["exec", typeof(HelperProgram).Assembly.Location, .. arguments]);

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
        (string program, string[] all) = CommandLine(arguments);
        ProcessStartInfo start = new(program, all) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        return Process.Start(start)!;
    }

    // Linux tells of a failed write each who had something open, and nobody else once one has heard it.
    private static async Task WriteBehindAsync(string directory)
    {
        await using WriteBehind disk = new(directory);
        await using WriteBehind another = new(directory);
        byte[] content = new byte[6 << 20];
        new Random(1).NextBytes(content);
        await File.WriteAllBytesAsync(Path.Combine(directory, "file"), content);
        await TellAsync("another", () => Task.Run(another.Sync));
        await TellAsync("opened late", () => Task.Run(() => Posix.SyncFileSystem(directory)));
        disk.Begin();
        await TellAsync("begun", disk.EndAsync);

        static async Task TellAsync(string who, Func<Task> work)
        {
            string outcome = "wrote";
            try
            {
                await work();
            }
            // Which of both depends on when the kernel found that there is no room.
            catch (IOException failure) when (failure.HResult is Posix.EIO or Posix.ENOSPC && failure.Message.Contains("disk", StringComparison.Ordinal))
            {
                outcome = "failed";
            }

            Console.WriteLine($"{who}: {outcome}");
        }
    }

    private static async Task UnpackAsync(CacheLayout layout, string archive) =>
        await Trees(layout, new RecordingLog()).EnsureAsync([Request(archive)], CancellationToken.None);

    // The archives of one line after the other, so that a test can let several start at once: starting .NET takes longer than unpacking.
    private static async Task UnpackEachAsync(CacheLayout layout)
    {
        ConsoleLog log = new();
        Console.WriteLine(Ready);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            await Trees(layout, log).EnsureAsync([.. line.Split(' ').Select(Request)], CancellationToken.None);
            Console.WriteLine(Ready);
        }
    }

    private static async Task AssembleAsync(CacheLayout cache, InstanceLayout instance, string archive, IBuildLog log)
    {
        TreeCache trees = Trees(cache, log);
        Directory.CreateDirectory(instance.Root);
        await new StoreWriter(instance, trees, cache, LinkMode.HardLink, log).EnsureAsync([(Request(archive), "a-1")], InspectionDepth.Manifest, CancellationToken.None);
    }

    private static async Task MakeInstanceAsync(InstanceLayout instance, IBuildLog log)
    {
        Directory.CreateDirectory(instance.Code);
        InstanceFiles files = new(instance, log);
        files.MakeDirectories([new DirectoryPart("etc/open/closed", FileTree.PrivateMode, SourceLocation.None)]);
        files.MakeSecrets([new SecretPart("etc/secret/key", 50, SourceLocation.None)], CancellationToken.None);
        await new InstanceLinks(instance, log).MakeAsync([new LinkPart("etc/link/to", "etc/open", SourceLocation.None)], CancellationToken.None);
        await new ConfigurationFiles(instance, log).WriteAsync([new ConfigurationFile("etc/web/sites/lava.conf", "", AtomicFile.PublicMode)], CancellationToken.None);
    }

    // One line of a status each.
    private static async Task TellOfUnitsAsync(InstanceLayout instance)
    {
        RunHoles holes = ActiveRelease.Of(instance, SourceLocation.None);
        (bool runs, string? release) = await RunningInstance.FindAsync(instance, ServicesFile.ReadIfAny(holes.Release), holes, CancellationToken.None);
        Console.WriteLine($"runs {runs} {release}");
        if (InstanceUnits.Find(instance) is not { } units)
        {
            Console.WriteLine("no units");
            return;
        }

        StatusReport report = await units.StatusAsync(HostEnvironment.OfThisProcess(), CancellationToken.None);
        Console.WriteLine(report.Summary);
        foreach (ServiceReport service in report.Services)
        {
            Console.WriteLine($"{service.Name} {service.State} {service.Process} {service.Restarts} {service.Since} {service.Reason}".TrimEnd());
        }
    }

    private static ServiceInstallation Installation(string instance, string directory, IBuildLog log) =>
        new(new InstanceLayout(instance), directory, new ServiceManager(HostEnvironment.OfThisProcess()), log);

    private static TreeCache Trees(CacheLayout layout, IBuildLog log) => new(
        layout, new ArchiveCache(layout, log), null, new UnpackLimits(), new ProcessRunner(HostEnvironment.OfThisProcess()), log);

    private static TreeRequest Request(string archive) => new("a", archive, new TreeRecipe(ArchiveFormat.Tar), SourceLocation.None);

    // As a task does: each problem is one line, and each of the other lines if they are asked for.
    private static async Task<int> TellAsync(Func<IBuildLog, Task> work, bool lines = false)
    {
        RecordingLog log = new();
        IReadOnlyList<Problem> errors = [];
        try
        {
            await work(log);
        }
        catch (LavaException failure)
        {
            errors = failure.Problems;
        }
        catch (Exception failure) when (FileSystemProblem.From(failure) is { } problem)
        {
            errors = [problem];
        }

        foreach (string line in lines ? log.Lines : [])
        {
            Console.WriteLine(line);
        }

        foreach (Problem problem in log.Warnings.Concat(errors))
        {
            Console.WriteLine($"{problem.Code}: {problem.Text}");
        }

        return errors.Count;
    }

    /// <summary>Tells at once.</summary>
    private sealed class ConsoleLog : IBuildLog
    {
        public void Say(string text) => Console.WriteLine(text);

        public void Detail(string text) => Console.WriteLine(text);

        public void Warn(Problem problem) => Console.WriteLine($"{problem.Code}: {problem.Text}");
    }
}
