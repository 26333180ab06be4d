using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Services;
using Lava.Build.Services.Checks;
using Lava.Build.Services.Supervision;

namespace Lava.Build.Tests.Services.Checks;

[TestClass]
public sealed class RunningInstanceTests
{
    [TestMethod]
    public async Task One_of_which_a_port_answers_runs()
    {
        using TemporaryDirectory instance = new();
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string place = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        Assert.AreEqual((true, null), await FindAsync(instance, place));
        listener.Stop();
        Assert.AreEqual((false, null), await FindAsync(instance, place));
    }

    [TestMethod]
    public async Task One_of_which_a_socket_answers_runs()
    {
        using TemporaryDirectory instance = new();
        Assert.AreEqual((false, null), await FindAsync(instance, "s"));
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(instance.Path, "s")));
        socket.Listen();
        Assert.AreEqual((true, null), await FindAsync(instance, "nowhere", "s"));
    }

    [TestMethod]
    public async Task Of_one_that_listens_nowhere_nothing_can_be_told()
    {
        using TemporaryDirectory instance = new();
        Assert.AreEqual((true, null), await FindAsync(instance));
    }

    [TestMethod]
    [DataRow(0, "", true)]
    [DataRow(1, "", false, DisplayName = "Another process has its id now")]
    [DataRow(0, "x", false, DisplayName = "A process of another instance")]
    public async Task What_a_living_supervisor_wrote_tells_the_release_and_what_is_left_of_another_nothing(long later, string place, bool expected)
    {
        using TemporaryDirectory instance = new();
        Directory.CreateDirectory(Path.Combine(instance.Path, "run"));
        using Process supervisor = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "read end", "run", "--instance", instance.Path + place]) { RedirectStandardInput = true })!;
        InstanceState state = new()
        {
            Boot = ProcessTable.BootId,
            Release = "1.0+12345678",
            Supervisor = new ProcessIdentity(supervisor.Id, ProcessTable.Find(supervisor.Id)!.Start + later),
            Condition = InstanceCondition.Running,
        };
        StateFile.Write(new InstanceLayout(instance.Path), state, null);
        Assert.AreEqual((expected, expected ? "1.0+12345678" : null), await FindAsync(instance, "nowhere"));
        supervisor.StandardInput.Close();
        await supervisor.WaitForExitAsync();
    }

    private static Task<(bool Runs, string? Release)> FindAsync(TemporaryDirectory instance, params string[] places) => RunningInstance.FindAsync(
        new InstanceLayout(instance.Path),
        new InstanceServices { Services = [new ServiceDescription { Name = "web", Command = "web", Listens = places }] },
        new RunHoles(instance.Path, instance.Path),
        CancellationToken.None);
}
