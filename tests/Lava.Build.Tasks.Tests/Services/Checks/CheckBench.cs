using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Services;
using Lava.Build.Services.Checks;

namespace Lava.Build.Tests.Services.Checks;

/// <summary>An instance with an active release, in which checks are carried out.</summary>
internal sealed class CheckBench : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public CheckBench(params (string Name, string Value)[] variables)
    {
        Layout = new InstanceLayout(Path.Combine(_directory.Path, "it's an instance"));
        Directory.CreateDirectory(Path.Combine(Release, "bin"));
        Directory.CreateDirectory(Path.Combine(Layout.Root, "tmp"));
        File.CreateSymbolicLink(Layout.Current, "1.0+12345678");
        Host = new HostEnvironment(
            _directory.Path,
            new Dictionary<string, string>(variables.Select(variable => KeyValuePair.Create(variable.Name, variable.Value))) { ["PATH"] = "/usr/bin:/bin" });
    }

    public InstanceLayout Layout { get; }

    public HostEnvironment Host { get; }

    public string Release => Layout.Release("1.0+12345678");

    /// <summary>Makes a program of the release.</summary>
    public void AddProgram(string path, string script)
    {
        string file = Path.Combine(Release, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        ProgramFile.Write(file, $"#!/bin/sh\n{script}\n", UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    public async Task<CheckResult> RunAsync(CheckDescription check) => (await RunAsync([check])).Single();

    public async Task<IReadOnlyList<CheckResult>> RunAsync(
        IReadOnlyList<CheckDescription> checks, Action<CheckResult>? onResult = null, CancellationToken cancellation = default)
    {
        Lava.Build.Diagnostics.SourceLocation project = new("instance.proj");
        InstancePrograms programs = new(ActiveRelease.Of(Layout, project), new InstanceServices(), Host, project);
        using HttpCheck http = new(programs.Holes, Host);
        return await new CheckRunner(http, new ProgramCheck(programs, new ProcessRunner(Host))).RunAsync(checks, onResult ?? (_ => { }), cancellation);
    }

    public void Dispose() => _directory.Dispose();
}
