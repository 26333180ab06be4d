namespace Lava.Build.Sdk.Tests;

/// <summary>The benchmarks run, at a size that measures nothing.</summary>
[TestClass]
public sealed class BenchmarkTests
{
    private static readonly string Program = Path.Combine(
        Repository.Root, "tests", "Lava.Build.Benchmarks", "bin", Repository.Configuration, "net10.0", "Lava.Build.Benchmarks.dll");

    private static readonly string[] Peers = ["npm", "pnpm", "bun", "virtualenv"];

    [TestMethod]
    [TestCategory("Slow")]
    public async Task The_benchmarks_print_a_table_leave_out_what_is_not_installed_and_delete_what_they_made()
    {
        using TestDirectory directory = new();
        string temporary = Directory.CreateDirectory(directory["tmp"]).FullName;
        Dictionary<string, string> environment = new()
        {
            ["TMPDIR"] = temporary,
            ["PATH"] = WithoutPeers(directory),
        };

        CommandResult result = await Command.RunAsync(
            "dotnet", directory.Path, environment, Program, "--runs", "1", "--size", "2", "warm", "peers-noop");

        result.Succeeds()
            .Says("| new instance from a warm cache, 2 components of 100 files | ours |")
            .Says("|  | cp -al |")
            .Says("Left out: bun, which is not installed (npm install --prefix DIR pnpm bun, then --peers DIR).")
            .Says("Left out: virtualenv, which is not installed (apt-get install virtualenv python3-pip).");
        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(temporary, "lava-build-bench-*"));
    }

    [TestMethod]
    public async Task Help_lists_the_scenarios_and_a_wrong_name_fails()
    {
        using TestDirectory directory = new();

        CommandResult help = await Command.RunAsync("dotnet", directory.Path, new Dictionary<string, string>(), Program, "--help");
        CommandResult wrong = await Command.RunAsync("dotnet", directory.Path, new Dictionary<string, string>(), Program, "worm");

        help.Succeeds().Says("  warm ").Says("  peers-node ");
        Assert.AreEqual(2, wrong.ExitCode, wrong.ToString());
    }

    // A directory with links to all programs of PATH but the peers.
    private static string WithoutPeers(TestDirectory directory)
    {
        string programs = Directory.CreateDirectory(directory["bin"]).FullName;
        IEnumerable<string> paths = Environment.GetEnvironmentVariable("PATH")!.Split(':').Where(Directory.Exists).SelectMany(Directory.EnumerateFiles);
        foreach (string path in paths.DistinctBy(Path.GetFileName).Where(path => !Peers.Contains(Path.GetFileName(path))))
        {
            File.CreateSymbolicLink(Path.Combine(programs, Path.GetFileName(path)), path);
        }

        return programs;
    }
}
