using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Tests.Platform;

[TestClass]
public sealed class HostEnvironmentTests
{
    [TestMethod]
    public void A_program_is_found_as_a_shell_in_the_project_would_find_it()
    {
        using TemporaryDirectory directory = new();
        foreach ((string path, bool executable) in ((string, bool)[])[("one/run", false), ("two/run", true), ("three/run", true), ("two/only", true)])
        {
            string file = Path.Combine(directory.Path, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, "");
            File.SetUnixFileMode(file, executable ? (UnixFileMode)0b111_101_101 : (UnixFileMode)0b110_100_100);
        }

        Directory.CreateDirectory(Path.Combine(directory.Path, "one/only"));
        HostEnvironment host = new(directory.Path, new Dictionary<string, string> { ["PATH"] = $"{directory.Path}/one:::two:{directory.Path}/three" });
        Assert.AreEqual(Path.Combine(directory.Path, "two/run"), host.FindProgram("run"));
        Assert.AreEqual(Path.Combine(directory.Path, "two/only"), host.FindProgram("only"));
        Assert.AreEqual(Path.Combine(directory.Path, "three/run"), host.FindProgram("./three/run"));
        Assert.AreEqual(Path.Combine(directory.Path, "three/run"), host.FindProgram(Path.Combine(directory.Path, "three/run")));
        Assert.IsNull(host.FindProgram("one/run"));
        Assert.IsNull(host.FindProgram("sh"));
        Problem problem = Assert.ThrowsExactly<LavaException>(() => new ProcessRunner(host).FindProgram("no-such-program")).Problems.Single();
        Assert.AreEqual("LAVA9001", problem.Code);
        Assert.Contains("'no-such-program'", problem.Text);
    }

    [TestMethod]
    public void Without_a_PATH_there_are_the_usual_places() =>
        Assert.EndsWith("/sh", new HostEnvironment("/", new Dictionary<string, string>()).FindProgram("sh")!);
}
