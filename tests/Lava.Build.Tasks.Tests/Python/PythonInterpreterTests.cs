using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Python;

namespace Lava.Build.Tests.Python;

[TestClass]
public sealed class PythonInterpreterTests
{
    private static readonly HostEnvironment Host = HostEnvironment.OfThisProcess();

    [TestMethod]
    [DataRow(Pythons.Path)]
    [DataRow("python3")]
    public async Task The_hosts_Python_tells_of_itself(string path)
    {
        HostEnvironment host = new("/", new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" });
        PythonInterpreter python = await PythonInterpreter.FindAsync(path, new ProcessRunner(host), host, CancellationToken.None)
            ?? throw new AssertInconclusiveException($"{Pythons.Path} is not installed.");
        Assert.AreEqual(Path.GetFullPath(File.ResolveLinkTarget(Pythons.Path, returnFinalTarget: true)?.FullName ?? Pythons.Path), python.Executable);
        Assert.MatchesRegex(@"\A3\.[0-9]+\.[0-9]+\z", python.Version);
        Assert.StartsWith(python.ShortVersion + ".", python.Version);
        Assert.AreEqual($"python{python.ShortVersion}", python.Name);
        Assert.AreEqual($"lib/{python.Name}/site-packages", python.SitePackages);
        Assert.AreEqual($"cpython-{python.ShortVersion.Replace(".", "", StringComparison.Ordinal)}", python.CacheTag);
    }

    [TestMethod]
    [DataRow("/no/such/python3")]
    [DataRow("no-such-python3")]
    [DataRow("/etc/passwd")]
    [DataRow("/usr/bin")]
    public async Task Where_there_is_none_there_is_none(string path) =>
        Assert.IsNull(await PythonInterpreter.FindAsync(path, new ProcessRunner(Host), Host, CancellationToken.None));

    [TestMethod]
    [DataRow("echo trouble >&2; exit 3", "exit code 3: trouble")]
    [DataRow("echo hello", "does not answer as Python does")]
    [DataRow("true", "does not answer as Python does")]
    [DataRow("echo '[\"a\", \"3.11.2\", null]'", "does not answer as Python does")]
    [DataRow("echo '{}'", "does not answer as Python does")]
    public async Task A_program_that_does_not_work_as_Python_is_an_error(string script, string expected)
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "python3");
        await File.WriteAllTextAsync(path, "#!/bin/sh\n" + script);
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(
            () => PythonInterpreter.FindAsync(path, new ProcessRunner(Host), Host, CancellationToken.None));
        Assert.AreEqual("LAVA9010", failure.Problems.Single().Code);
        Assert.Contains(expected, failure.Problems.Single().Text);
        Assert.Contains(path, failure.Problems.Single().Text);
    }
}
