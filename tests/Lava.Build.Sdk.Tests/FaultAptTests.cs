using Lava.Build.Tests;
using Lava.Build.Tests.Sources;

namespace Lava.Build.Sdk.Tests;

/// <summary>What goes wrong between apt and its archives, in real restores beside an instance that stands.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class FaultAptTests
{
    private static readonly string[] Impatient = ["-p:LavaRetries=0", "-p:LavaIdleTimeout=1"];

    [TestMethod]
    public async Task An_unknown_version_is_told_with_those_there_are()
    {
        using AptRepository repository = new();
        await repository.AddAsync("beta", "1:1.0-1");
        await repository.AddAsync("beta", "1:2.0-1");
        using TestProject project = await BuiltAsync(repository, "1:1.5-1");
        Diagnostic error = await project.AssertFaultAsync(
            await project.BuildAsync(), "LAVA2011", "'beta'", "no version 1:1.5-1", "It has: 1:2.0-1, 1:1.0-1", "Choose one of them");
        Assert.AreEqual(project.File, error.File);
        Assert.AreNotEqual(0, error.Line);
        Ask(project, "1:2.0-1");
        await project.AssertConvergesAsync("1.0");
    }

    [TestMethod]
    public async Task An_unknown_package_is_told()
    {
        using AptRepository repository = new();
        await repository.AddAsync("gamma", "1");
        using TestProject project = await BuiltAsync(repository, "1");
        await project.AssertFaultAsync(await project.BuildAsync(), "LAVA2010", "'beta'", "no such package", "Correct the name");
    }

    [TestMethod]
    public async Task A_machine_without_apt_is_told_what_to_install()
    {
        using AptRepository repository = new();
        using TestProject project = await BuiltAsync(repository, "1");
        string programs = project["programs"];
        Directory.CreateDirectory(programs);
        foreach (string program in Directory.EnumerateFiles("/usr/bin").Where(program => !Path.GetFileName(program).StartsWith("apt", StringComparison.Ordinal)))
        {
            File.CreateSymbolicLink(Path.Combine(programs, Path.GetFileName(program)), program);
        }

        CommandResult result = await project.RunAsync("env", $"PATH={programs}:{Path.GetDirectoryName(await DotNetAsync(project))}", "dotnet", "build", "instance.proj");
        await project.AssertFaultAsync(result, "LAVA9001", "'apt-get' is needed for component 'beta'", "not found in PATH", "the package apt.");
    }

    [TestMethod]
    public async Task A_mirror_that_accepts_and_never_answers_is_given_up()
    {
        using AptRepository repository = new();
        using LoopbackServer server = new(exchange => exchange.StallAsync());
        repository.Use(server.Url("").TrimEnd('/'));
        using TestProject project = await BuiltAsync(repository, "1");
        await project.AssertFaultAsync(await project.BuildAsync(Impatient), "LAVA2012", "'beta'", $"127.0.0.1:{server.Port}", "could not be renewed", "try again");
    }

    [TestMethod]
    public async Task A_mirror_that_is_not_there_is_told_in_apts_words()
    {
        using AptRepository repository = new();
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("404 Not Found", []));
        repository.Use(server.Url("").TrimEnd('/'));
        using TestProject project = await BuiltAsync(repository, "1");
        await project.AssertFaultAsync(await project.BuildAsync(Impatient), "LAVA2012", "'beta'", $"127.0.0.1:{server.Port}", "404");
    }

    [TestMethod]
    // The index that is signed by nobody, and by nonsense.
    [DataRow("", "is not signed")]
    [DataRow("nonsense", "Signed file isn't valid")]
    public async Task A_signature_that_is_missing_or_bad_is_told(string signature, string words)
    {
        using AptRepository repository = new();
        await repository.AddAsync("beta", "1");
        await File.WriteAllTextAsync(Path.Combine(repository.Root, "Release"), "Date: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:\n");
        if (signature.Length > 0)
        {
            await File.WriteAllTextAsync(Path.Combine(repository.Root, "Release.gpg"), signature);
        }

        repository.Use($"copy:{repository.Root}", "");
        using TestProject project = await BuiltAsync(repository, "1");
        await project.AssertFaultAsync(await project.BuildAsync(), "LAVA2012", "'beta'", words, "apt sources");
    }

    [TestMethod]
    public async Task A_package_that_the_mirror_lists_and_does_not_have_is_told()
    {
        using AptRepository repository = new();
        await repository.AddAsync("beta", "1");
        using LoopbackServer server = new(repository.ServeAsync);
        repository.Use(server.Url("").TrimEnd('/'));
        File.Delete(Path.Combine(repository.Root, "beta_1_all.deb"));
        using TestProject project = await BuiltAsync(repository, "1");
        await project.AssertFaultAsync(await project.BuildAsync(Impatient), "LAVA2015", "'beta'", "version 1", "404", "apt sources");
    }

    [TestMethod]
    public async Task A_package_that_the_lists_do_not_say_the_file_of_is_told_in_apts_words()
    {
        using AptRepository repository = new();
        await repository.AddAsync("beta", "1");
        string list = Path.Combine(repository.Root, "Packages");
        await File.WriteAllLinesAsync(list, File.ReadAllLines(list).Where(line => !line.StartsWith("Filename:", StringComparison.Ordinal)));
        using TestProject project = await BuiltAsync(repository, "1");
        await project.AssertFaultAsync(await project.BuildAsync(), "LAVA2014", "'beta'", "does not offer it", "Can't find a source to download version '1'", "apt preferences and sources");
    }

    [TestMethod]
    public async Task Offline_builds_of_cached_packages_ask_apts_lists_and_open_no_socket()
    {
        using AptRepository repository = new();
        await repository.AddAsync("beta", "1");
        using LoopbackServer server = new(repository.ServeAsync);
        repository.Use(server.Url("").TrimEnd('/'));
        using TestProject project = await BuiltAsync(repository, "1");
        string[] online = await TraceAsync(project);
        Assert.IsNotEmpty(online.Where(line => line.Contains("connect(", StringComparison.Ordinal) && line.Contains($"htons({server.Port})", StringComparison.Ordinal)));
        int exchanges = server.Exchanges.Count;
        string locked = project.Read("instance.lock.json");

        // Archives and lists are all that is left.
        TestDirectory.Delete(Path.Combine(project.Cache, "trees"));
        TestDirectory.Delete(project["obj"]);
        File.Delete(project.LockFile);
        string[] offline = await TraceAsync(project, "-p:LavaOffline=true", "-p:LavaInstance=other");
        Assert.IsNotEmpty(offline.Where(line => line.Contains("/apt-get\"", StringComparison.Ordinal)));
        string[] inet = [.. offline.Where(line => line.Contains("AF_INET", StringComparison.Ordinal))];
        Assert.IsEmpty(inet, string.Join('\n', inet));
        Assert.HasCount(exchanges, server.Exchanges);
        Assert.AreEqual(locked, project.Read("instance.lock.json"));
        string instance = project["instances", "other"];
        (await project.RunAsync(Path.Combine(instance, "bin", "alpha"))).Succeeds().Says("alpha 1.0");
        Assert.AreEqual("hello", File.ReadAllText(Path.Combine(instance, "code", "current", "usr", "beta")));
    }

    /// <summary>Builds, and returns what programs were started and what sockets opened and connected.</summary>
    private static async Task<string[]> TraceAsync(TestProject project, params string[] arguments)
    {
        string trace = project["trace"];
        string[] strace = ["-f", "-qq", "-e", "trace=execve,socket,connect", "-o", trace, "dotnet", "build", "instance.proj"];
        (await project.RunAsync("strace", [.. strace, .. arguments])).Succeeds();
        return File.ReadAllLines(trace);
    }

    private static async Task<TestProject> BuiltAsync(AptRepository repository, string version)
    {
        TestProject project = await Faults.BuiltAsync();
        project.SetVariable("APT_CONFIG", repository.Configuration);
        Ask(project, version);
        return project;
    }

    private static void Ask(TestProject project, string version) => project.Describe(TestProject.Items(
        TestProject.Component("alpha", "1.0"), $"""<LavaComponent Include="beta" Source="deb" Version="{version}" />"""));

    private static async Task<string> DotNetAsync(TestProject project) =>
        (await project.RunAsync("sh", "-c", "readlink -f \"$(command -v dotnet)\"")).Succeeds().Output.Trim();
}
