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
        using TemporaryDirectory record = new();
        HostEnvironment host = new("/", new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" });
        PythonInterpreter python = await PythonInterpreter.FindAsync(path, new PythonRecord(record.Path), new ProcessRunner(host), host, CancellationToken.None)
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
    public async Task Where_there_is_none_there_is_none(string path)
    {
        using TemporaryDirectory record = new();
        Assert.IsNull(await FindAsync(path, record.Path));
    }

    [TestMethod]
    [DataRow("echo trouble >&2; exit 3", "exit code 3: trouble")]
    [DataRow("echo hello", "does not answer as Python does")]
    [DataRow("true", "does not answer as Python does")]
    [DataRow("echo /a; echo 3.11.2", "does not answer as Python does")]
    [DataRow("echo a; echo 3.11.2; echo cpython-311", "does not answer as Python does")]
    [DataRow("echo /a; echo 3.11; echo cpython-311", "does not answer as Python does")]
    [DataRow("echo /a; echo x.y.z; echo cpython-311", "does not answer as Python does")]
    [DataRow("echo /a; echo 3.11.2; echo cpython-311; echo more", "does not answer as Python does")]
    [DataRow("echo /a; echo '3. 11.2'; echo cpython-311", "does not answer as Python does")]
    [DataRow("echo /a; echo 3.+11.2; echo cpython-311", "does not answer as Python does")]
    [DataRow("echo /a; echo 3.11.2.0; echo cpython-311", "does not answer as Python does")]
    [DataRow("echo /a; echo 3.11.2; echo ../cpython-311", "does not answer as Python does")]
    [DataRow("printf '/a\\0b\\n3.11.2\\ncpython-311\\n'", "does not answer as Python does")]
    public async Task A_program_that_does_not_work_as_Python_is_an_error(string script, string expected)
    {
        using TemporaryDirectory directory = new();
        string path = MakeScript(directory.Path, script);
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(() => FindAsync(path, directory.Path));
        Assert.AreEqual("LAVA9010", failure.Problems.Single().Code);
        Assert.Contains(expected, failure.Problems.Single().Text);
        Assert.Contains(path, failure.Problems.Single().Text);
    }

    [TestMethod]
    public async Task An_interpreter_is_asked_once()
    {
        using TemporaryDirectory directory = new();
        string path = MakeAnswering(directory.Path);
        string record = Path.Combine(directory.Path, "record");
        PythonInterpreter? asked = await FindAsync(path, record);
        PythonInterpreter? remembered = await FindAsync(path, record);
        Assert.AreEqual(asked, remembered);
        Assert.AreEqual("asked\n", await File.ReadAllTextAsync(path + ".log"));
    }

    [TestMethod]
    public async Task An_interpreter_that_was_replaced_is_asked_again()
    {
        using TemporaryDirectory directory = new();
        string path = MakeAnswering(directory.Path);
        string record = Path.Combine(directory.Path, "record");
        await FindAsync(path, record);
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        await FindAsync(path, record);
        Assert.AreEqual("asked\nasked\n", await File.ReadAllTextAsync(path + ".log"));
    }

    [TestMethod]
    public async Task A_script_that_runs_another_interpreter_is_asked_each_time()
    {
        using TemporaryDirectory directory = new();
        string path = MakeScript(directory.Path, "echo asked >> \"$0.log\"; echo /usr/bin/other; echo 3.11.2; echo cpython-311");
        string record = Path.Combine(directory.Path, "record");
        await FindAsync(path, record);
        await FindAsync(path, record);
        Assert.AreEqual("asked\nasked\n", await File.ReadAllTextAsync(path + ".log"));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("/usr/bin/python3.11\n3.11.2\n")]
    [DataRow("\0\0\0")]
    public async Task A_damaged_record_is_made_anew(string content)
    {
        using TemporaryDirectory directory = new();
        string path = MakeAnswering(directory.Path);
        string record = Path.Combine(directory.Path, "record");
        PythonInterpreter? asked = await FindAsync(path, record);
        await File.WriteAllTextAsync(Directory.GetFiles(record).Single(), content);
        Assert.AreEqual(asked, await FindAsync(path, record));
        Assert.AreEqual(asked!.ToText(), await File.ReadAllTextAsync(Directory.GetFiles(record).Single()));
    }

    [TestMethod]
    public async Task Where_no_record_can_be_kept_the_interpreter_is_asked_each_time()
    {
        using TemporaryDirectory directory = new();
        string path = MakeAnswering(directory.Path);
        Assert.IsNotNull(await FindAsync(path, Path.Combine(path, "record")));
    }

    private static Task<PythonInterpreter?> FindAsync(string path, string record) =>
        PythonInterpreter.FindAsync(path, new PythonRecord(record), new ProcessRunner(Host), Host, CancellationToken.None);

    private static string MakeAnswering(string directory) =>
        MakeScript(directory, "echo asked >> \"$0.log\"; echo \"$0\"; echo 3.11.2; echo cpython-311");

    private static string MakeScript(string directory, string script)
    {
        string path = Path.Combine(directory, "python3");
        File.WriteAllText(path, "#!/bin/sh\n" + script);
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        return path;
    }
}
