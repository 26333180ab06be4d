using System.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Services;
using Lava.Build.Services.Supervision;

namespace Lava.Build.Tests.Services.Supervision;

/// <summary>An instance in a directory of its own, whose services are small scripts; what it started is gone at the end.</summary>
internal sealed class RunningInstance : IDisposable
{
    internal const string Release = "1.0+0123abcd";
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    // A short path: sockets stand in it.
    private readonly TemporaryDirectory _directory = new();
    private readonly List<SupervisorProcess> _started = [];

    internal RunningInstance()
    {
        Root = Path.Combine(_directory.Path, "i");
        Directory.CreateDirectory(InRelease("bin"));
        Directory.CreateDirectory(InRelease("share/lava-build"));
        Directory.CreateDirectory(InRelease(StepScripts.Directory));
        File.CreateSymbolicLink(Path.Combine(Root, "code/current"), Release);
    }

    /// <summary>A script that runs until it is asked to end.</summary>
    internal static string Lasting => "echo \"$LAVA_SERVICE is there\"; exec sleep 1000";

    internal string Root { get; }

    internal InstanceLayout Layout => new(Root);

    internal InstanceState State => StateFile.Read(Layout) ?? throw new AssertFailedException("There is no state file.");

    internal ServiceState this[string service] => State.Services.Single(one => one.Name == service);

    internal string At(params string[] names) => Path.Combine([Root, .. names]);

    internal string InRelease(params string[] names) => Path.Combine([Root, "code", Release, .. names]);

    /// <summary>What a service's log has.</summary>
    internal string Log(string name) => File.Exists(At("var/log", $"{name}.log")) ? File.ReadAllText(At("var/log", $"{name}.log")) : "";

    /// <summary>Makes a program, and a service of its name that runs it.</summary>
    internal ServiceDescription Service(string name, string script)
    {
        Write(InRelease("bin", name), $"#!/bin/sh\n{script}\n");
        return new ServiceDescription { Name = name, Command = name, RestartDelay = 0, StopTimeout = 5 };
    }

    /// <summary>Makes a step and its script.</summary>
    internal StepDescription Step(string name, string script, StepFrequency once = StepFrequency.Release)
    {
        StepDescription step = new() { Name = name, Command = script, Once = once };
        GeneratedScript(step);
        return step;
    }

    internal void Describe(params ServiceDescription[] services) => Describe(services, []);

    internal void Describe(ServiceDescription[] services, StepDescription[] steps, string address = "http://127.0.0.1:8000/", string user = "")
    {
        InstanceServices all = new() { Instance = "sample", Address = address, User = user, Services = services, Steps = steps };
        File.WriteAllText(InRelease(ServicesFile.Path), ServicesFile.ToText(all));
    }

    /// <summary>Starts a supervisor.</summary>
    internal SupervisorProcess Run(params string[] options) => Run(new Dictionary<string, string>(), options);

    internal SupervisorProcess Run(IReadOnlyDictionary<string, string> variables, params string[] options)
    {
        SupervisorProcess process = SupervisorProcess.Start(["run", "--instance", Root, .. options], variables);
        _started.Add(process);
        return process;
    }

    /// <summary>Starts a supervisor and waits until all is healthy.</summary>
    internal async Task<SupervisorProcess> RunHealthyAsync(params string[] options)
    {
        SupervisorProcess process = Run(options);
        await process.SaysAsync("sample -> ");
        return process;
    }

    /// <summary>All living processes that programs of this instance are, or have started.</summary>
    internal IReadOnlyList<ProcessStatus> Processes() =>
        [.. ProcessTable.All().Where(process => ProcessTable.Variable(process.Id, "LAVA_INSTANCE") == Root)];

    internal void AssertNothingRuns() =>
        Assert.AreEqual("", string.Join('\n', Processes().Select(process => $"{process.Id} {ProcessTable.CommandLine(process)}")));

    /// <summary>Lets other users reach the instance.</summary>
    internal void OpenToAll() => File.SetUnixFileMode(_directory.Path, Executable);

    /// <summary>Waits for a condition.</summary>
    internal static async Task UntilAsync(Func<bool> condition, string what)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.IsLessThan(Deadline, clock.Elapsed, $"In vain: {what}");
            await Task.Delay(10);
        }
    }

    public void Dispose()
    {
        foreach (SupervisorProcess process in _started)
        {
            process.Dispose();
        }

        SessionMembers.Signal(Processes().Select(process => new ProcessIdentity(process.Id, process.Start)), Posix.SIGKILL);
        _directory.Dispose();
    }

    private static void Write(string path, string text) => ProgramFile.Write(path, text, Executable);

    private void GeneratedScript(StepDescription step)
    {
        Lava.Build.Releases.GeneratedFile file = StepScripts.For([step]).Single();
        Write(InRelease(file.Path), file.Content!);
    }
}
