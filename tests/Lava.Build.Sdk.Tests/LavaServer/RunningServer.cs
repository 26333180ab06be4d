using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Lava.Build.Sdk.Tests;

/// <summary>
/// A LAVA server for real, of the sample's packages, in a directory of its own: built, started and stopped by the SDK's targets, as a
/// user who is not root.
/// </summary>
internal sealed partial class RunningServer : IAsyncDisposable
{
    public const string Admin = "admin";

    /// <summary>The file with the password of a database elsewhere, which the property <c>DatabasePort</c> tells of.</summary>
    public const string ElsewherePassword = "database.password";

    // For root no permission counts, and PostgreSQL does not run as root.
    private static readonly string[] AsOrdinary =
        Environment.UserName == "root" ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"] : [];

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private readonly TestProject _project = new();
    private readonly int[] _ports = WebServer.FreePorts(2);

    /// <summary>What was said while it was built and started.</summary>
    public string Output { get; private set; } = "";

    public string Password { get; } = Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(12));

    public string Address => AddressOf(_ports[0]);

    public string Instance => InstanceOf("lab");

    public string this[params string[] parts] => _project[parts];

    /// <summary>Builds it, starts it, and makes an administrator.</summary>
    public static async Task<RunningServer> StartAsync(string features)
    {
        RunningServer server = new();
        string sample = Path.Combine(Repository.Root, "sample-instance");
        server._project.Write("components.props", await File.ReadAllTextAsync(Path.Combine(sample, "components.props")));
        server._project.Write("instance.lock.json", await File.ReadAllTextAsync(Path.Combine(sample, "instance.lock.json")));
        server._project.Describe($"""
            <PropertyGroup>
              <LavaInstance Condition="'$(LavaInstance)' == ''">lab</LavaInstance>
              <LavaApplication>lava-server</LavaApplication>
              <LavaFeatures Condition="'$(LavaFeatures)' == ''">{features}</LavaFeatures>
              <LavaPort Condition="'$(LavaPort)' == ''">{server._ports[0]}</LavaPort>
              <LavaPublisherPort Condition="'$(LavaPort)' == '{server._ports[0]}'">{server._ports[1]}</LavaPublisherPort>
            </PropertyGroup>
            <Import Project="components.props" />
            <ItemGroup Condition="'$(DatabasePort)' != ''">
              <LavaDatabase Include="lavaserver" Host="127.0.0.1" Port="$(DatabasePort)" PasswordFile="{ElsewherePassword}" />
            </ItemGroup>
            """);
        Directory.CreateDirectory(server["home"]);
        Directory.CreateDirectory(server["tmp"]);
        server._project.SetVariable("HOME", server["home"]);
        server._project.SetVariable("TMPDIR", server["tmp"]);
        if (AsOrdinary.Length > 0)
        {
            (await server._project.RunAsync("chown", "-R", "nobody:nogroup", server._project.Path)).Succeeds();
        }

        try
        {
            (await server.TargetAsync("Start")).Succeeds().Says($"lab -> {server.Address}");
            await server.WritePasswordAsync("password", server.Password);
            (await server.TargetAsync("CreateSuperuser", $"-p:LavaSuperuserPasswordFile={server["password"]}", $"-bl:{server["superuser.binlog"]}"))
                .Succeeds().Says($"'{Admin}' can log in now");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public static string AddressOf(int port) => $"http://127.0.0.1:{port}/";

    public string InstanceOf(string name) => _project["instances", name];

    /// <summary>Runs a target of the project.</summary>
    public async Task<CommandResult> TargetAsync(string target, params string[] arguments)
    {
        CommandResult result = await OrdinaryAsync(["dotnet", "build", "instance.proj", $"-t:{target}", .. arguments]);
        Output += result.Output;
        return result;
    }

    /// <summary>What <c>Status</c> tells a program of a service, as soon as it is so.</summary>
    public async Task<JsonNode> ServiceAsync(string service, Func<JsonNode, bool> isSo, params string[] arguments)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (true)
        {
            CommandResult answer = (await OrdinaryAsync(["dotnet", "build", "instance.proj", "-t:Status", "-getTargetResult:Status", .. arguments])).Succeeds();
            JsonNode state = JsonNode.Parse(answer.Output)!["TargetResults"]!["Status"]!["Items"]!.AsArray().Single(item => (string?)item!["Identity"] == service)!;
            if (isSo(state))
            {
                return state;
            }

            Assert.IsLessThan(Limit, clock.Elapsed, answer.Output);
        }
    }

    /// <summary>Runs a program as the user whose instance it is.</summary>
    public Task<CommandResult> OrdinaryAsync(params string[] command)
    {
        string[] whole = [.. AsOrdinary, .. command];
        return _project.RunAsync(whole[0], whole[1..]);
    }

    /// <summary>Runs a program as whoever runs the tests.</summary>
    public Task<CommandResult> RunAsync(string program, params string[] arguments) => _project.RunAsync(program, arguments);

    /// <summary>Writes a password's file, for the eyes of its owner.</summary>
    public async Task<string> WritePasswordAsync(string file, string password)
    {
        string path = _project.Write(file, password + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        if (AsOrdinary.Length > 0)
        {
            (await _project.RunAsync("chown", "nobody:nogroup", path)).Succeeds();
        }

        return path;
    }

    /// <summary>A client that is logged in by the page's own form.</summary>
    public Task<LavaClient> LogInAsync() => LavaClient.LogInAsync(Address, Admin, Password);

    public async ValueTask DisposeAsync()
    {
        try
        {
            (await TargetAsync("Stop")).Succeeds();
            // What KillMode=process leaves of a failed test.
            foreach (string process in ProcessesOf(_project.Path))
            {
                Assert.Fail($"Left behind: {process}");
            }
        }
        finally
        {
            _project.Dispose();
        }
    }

    /// <summary>The command lines of all processes that name a directory.</summary>
    public static IEnumerable<string> ProcessesOf(string directory) => CommandLines().Where(line => line.Contains(directory, StringComparison.Ordinal));

    /// <summary>The command lines of all processes of this host, as every user of it sees them.</summary>
    public static IEnumerable<string> CommandLines() => Processes().Select(process => process.CommandLine);

    /// <summary>All processes of this host.</summary>
    public static IEnumerable<(string Id, string CommandLine)> Processes()
    {
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(path => ProcessPattern().IsMatch(path)))
        {
            string line;
            try
            {
                line = File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile.
                continue;
            }

            yield return (Path.GetFileName(process), line);
        }
    }

    [GeneratedRegex(@"\A/proc/[0-9]+\z")]
    private static partial Regex ProcessPattern();
}
