using System.Net;
using System.Net.Sockets;
using Lava.Build.Services;
using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Services.Systemd;

/// <summary>The scripts that start and look at services, run without systemd.</summary>
[TestClass]
public sealed class ServiceScriptsTests
{
    private const string Show = "#!/usr/bin/python3\nimport json, os, sys\nprint(json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]))\n";

    [TestMethod]
    public async Task A_service_gets_its_arguments_variables_and_directory_and_nothing_of_the_callers()
    {
        using UnitBench bench = new("it's \"a\" $b 100% \\c");
        string[] arguments = ["", "a b", "it's", "\"", "\\", "$HOME", "`id`", "*", "new\nline", "é😀", "@{InstanceRoot}/x", "--at=@{Release}/y"];
        ServiceDescription service = new()
        {
            Name = "show",
            Command = "show",
            Arguments = arguments,
            Environment = new Dictionary<string, string> { ["WORDS"] = "it's \"$HOME\"", ["PLACE"] = "@{InstanceRoot}:@{Release}" },
            WorkingDirectory = "var",
        };
        string release = bench.Activate("1", Of(service), ("show", Show));
        string output = await Run.OutputAsync("/bin/sh", [bench["code", "current", "libexec", "lava-build", "services", "show"]], new Dictionary<string, string?>
        {
            ["HOME"] = "/h",
            ["LANG"] = "C.UTF-8",
            ["PYTHONPATH"] = "/tmp",
            ["LAVA_INSTANCE"] = "/other",
            ["LAVA_RELEASE"] = "/other",
            ["SECRET"] = "one\nHOME=two\nTWO=three",
            ["https_proxy"] = "http://p",
            ["_"] = "x",
        });
        using System.Text.Json.JsonDocument shown = System.Text.Json.JsonDocument.Parse(output);
        CollectionAssert.AreEqual(
            arguments.Select(text => text.Replace("@{InstanceRoot}", bench.Root, StringComparison.Ordinal).Replace("@{Release}", release, StringComparison.Ordinal)).ToArray(),
            shown.RootElement[0].EnumerateArray().Select(text => text.GetString()).ToArray());
        Dictionary<string, string?> variables = shown.RootElement[1].EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetString());
        Dictionary<string, string?> expected = new()
        {
            ["HOME"] = "/h",
            ["LANG"] = "C.UTF-8",
            ["LC_ALL"] = "C.UTF-8",
            ["https_proxy"] = "http://p",
            ["LAVA_INSTANCE"] = bench.Root,
            ["LAVA_RELEASE"] = release,
            ["VIRTUAL_ENV"] = release,
            ["TMPDIR"] = bench["tmp"],
            ["PYTHONUNBUFFERED"] = "1",
            ["WORDS"] = "it's \"$HOME\"",
            ["PLACE"] = $"{bench.Root}:{release}",
        };
        Assert.StartsWith($"{release}/bin:/usr/local/", variables["PATH"]!);
        string[] own = ["PATH", "PWD", "OLDPWD", "LC_CTYPE"];
        CollectionAssert.AreEquivalent(expected.ToArray(), variables.Where(pair => !own.Contains(pair.Key)).ToArray());
        Assert.AreEqual(bench["var"], shown.RootElement[2].GetString());
    }

    [TestMethod]
    [DataRow("HTTP/1.1 204 Fine", 204, 0, "")]
    [DataRow("HTTP/1.1 500 No", 200, 1, "answers with 500 instead of 200")]
    [DataRow("nonsense", 200, 1, "nonsense")]
    public async Task A_look_at_a_page_says_whether_its_status_is_the_expected_one(string answer, int status, int exitCode, string said)
    {
        using TcpListener server = new(IPAddress.Loopback, 0);
        server.Start();
        Task served = Task.Run(async () =>
        {
            using TcpClient client = await server.AcceptTcpClientAsync();
            await client.GetStream().ReadExactlyAsync(new byte[16]);
            await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes($"{answer}\r\nContent-Length: 0\r\n\r\n"));
        });
        int port = ((IPEndPoint)server.LocalEndpoint).Port;
        Ran ran = await LookAsync(new HealthCheck { Http = $"http://127.0.0.1:{port}/health?a=b", Status = status, Timeout = 10 });
        await served;
        Assert.AreEqual(exitCode, ran.ExitCode, ran.Error);
        Assert.Contains(said, ran.Error);
    }

    [TestMethod]
    public async Task A_look_at_a_socket_says_whether_anything_accepts_connections_there()
    {
        using TcpListener server = new(IPAddress.Loopback, 0);
        server.Start();
        int port = ((IPEndPoint)server.LocalEndpoint).Port;
        foreach (string host in (string[])["127.0.0.1", "*", ""])
        {
            Assert.AreEqual(0, (await LookAsync(new HealthCheck { Socket = $"{host}:{port}" })).ExitCode, host);
        }

        server.Stop();
        Ran refused = await LookAsync(new HealthCheck { Socket = $"127.0.0.1:{port}" });
        Assert.AreEqual(1, refused.ExitCode);
        Assert.Contains($"127.0.0.1:{port}: [Errno 111] Connection refused", refused.Error);
        Ran missing = await LookAsync(new HealthCheck { Socket = "run/web.sock" });
        Assert.AreEqual(1, missing.ExitCode);
        Assert.Contains("run/web.sock: [Errno 2]", missing.Error);

        using UnitBench bench = new();
        using Socket listening = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listening.Bind(new UnixDomainSocketEndPoint(bench["run", "s"]));
        listening.Listen();
        Assert.AreEqual(0, (await LookAsync(new HealthCheck { Socket = "run/s" }, bench)).ExitCode);
    }

    [TestMethod]
    public async Task A_look_by_a_command_is_its_exit_code_in_the_instance_with_the_services_variables()
    {
        Assert.AreEqual(0, (await LookAsync(new HealthCheck { Command = "test \"$PWD\" = \"$LAVA_INSTANCE\" && test \"$WHO\" = me" })).ExitCode);
        Ran ran = await LookAsync(new HealthCheck { Command = "echo because >&2; exit 7" });
        Assert.AreEqual(7, ran.ExitCode);
        Assert.AreEqual("because\n", ran.Error);
    }

    [TestMethod]
    public async Task What_units_call_refuses_a_release_that_is_none_and_words_that_are_none()
    {
        using UnitBench bench = new();
        bench.Activate("1", Of(new ServiceDescription { Name = "web", Command = "/bin/true" }));
        string script = bench["code", "current", "libexec", "lava-build", "systemd"];
        Assert.AreEqual(64, (await Run.ProgramAsync("/bin/sh", [script, "nonsense"])).ExitCode);
        foreach (string name in (string[])["", "..", ".store", "../../tmp", "a/b", "gone"])
        {
            File.WriteAllText(bench["run", "services.release"], name + "\n");
            Ran ran = await Run.ProgramAsync("/bin/sh", [script, "service", "web"]);
            Assert.AreEqual(78, ran.ExitCode, name);
            Assert.Contains("by its target", ran.Error, name);
        }

        File.WriteAllText(bench["run", "services.release"], "1\n");
        Assert.AreEqual(0, (await Run.ProgramAsync("/bin/sh", [script, "service", "web"])).ExitCode);
    }

    private static InstanceServices Of(ServiceDescription service) => new() { Instance = "i", Services = [service] };

    private static async Task<Ran> LookAsync(HealthCheck health, UnitBench? given = null)
    {
        using UnitBench own = new();
        UnitBench bench = given ?? own;
        ServiceDescription service = new() { Name = "web", Command = "web", Health = health, Environment = new Dictionary<string, string> { ["WHO"] = "me" } };
        bench.Activate("1", Of(service));
        return await Run.ProgramAsync("/bin/sh", [bench["code", "current", "libexec", "lava-build", "health", "web"]]);
    }
}
