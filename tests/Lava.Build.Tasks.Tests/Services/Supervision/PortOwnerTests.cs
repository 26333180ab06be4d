using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Lava.Build.Services;
using Lava.Build.Services.Supervision;

namespace Lava.Build.Tests.Services.Supervision;

[TestClass]
public sealed class PortOwnerTests
{
    private static readonly RunHoles Holes = new("/srv/i", "/srv/i/code/r");

    [TestMethod]
    [DataRow("127.0.0.1:8000", "127.0.0.1", 8000, "")]
    [DataRow("localhost:80", "localhost", 80, "")]
    [DataRow("[::1]:8000", "::1", 8000, "")]
    [DataRow(":8000", "", 8000, "")]
    [DataRow("run/web.sock", "", 0, "/srv/i/run/web.sock")]
    [DataRow("run/postgresql/.s.PGSQL.5432", "", 0, "/srv/i/run/postgresql/.s.PGSQL.5432")]
    [DataRow("@{InstanceRoot}/run/web.sock", "", 0, "/srv/i/run/web.sock")]
    [DataRow("/run/web:80", "", 0, "/run/web:80")]
    [DataRow("host:99999", "", 0, "/srv/i/host:99999")]
    public void An_address_is_a_port_of_a_host_or_a_path(string text, string host, int port, string path) =>
        Assert.AreEqual(new ListenAddress(host, port, path), ListenAddress.Parse(text, Holes));

    [TestMethod]
    public void The_kernels_words_are_read_in_either_family()
    {
        Assert.AreEqual(
            new Listener(IPAddress.Loopback, 8000, 1000, 4711),
            PortOwner.Parse("   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000 100 0 0 10 0"));
        Assert.AreEqual(
            new Listener(IPAddress.IPv6Loopback, 80, 0, 5),
            PortOwner.Parse("   0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5 1 0000"));
        Assert.IsNull(PortOwner.Parse("   1: 0100007F:1F40 0100007F:1F41 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0000"), "A connection listens to nobody.");
    }

    [TestMethod]
    [DataRow("127.0.0.1", "127.0.0.1", true)]
    [DataRow("127.0.0.1", "", true)]
    [DataRow("127.0.0.1", "localhost", true)]
    [DataRow("0.0.0.0", "127.0.0.1", true)]
    [DataRow("127.0.0.1", "127.0.0.2", false)]
    public void Whoever_listens_is_found_where_both_addresses_meet(string listening, string wanted, bool met)
    {
        using TcpListener listener = new(IPAddress.Parse(listening), 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        string? owner = PortOwner.OfTcp(new ListenAddress(wanted, port, ""));
        Assert.AreEqual(met, owner is not null);
        Assert.IsTrue(owner?.StartsWith(string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} of {Environment.UserName}: "), StringComparison.Ordinal) ?? true, owner);
    }
}
