using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lava.Build.Sdk.Tests;

/// <summary>
/// The host's nginx or Apache, on loopback, as an ordinary user, with a main file that has next to nothing but what it includes.
/// </summary>
internal sealed class WebServer : IAsyncDisposable
{
    private const string Nginx = "nginx";
    private const string Ordinary = "nobody";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Task _reading;
    private readonly string _directory;

    private WebServer(Process process, string directory)
    {
        _process = process;
        _directory = directory;
        _reading = Task.WhenAll(
            Command.ReadAsync(process.StandardOutput, _output, _ => { }, CancellationToken.None),
            Command.ReadAsync(process.StandardError, _output, _ => { }, CancellationToken.None));
    }

    /// <summary>What it complained about.</summary>
    public string Complaints => $"{_output}{string.Concat(Directory.EnumerateFiles(_directory, "*.log").Select(File.ReadAllText))}";

    /// <summary>Free ports of 127.0.0.1, different ones.</summary>
    public static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (TcpListener listener in listeners)
        {
            listener.Start();
        }

        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (TcpListener listener in listeners)
        {
            listener.Dispose();
        }

        return ports;
    }

    /// <summary>Checks the configuration as an admin would, and starts the server.</summary>
    /// <param name="project">A project in whose directory everything is.</param>
    /// <param name="server"><c>nginx</c> or <c>apache2</c>.</param>
    /// <param name="sites">Lines of the main file: what includes the instance's file.</param>
    /// <param name="ports">What it is to listen at.</param>
    public static async Task<WebServer> StartAsync(TestProject project, string server, string sites, params int[] ports)
    {
        (string[] command, string directory) = await PrepareAsync(project, server, sites, ports);
        (await project.RunAsync(command[0], [.. command[1..], "-t"])).Succeeds();
        string[] foreground = server == Nginx ? [] : ["-DFOREGROUND"];
        WebServer started = new(Command.Start(command[0], project.Path, project.Variables, [.. command[1..], .. foreground]), directory);
        foreach (int port in ports)
        {
            await started.WaitAsync(port);
        }

        return started;
    }

    /// <summary>What the server says of a configuration, without starting it.</summary>
    public static async Task<CommandResult> CheckAsync(TestProject project, string server, string sites, params int[] ports)
    {
        (string[] command, _) = await PrepareAsync(project, server, sites, ports);
        return await project.RunAsync(command[0], [.. command[1..], "-t"]);
    }

    public async ValueTask DisposeAsync()
    {
        // Both end at once, with their workers.
        using (Process kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        using CancellationTokenSource limit = new(Limit);
        await _process.WaitForExitAsync(limit.Token);
        await _reading;
        _process.Dispose();
    }

    private static async Task<(string[] Command, string Directory)> PrepareAsync(TestProject project, string server, string sites, int[] ports)
    {
        string directory = project[$"{server}-{Guid.NewGuid():N}"];
        Directory.CreateDirectory(directory);
        bool root = Environment.UserName == "root";
        if (root)
        {
            // Whom the server runs as must reach what it serves, and nothing else.
            File.SetUnixFileMode(project.Path, (UnixFileMode)Convert.ToInt32("755", 8));
            (await project.RunAsync("chown", Ordinary, directory)).Succeeds();
        }

        string main = Path.Combine(directory, "main.conf");
        await File.WriteAllTextAsync(main, server == Nginx ? NginxMain(sites) : ApacheMain(directory, sites, ports));
        string[] program = server == Nginx
            ? ["/usr/sbin/nginx", "-p", directory, "-c", main, "-e", Path.Combine(directory, "early.log")]
            : ["/usr/sbin/apache2", "-d", directory, "-f", main];
        string[] drop = root ? ["setpriv", $"--reuid={Ordinary}", "--regid=nogroup", "--clear-groups", "--"] : [];
        return ([.. drop, .. program], directory);
    }

    private static string NginxMain(string sites) => $$"""
        daemon off;
        worker_processes 1;
        pid nginx.pid;
        error_log error.log;
        events { }
        http {
            include /etc/nginx/mime.types;
            default_type application/octet-stream;
            access_log off;
            client_body_temp_path body;
            proxy_temp_path proxy;
            fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi;
            scgi_temp_path scgi;
            {{sites}}
        }
        """;

    private static string ApacheMain(string directory, string sites, int[] ports)
    {
        string[] modules =
            ["mpm_event", "authz_core", "alias", "dir", "mime", "autoindex", "headers", "proxy", "proxy_http", "filter", "deflate", "ssl"];
        return $"""
            ServerRoot "{directory}"
            DefaultRuntimeDir "{directory}"
            PidFile "{directory}/apache2.pid"
            ErrorLog "{directory}/error.log"
            ServerName unnamed.invalid
            {string.Join('\n', modules.Select(module => $"LoadModule {module}_module /usr/lib/apache2/modules/mod_{module}.so"))}
            StartServers 1
            TypesConfig /etc/mime.types
            {string.Join('\n', ports.Select(port => $"Listen 127.0.0.1:{port}\nListen [::1]:{port}"))}
            <Directory "/">
                Options None
                AllowOverride None
                Require all denied
            </Directory>
            {sites}
            """;
    }

    private async Task WaitAsync(int port)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            Assert.IsFalse(_process.HasExited, Complaints);
            Assert.IsLessThan(Limit, waited.Elapsed, Complaints);
            try
            {
                using TcpClient client = new();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(20);
            }
        }
    }
}
