using Lava.Build.Services;
using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Services.Systemd;

/// <summary>Units that a real systemd starts, looks after and stops.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class SystemdHostTests
{
    private const string Server = """
        #!/usr/bin/python3
        import http.server, os, sys
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(int(open(os.environ["LAVA_INSTANCE"] + "/var/status").read()))
                self.end_headers()
        print("web", os.environ["LAVA_RELEASE"], os.environ["WORDS"], os.getcwd(), sys.argv[2:], flush=True)
        http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
        """;

    [TestMethod]
    public async Task The_target_starts_all_in_order_and_stops_all()
    {
        using SystemdHost host = await SystemdHost.StartAsync();
        using UnitBench bench = new("100% of \"it's\" $HOME");
        int port = FreePort();
        bench.Activate("1", Services(port), ("web", Server));
        File.WriteAllText(bench["var", "status"], "200");
        Ran ran = await host.HelpAsync("install-services", bench.Root, "", "true");
        Assert.AreEqual(0, ran.ExitCode, $"{ran.Output}{ran.Error}{host.Log}{host.Journal}");
        Console.WriteLine(ran.Output + host.Journal + host.Log);
        Assert.AreEqual("active", await host.PropertyAsync("lava-probe-web.service", "ActiveState"));
        await host.ControlAsync("stop", "lava-probe.target");
        Assert.AreEqual("inactive", await host.PropertyAsync("lava-probe-web.service", "ActiveState"));
        Console.WriteLine(host.Journal + host.Log);
    }

    private static InstanceServices Services(int port) => new()
    {
        Instance = "probe",
        User = "daemon",
        Steps = [new StepDescription { Name = "migrate", Command = "echo \"migrate $LAVA_RELEASE\"" }],
        Services =
        [
            new ServiceDescription
            {
                Name = "web",
                Command = "web",
                Arguments = [$"{port}", "a \"b\" 'c' $d %e \\ @{InstanceRoot}"],
                Environment = new Dictionary<string, string> { ["WORDS"] = "it's \"$HOME\" 100%" },
                WorkingDirectory = "var",
                After = ["migrate"],
                Health = new HealthCheck { Http = $"http://127.0.0.1:{port}/", Interval = 1, Timeout = 20 },
            },
            new ServiceDescription { Name = "sleeper", Command = "/bin/sleep", Arguments = ["infinity"], After = ["web"] },
        ],
    };

    private static int FreePort()
    {
        using System.Net.Sockets.TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
