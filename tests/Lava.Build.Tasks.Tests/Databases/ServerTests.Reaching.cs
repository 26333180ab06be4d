using System.Net;
using System.Net.Sockets;
using Lava.Build.Databases;
using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Databases;

/// <summary>A server that is not there, or not yet.</summary>
public sealed partial class ServerTests
{
    [TestMethod]
    public async Task A_server_of_which_nothing_is_there_is_told()
    {
        using TcpListener free = new(IPAddress.Loopback, 0);
        free.Start();
        int port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        using DatabaseInstance refused = await DatabaseInstance.MakeAsync(new DatabaseDescription { Name = "any", Host = "127.0.0.1", Port = Number(port) });
        Assert.StartsWith($"1: LAVA5040: The database server '127.0.0.1:{port}' cannot be reached: ", await refused.DatabaseAsync());
        using DatabaseInstance unknown = await DatabaseInstance.MakeAsync(new DatabaseDescription { Name = "any", Host = "no-such-host.invalid" });
        Assert.StartsWith("1: LAVA5040: The host of the database server 'no-such-host.invalid:5432' is not known: ", await unknown.DatabaseAsync());
        using DatabaseInstance socket = await DatabaseInstance.MakeAsync(new DatabaseDescription { Name = "any", Host = "/nowhere" });
        Assert.StartsWith("1: LAVA5040: The database server '/nowhere:5432' cannot be reached: ", await socket.DatabaseAsync());
    }

    [TestMethod]
    public async Task A_server_that_does_not_answer_is_told_after_some_seconds()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        int port = ((IPEndPoint)silent.LocalEndpoint).Port;
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync(new DatabaseDescription { Name = "any", Host = "127.0.0.1", Port = Number(port) });
        System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
        string said = await instance.DatabaseAsync();
        Assert.StartsWith($"1: LAVA5040: The database server '127.0.0.1:{port}' cannot be reached: ", said);
        Assert.Contains("timeout expired", said);
        Assert.IsLessThan(TimeSpan.FromSeconds(40), watch.Elapsed);
    }

    [TestMethod]
    public async Task A_server_that_is_about_to_come_is_waited_for()
    {
        using TemporaryDirectory place = new();
        File.SetUnixFileMode(place.Path, (UnixFileMode)0b111_001_001);
        string directory = Path.Combine(place.Path, "sockets");
        using DatabaseInstance instance = await MakeAsync(new DatabaseDescription { Name = "awaited", User = "admin", Host = directory }, password: null);
        await using ServerProcess waiting = ServerProcess.Start(new Dictionary<string, string?>(), instance.InRelease(DatabaseFiles.DatabaseScript));
        string told = $"database: waits up to 30 s for the database server '{directory}:{Server.Port}': ";
        Assert.IsTrue(await waiting.WaitAsync(() => Task.FromResult(waiting.Output.StartsWith(told, StringComparison.Ordinal))), waiting.Output);
        Directory.CreateSymbolicLink(directory, Server.SocketDirectory);
        string said = await waiting.EndAsync();
        Assert.AreEqual(0, waiting.ExitCode, said);
        Assert.HasCount(1, said.Trim().Split('\n'));
    }

    [TestMethod]
    [DataRow("FATAL:  the database system is starting up", "0: database: waits up to 9 s ")]
    [DataRow("Connection refused", "0: database: waits up to 9 s ")]
    [DataRow("timeout expired", "1: LAVA5040: ")]
    [DataRow("FATAL:  password authentication failed for user \"admin\"", "1: LAVA5041: ")]
    public async Task Only_what_passes_by_itself_is_waited_for(string refusal, string said)
    {
        using DatabaseInstance instance = await MakeAsync(new DatabaseDescription { Name = "patient", User = "admin", Host = "127.0.0.1" });
        string psql = instance.InRelease("libexec/lava-build/postgresql/psql");
        string real = psql + "-real";
        File.Move(psql, real);
        ProgramFile.Write(
            psql,
            $"#!/bin/sh\n[ -e '{real}.refused' ] && exec '{real}' \"$@\"\n: > '{real}.refused'\necho 'psql: error: connection to server failed: {refusal}' >&2\nexit 2\n",
            (UnixFileMode)0b101_101_101);
        Ran ran = await instance.RunAsync(new Dictionary<string, string?> { ["LAVA_PATIENCE"] = "9" }, DatabaseFiles.DatabaseScript);
        Assert.StartsWith(said, $"{ran.ExitCode}: {ran.Error}");
    }
}
