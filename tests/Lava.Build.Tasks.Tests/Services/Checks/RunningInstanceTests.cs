using System.Net;
using System.Net.Sockets;
using Lava.Build.Services;
using Lava.Build.Services.Checks;

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
        InstanceServices services = Listening($"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        Assert.AreEqual((true, null), await RunningInstance.FindAsync(instance.Path, services, CancellationToken.None));
        listener.Stop();
        Assert.AreEqual((false, null), await RunningInstance.FindAsync(instance.Path, services, CancellationToken.None));
    }

    [TestMethod]
    public async Task One_of_which_a_socket_answers_runs()
    {
        using TemporaryDirectory instance = new();
        InstanceServices services = Listening("s");
        Assert.AreEqual((false, null), await RunningInstance.FindAsync(instance.Path, services, CancellationToken.None));
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(instance.Path, "s")));
        socket.Listen();
        Assert.AreEqual((true, null), await RunningInstance.FindAsync(instance.Path, services, CancellationToken.None));
    }

    [TestMethod]
    public async Task Of_one_that_listens_nowhere_nothing_can_be_told()
    {
        using TemporaryDirectory instance = new();
        Assert.AreEqual((true, null), await RunningInstance.FindAsync(instance.Path, Listening(), CancellationToken.None));
    }

    [TestMethod]
    public async Task What_a_living_supervisor_wrote_tells_the_release()
    {
        using TemporaryDirectory instance = new();
        WriteState(instance, File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), Environment.ProcessId, long.Parse(File.ReadAllText($"/proc/{Environment.ProcessId}/stat").Split(") ")[^1].Split(' ')[19], null));
        Assert.AreEqual((true, "1.0+12345678"), await RunningInstance.FindAsync(instance.Path, Listening("nowhere"), CancellationToken.None));
    }

    [TestMethod]
    [DataRow("another boot", 0, 0)]
    [DataRow("", 1, 0)]
    [DataRow("", 0, 1)]
    public async Task What_is_left_of_one_that_is_gone_tells_nothing(string boot, int process, int start)
    {
        using TemporaryDirectory instance = new();
        long started = long.Parse(File.ReadAllText($"/proc/{Environment.ProcessId}/stat").Split(") ")[^1].Split(' ')[19], null);
        WriteState(
            instance,
            boot.Length > 0 ? boot : File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(),
            process > 0 ? int.MaxValue : Environment.ProcessId,
            started + start);
        Assert.AreEqual((false, null), await RunningInstance.FindAsync(instance.Path, Listening("nowhere"), CancellationToken.None));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("{}")]
    [DataRow("[]")]
    [DataRow("""{"boot":1,"supervisor":{"pid":"x"}}""")]
    public async Task A_state_that_cannot_be_read_tells_nothing(string text)
    {
        using TemporaryDirectory instance = new();
        Directory.CreateDirectory(Path.Combine(instance.Path, "run"));
        File.WriteAllText(Path.Combine(instance.Path, "run/services.json"), text);
        Assert.AreEqual((false, null), await RunningInstance.FindAsync(instance.Path, Listening("nowhere"), CancellationToken.None));
    }

    private static void WriteState(TemporaryDirectory instance, string boot, int process, long start)
    {
        Directory.CreateDirectory(Path.Combine(instance.Path, "run"));
        File.WriteAllText(
            Path.Combine(instance.Path, "run/services.json"),
            $$"""{"format":1,"boot":"{{boot}}","release":"/i/code/1.0+12345678","supervisor":{"pid":{{process}},"start":{{start}}},"state":"running"}""");
    }

    private static InstanceServices Listening(params string[] places) =>
        new() { Services = [new ServiceDescription { Name = "web", Command = "web", Listens = places }] };
}
