using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Databases;

/// <summary>A PostgreSQL that is none of any instance: on a loopback port with TLS and passwords.</summary>
internal sealed class ExistingServer : IAsyncDisposable
{
    public const string Password = "pass:word\\with 'odd\" letters";

    private readonly TemporaryDirectory _directory;
    private readonly Dictionary<string, string?> _variables = [];
    private ServerProcess? _server;

    private ExistingServer(TemporaryDirectory directory) => _directory = directory;

    public int Port { get; private set; }

    /// <summary>The directory of its socket, where everybody is trusted.</summary>
    public string SocketDirectory => _directory.Path;

    /// <summary>The certificate of the authority that signed the server's, whose name is <c>localhost</c>.</summary>
    public string Authority => At("authority.pem");

    /// <summary>The certificate of another authority.</summary>
    public string Stranger => At("stranger.pem");

    private string Data => At("data");

    /// <summary>Makes a server that knows the role <c>admin</c>, who may create, and admits as <paramref name="admission"/> says.</summary>
    /// <param name="admission">Lines of pg_hba.conf.</param>
    /// <param name="settings">Lines of postgresql.conf.</param>
    /// <param name="language">What it speaks, such as <c>de_DE</c>; English if null.</param>
    public static async Task<ExistingServer> StartAsync(string admission, string settings = "", string? language = null)
    {
        ExistingServer server = new(new TemporaryDirectory());
        if (language is not null)
        {
            Directory.CreateDirectory(server.At("locale"));
            await Run.OutputAsync("localedef", ["-i", language, "-f", "UTF-8", "--no-archive", server.At($"locale/{language}.UTF-8")]);
            Directory.CreateSymbolicLink(server.At("locale/C.UTF-8"), "/usr/lib/locale/C.utf8");
            server._variables["LOCPATH"] = server.At("locale");
            settings += $"\nlc_messages = '{language}.UTF-8'";
        }

        await OrdinaryUser.OwnAsync(server._directory.Path);
        await server.InitialiseAsync(["--no-sync"]);
        server.MakeCertificates();
        await server.RunAsync(admission, settings);
        await server.AskAsync($"CREATE ROLE admin LOGIN CREATEDB CREATEROLE PASSWORD '{Password.Replace("'", "''", StringComparison.Ordinal)}'");
        return server;
    }

    /// <summary>A read-only standby of this server.</summary>
    public async Task<ExistingServer> StandbyAsync(string admission)
    {
        ExistingServer standby = new(new TemporaryDirectory());
        await OrdinaryUser.OwnAsync(standby._directory.Path);
        Ran ran = await OrdinaryUser.RunAsync(
            [Program("pg_basebackup"), "-h", _directory.Path, "-p", Number(Port), "-U", "postgres", "-D", standby.Data, "--no-sync", "--write-recovery-conf", "--checkpoint=fast"]);
        Assert.AreEqual(0, ran.ExitCode, ran.Error);
        standby.MakeCertificates();
        await standby.RunAsync(admission, "");
        return standby;
    }

    /// <summary>Carries out statements as the superuser.</summary>
    public async Task<string> AskAsync(string sql, string database = "postgres")
    {
        Ran ran = await OrdinaryUser.RunAsync(
            [Program("psql"), "-X", "-At", "-v", "ON_ERROR_STOP=1", "-h", _directory.Path, "-p", Number(Port), "-U", "postgres", "-d", database, "-c", sql]);
        Assert.AreEqual(0, ran.ExitCode, ran.Error);
        return ran.Output.TrimEnd('\n');
    }

    /// <summary>A connection that stays until it is disposed.</summary>
    public async Task<ServerProcess> OccupyAsync()
    {
        ServerProcess client = ServerProcess.Start(
            new Dictionary<string, string?>(),
            Program("psql"), "-X", "-h", _directory.Path, "-p", Number(Port), "-U", "postgres", "-c", "SELECT 'here'", "-c", "SELECT pg_sleep(1000)");
        Assert.IsTrue(await client.WaitAsync(() => Task.FromResult(client.Output.Contains("here", StringComparison.Ordinal))), client.Output);
        return client;
    }

    public async Task StopAsync()
    {
        await _server!.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _directory.Dispose();
    }

    private static string Program(string name) => $"{DatabaseInstance.HostPrograms}/{name}";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task InitialiseAsync(string[] more)
    {
        Ran ran = await OrdinaryUser.RunAsync(
            [Program("initdb"), "-D", Data, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust", .. more]);
        Assert.AreEqual(0, ran.ExitCode, ran.Error);
    }

    private async Task RunAsync(string admission, string settings)
    {
        // A port that somebody else takes in between is tried no second time; another is.
        for (int round = 0; round < 5; round++)
        {
            Port = FreePort();
            await File.WriteAllTextAsync(At("data/pg_hba.conf"), $"local all all trust\nlocal replication all trust\n{admission}\n");
            await File.WriteAllTextAsync(At("data/postgresql.conf"), $"""
                port = {Number(Port)}
                listen_addresses = '127.0.0.1'
                unix_socket_directories = '{_directory.Path}'
                ssl = on
                ssl_cert_file = '{At("server.pem")}'
                ssl_key_file = '{At("server.key")}'
                fsync = off
                dynamic_shared_memory_type = mmap
                {settings}
                """);
            await OrdinaryUser.OwnAsync(_directory.Path);
            ServerProcess server = ServerProcess.Start(_variables, Program("postgres"), "-D", Data);
            bool ready = await server.WaitAsync(() => Task.FromResult(server.Output.Contains("LOG:", StringComparison.Ordinal) && File.Exists(At($".s.PGSQL.{Number(Port)}"))));
            if (ready && await AnswersAsync(server))
            {
                _server = server;
                return;
            }

            Assert.Contains("Address already in use", server.Output);
            await server.DisposeAsync();
        }

        Assert.Fail("No port stays free.");
    }

    private Task<bool> AnswersAsync(ServerProcess server) => server.WaitAsync(async () =>
        (await OrdinaryUser.RunAsync([Program("pg_isready"), "-q", "-h", _directory.Path, "-p", Number(Port)])).ExitCode == 0);

    private string At(string name) => Path.Combine(_directory.Path, name);

    private void MakeCertificates()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 authority = MakeAuthority("authority", now);
        using X509Certificate2 stranger = MakeAuthority("stranger", now);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 server = request.Create(authority, now.AddDays(-1), now.AddDays(30), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(Authority, authority.ExportCertificatePem());
        File.WriteAllText(Stranger, stranger.ExportCertificatePem());
        File.WriteAllText(At("server.pem"), server.ExportCertificatePem());
        File.WriteAllText(At("server.key"), key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(At("server.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        // Others run the instances.
        File.SetUnixFileMode(_directory.Path, (UnixFileMode)0b111_001_001);
    }

    private static X509Certificate2 MakeAuthority(string name, DateTimeOffset now)
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
    }
}
