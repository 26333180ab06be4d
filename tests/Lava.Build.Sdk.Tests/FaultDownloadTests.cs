using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Lava.Build.Tests;

namespace Lava.Build.Sdk.Tests;

/// <summary>What servers and networks do wrong, in real builds of an instance that stands.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class FaultDownloadTests
{
    private const string AnyDigest = "1111111111111111111111111111111111111111111111111111111111111111";
    private static readonly string[] Impatient = ["-p:LavaRetries=0", "-p:LavaIdleTimeout=1"];

    [TestMethod]
    public async Task A_wrong_hash_is_told_with_both_values_and_whose_they_are()
    {
        using TestProject project = await Faults.BuiltAsync();
        byte[] archive = Next(project);
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", archive));
        Ask(project, server, AnyDigest);
        Diagnostic error = await project.AssertFaultAsync(
            await project.BuildAsync(), "LAVA2001", "'alpha'", server.Url("alpha-2.0.tar.gz"), Digest(archive), AnyDigest, "the project", "Nothing was kept");
        Assert.AreEqual(project.File, error.File);
        Assert.AreNotEqual(0, error.Line);
        Ask(project, server, Digest(archive));
        await project.AssertConvergesAsync("2.0");
    }

    [TestMethod]
    [DataRow("404 Not Found", "404 Not Found|Correct the URL")]
    [DataRow("403 Forbidden", "403 Forbidden|netrc")]
    [DataRow("503 Service Unavailable", "503 Service Unavailable|Try again later")]
    public async Task A_refusal_is_told_with_its_status(string status, string words)
    {
        using TestProject project = await Faults.BuiltAsync();
        byte[] archive = Next(project);
        bool refuse = true;
        using LoopbackServer server = new(exchange => refuse ? exchange.ReplyAsync(status, []) : exchange.ReplyAsync("200 OK", archive));
        Ask(project, server);
        await project.AssertFaultAsync(
            await project.BuildAsync(Impatient), "LAVA2021", ["'alpha'", server.Url("alpha-2.0.tar.gz"), .. words.Split('|')]);
        refuse = false;
        await project.AssertConvergesAsync("2.0");
    }

    [TestMethod]
    public async Task A_server_that_stalls_is_given_up_after_the_idle_limit()
    {
        using TestProject project = await Faults.BuiltAsync();
        byte[] archive = Next(project);
        bool stall = true;
        using LoopbackServer server = new(async exchange =>
        {
            if (stall)
            {
                await exchange.HeadAsync("200 OK", $"Content-Length: {archive.Length}");
                await exchange.SendAsync(archive.AsMemory(0, 10));
                await exchange.StallAsync();
            }

            await exchange.ReplyAsync("200 OK", archive);
        });
        Ask(project, server);
        await project.AssertFaultAsync(await project.BuildAsync(Impatient), "LAVA2023", "'alpha'", server.Url(""), "sent nothing for 1 s", "Mirrors");
        stall = false;
        await project.AssertConvergesAsync("2.0");
    }

    [TestMethod]
    // How much longer, or shorter, than the truth the announced length is; what is told; whether the pin is known.
    [DataRow(50, "LAVA2025", "the transfer from {url}|Try again", true)]
    [DataRow(50, "LAVA2025", "the transfer from {url}|Try again", false)]
    [DataRow(-50, "LAVA2001", "{url}|has SHA-256|the project", true)]
    // It was pinned as it came, so the whole one has to be meant.
    [DataRow(-50, "LAVA3001", "is damaged|--force-evaluate", false, "-p:RestoreForceEvaluate=true")]
    public async Task A_server_that_cuts_off_or_lies_about_length_is_found_out(
        int lie, string code, string words, bool pinned, params string[] cure)
    {
        using TestProject project = await Faults.BuiltAsync();
        byte[] archive = Next(project);
        int extra = lie;
        using LoopbackServer server = new(async exchange =>
        {
            await exchange.HeadAsync("200 OK", $"Content-Length: {archive.Length + extra}");
            await exchange.SendAsync(archive);
        });
        Ask(project, server, pinned ? Digest(archive) : null);
        words = words.Replace("{url}", server.Url(""), StringComparison.Ordinal);
        await project.AssertFaultAsync(await project.BuildAsync(Impatient), code, ["'alpha'", .. words.Split('|')]);
        extra = 0;
        await project.AssertConvergesAsync("2.0", cure);
    }

    [TestMethod]
    public async Task A_server_that_resumes_with_another_part_is_told_and_the_next_build_starts_afresh()
    {
        using TestProject project = await Faults.BuiltAsync();
        byte[] archive = Next(project);
        using LoopbackServer server = new(async exchange =>
        {
            if (exchange["Range"] is not null)
            {
                await exchange.ReplyAsync("206 Partial Content", [1, 2, 3], $"Content-Range: bytes 0-2/{archive.Length}");
                return;
            }

            await exchange.HeadAsync("200 OK", $"Content-Length: {archive.Length}", "ETag: \"one\"");
            await exchange.SendAsync(archive.AsMemory(0, exchange.Index == 0 ? archive.Length / 2 : archive.Length));
        });
        Ask(project, server);
        await project.AssertFaultAsync(await project.BuildAsync(Impatient), "LAVA2025", "'alpha'", server.Url(""));
        await project.AssertFaultAsync(await project.BuildAsync(Impatient), "LAVA2033", "'alpha'", server.Url(""), "another part", "Try again", "Mirrors");
        await project.AssertConvergesAsync("2.0", Impatient);
        Assert.HasCount(3, server.Exchanges);
    }

    [TestMethod]
    public async Task Another_size_than_the_lock_files_is_told_with_both()
    {
        using TestProject project = await Faults.BuiltAsync();
        byte[] archive = Next(project);
        byte[] offered = archive;
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", offered));
        Ask(project, server);
        (await project.RestoreAsync()).Succeeds();
        TestDirectory.Delete(project.Cache);
        offered = [.. archive, 0];
        await project.AssertFaultAsync(
            await project.BuildAsync(Impatient), "LAVA2030", "'alpha'", $"has {archive.Length + 1} bytes", $"the lock file says {archive.Length}");
        offered = archive;
        await project.AssertConvergesAsync("2.0");
    }

    [TestMethod]
    public async Task A_circle_of_redirects_is_told()
    {
        using TestProject project = await Faults.BuiltAsync();
        Next(project);
        using LoopbackServer server = new(exchange => exchange.HeadAsync("302 Found", exchange.Target == "/b" ? "Location: /alpha-2.0.tar.gz" : "Location: /b"));
        Ask(project, server);
        await project.AssertFaultAsync(await project.BuildAsync(), "LAVA2026", "'alpha'", server.Url("alpha-2.0.tar.gz"), "in a circle", "Correct the URL");
    }

    [TestMethod]
    public async Task An_error_page_is_not_pinned()
    {
        using TestProject project = await Faults.BuiltAsync();
        string locked = project.Read("instance.lock.json");
        Next(project);
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", "<html>log in</html>"u8.ToArray()));
        Ask(project, server);
        await project.AssertFaultAsync(await project.BuildAsync(), "LAVA2035", "'alpha'", server.Url(""), "Nothing was pinned", "browser");
        Assert.AreEqual(locked, project.Read("instance.lock.json"));
    }

    [TestMethod]
    public async Task Mirrors_that_all_fail_are_told_in_one_line()
    {
        using TestProject project = await Faults.BuiltAsync();
        Next(project);
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("404 Not Found", []));
        Ask(project, server, null, $"Mirrors=\"{server.Url("one")};{server.Url("two")}\"");
        await project.AssertFaultAsync(await project.BuildAsync(), "LAVA2020", "'alpha'", "3 addresses", "(1) LAVA2021", "(3) LAVA2021", server.Url("two"));
    }

    [TestMethod]
    [DataRow(false, DisplayName = "Nobody listens")]
    [DataRow(true, DisplayName = "No network at all")]
    public async Task Without_a_network_the_address_is_told_and_what_is_cached_still_builds(bool unshared)
    {
        using TestProject project = await Faults.BuiltAsync();
        Next(project);
        string url = $"http://127.0.0.1:{ClosedPort()}/alpha-2.0.tar.gz";
        Ask(project, url);
        CommandResult result = unshared
            ? await project.UnsharedAsync("dotnet build instance.proj -p:LavaRetries=0", "--net")
            : await project.BuildAsync("-p:LavaRetries=0");
        await project.AssertFaultAsync(result, "LAVA2022", "'alpha'", url, "could not be reached", "proxy variables");

        // What was built before can be built anew.
        project.Describe(TestProject.Items(TestProject.Component("alpha", "1.0")));
        TestDirectory.Delete(project.Instance);
        await project.AssertConvergesAsync("1.0");
    }

    [TestMethod]
    public async Task Offline_builds_from_the_cache_open_no_socket()
    {
        using TestProject project = new();
        byte[] archive = Next(project);
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", archive));
        Ask(project, server);
        (await project.RestoreAsync()).Succeeds();
        TestDirectory.Delete(Path.Combine(project.Cache, "trees"));
        (await BuildOfflineAsync(project)).Succeeds();
        await project.AssertRunsAsync("2.0");
        Assert.HasCount(1, server.Exchanges);
    }

    [TestMethod]
    public async Task What_is_not_in_the_cache_is_told_offline_and_no_socket_is_opened_for_it()
    {
        using TestProject project = await Faults.BuiltAsync();
        byte[] archive = Next(project);
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", archive));
        Ask(project, server);
        (await project.RestoreAsync()).Succeeds();
        TestDirectory.Delete(project.Cache);
        await project.AssertFaultAsync(
            await BuildOfflineAsync(project), "LAVA2017", "'alpha'", "LavaOffline", server.Url(""), "Restore once online");
        Assert.HasCount(1, server.Exchanges);
        await project.AssertConvergesAsync("2.0");
    }

    /// <summary>Builds offline, and asserts that nothing opened a socket of a network.</summary>
    private static async Task<CommandResult> BuildOfflineAsync(TestProject project)
    {
        string trace = project["trace"];
        CommandResult result = await project.RunAsync(
            "strace", "-f", "-qq", "-e", "trace=execve,socket,connect", "-o", trace, "dotnet", "build", "instance.proj", "-p:LavaOffline=true");
        string[] calls = File.ReadAllLines(trace);
        Assert.IsNotEmpty(calls);
        string[] inet = [.. calls.Where(line => line.Contains("AF_INET", StringComparison.Ordinal))];
        Assert.IsEmpty(inet, string.Join('\n', inet));
        return result;
    }

    /// <summary>Makes the archive of <c>alpha 2.0</c>, where no component's <c>Path</c> looks for it.</summary>
    private static byte[] Next(TestProject project)
    {
        project.PackAlpha("2.0", "elsewhere");
        return File.ReadAllBytes(project["elsewhere", "archives", "alpha-2.0.tar.gz"]);
    }

    private static void Ask(TestProject project, LoopbackServer server, string? sha256 = null, string metadata = "") =>
        Ask(project, server.Url("alpha-2.0.tar.gz"), sha256, metadata);

    private static void Ask(TestProject project, string url, string? sha256 = null, string metadata = "") => project.Describe(TestProject.Items(
        $"""<LavaComponent Include="alpha" Source="archive" Version="2.0" Url="{url}" Sha256="{sha256}" {metadata} />"""));

    private static string Digest(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static int ClosedPort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
