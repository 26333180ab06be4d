using Lava.Build.Diagnostics;
using Lava.Build.Web;

namespace Lava.Build.Tests.Web;

[TestClass]
public sealed class WebChecksTests
{
    private static readonly WebSite Good = new()
    {
        Servers = ["nginx", "apache2"],
        HostNames = ["localhost"],
        Port = "80",
        TlsPort = "443",
        Tls = "false",
        Bind = "127.0.0.1",
        ApplicationPort = "8000",
        PublisherPort = "8001",
    };

    [TestMethod]
    [DataRow("lava")]
    [DataRow("Lava-1.example.org")]
    [DataRow("192.168.1.2")]
    [DataRow("[fe80::1]")]
    [DataRow("xn--bcher-kva.example")]
    public void A_host_may_be_a_name_or_an_address(string host) => Assert.IsEmpty(WebChecks.Check(Good with { HostNames = [host] }, "/p"));

    [TestMethod]
    [DataRow("lava:8000")]
    [DataRow("*.example.org")]
    [DataRow("-lava")]
    [DataRow("lava.")]
    [DataRow("a b")]
    [DataRow("a\n")]
    [DataRow("$host")]
    [DataRow("~.*")]
    [DataRow("fe80::1")]
    public void What_is_no_host_is_told(string host) => AssertOne(Good with { HostNames = [host] }, "LAVA1061", "LavaHostName");

    [TestMethod]
    public void A_host_in_other_letters_is_told_in_those_of_DNS() => AssertOne(Good with { HostNames = ["bücher.example"] }, "LAVA1061", "'xn--bcher-kva.example'");

    [TestMethod]
    [DataRow("")]
    [DataRow("/lab")]
    [DataRow("/a/B_2-c")]
    public void A_location_is_a_path_or_nothing(string location) => Assert.IsEmpty(WebChecks.Check(Good with { Location = location }, "/p"));

    [TestMethod]
    [DataRow("lab")]
    [DataRow("/")]
    [DataRow("/lab/")]
    [DataRow("//lab")]
    [DataRow("/../lab")]
    [DataRow("/lab?x")]
    [DataRow("/l b")]
    [DataRow("/l.b")]
    [DataRow("/lab\n")]
    public void What_is_no_location_is_told(string location) => AssertOne(Good with { Location = location }, "LAVA1061", "LavaWebLocation");

    [TestMethod]
    [DataRow("0.0.0.0")]
    [DataRow("::")]
    [DataRow("[::1]")]
    [DataRow("lava.example.org")]
    public void The_application_may_listen_at_any_address(string address) => Assert.IsEmpty(WebChecks.Check(Good with { Bind = address }, "/p"));

    [TestMethod]
    public void Numbers_switches_and_servers_are_looked_at()
    {
        AssertOne(Good with { Bind = "run/web.sock" }, "LAVA1061", "LavaBind");
        AssertOne(Good with { Port = "65536" }, "LAVA1061", "LavaWebPort");
        AssertOne(Good with { TlsPort = "https" }, "LAVA1061", "LavaWebTlsPort");
        AssertOne(Good with { ApplicationPort = "0" }, "LAVA1061", "LavaPort");
        AssertOne(Good with { PublisherPort = "-1" }, "LAVA1061", "LavaPublisherPort");
        AssertOne(Good with { Tls = "sometimes" }, "LAVA1061", "LavaWebTls");
        AssertOne(Good with { Servers = ["nginx", "apache"] }, "LAVA1061", "LavaWebServers");
        AssertOne(Good with { HostNames = [] }, "LAVA1061", "LavaHostName");
    }

    [TestMethod]
    public void Certificate_and_key_come_together_and_exist()
    {
        using TemporaryDirectory directory = new();
        string file = Path.Combine(directory.Path, "f");
        File.WriteAllText(file, "");
        Assert.IsEmpty(WebChecks.Check(Good with { Certificate = file, Key = file }, "/p"));
        AssertOne(Good with { Certificate = file }, "LAVA5052", "LavaTlsKey is not");
        AssertOne(Good with { Key = file }, "LAVA5052", "LavaTlsCertificate is not");
        AssertOne(Good with { Certificate = file, Key = file + "x" }, "LAVA5053", $"LavaTlsKey is '{file}x'");
        AssertOne(Good with { Certificate = directory.Path, Key = file }, "LAVA5053", "LavaTlsCertificate");
        AssertOne(Good with { Certificate = file + "/x", Key = file }, "LAVA5053", "LavaTlsCertificate");
        AssertOne(Good with { Certificate = file, Key = file, Location = "/lab" }, "LAVA5054", "/lab");
        AssertOne(Good with { Certificate = file, Key = file, TlsPort = "80" }, "LAVA1061", "LavaWebTlsPort");
    }

    private static void AssertOne(WebSite site, string code, string words)
    {
        Problem problem = WebChecks.Check(site, "/p").Single();
        Assert.AreEqual(code, problem.Code);
        Assert.AreEqual("/p", problem.Location.File);
        Assert.Contains(words, problem.Text);
    }
}
