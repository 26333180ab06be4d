using System.Text;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Sources;
using static Lava.Build.Tests.Sources.SourceBench;

namespace Lava.Build.Tests.Sources;

[TestClass]
public sealed class ProxyAndNetrcTests
{
    private static readonly byte[] Body = Content(1000);

    private static DownloadRequest Request(string url) => new("thing", SourceLocation.None, [new Uri(url)]);

    private static async Task ObtainAsync(SourceBench bench, string url)
    {
        using Downloader downloader = new(bench.Context);
        await downloader.ObtainAsync(Request(url), CancellationToken.None);
    }

    private static string Basic(string text) => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}";

    [TestMethod]
    [DataRow("http_proxy")]
    [DataRow("HTTP_PROXY")]
    [DataRow("all_proxy")]
    [DataRow("ALL_PROXY")]
    public async Task A_proxy_of_the_hosts_variables_is_asked(string variable)
    {
        using LoopbackServer proxy = new(exchange => exchange.ReplyAsync("200 OK", Body));
        using SourceBench bench = new((variable, $"127.0.0.1:{proxy.Port}"));
        await ObtainAsync(bench, "http://nowhere.invalid/a.tar");
        Assert.AreEqual("http://nowhere.invalid/a.tar", proxy.Exchanges[0].Target);
    }

    [TestMethod]
    public async Task A_proxy_gets_its_password_when_it_asks_and_never_shows_it()
    {
        using LoopbackServer proxy = new(exchange => exchange["Proxy-Authorization"] == Basic("me:p@ss")
            ? exchange.ReplyAsync("404 Not Found", [])
            : exchange.ReplyAsync("407 Proxy Authentication Required", [], "Proxy-Authenticate: Basic realm=\"x\""));
        using SourceBench bench = new(("http_proxy", $"http://me:p%40ss@127.0.0.1:{proxy.Port}"));
        Problem problem = await ProblemOfAsync(() => ObtainAsync(bench, "http://nowhere.invalid/a.tar"));
        Assert.Contains("404", problem.Text);
        Assert.DoesNotContain("ss@", problem.Text + string.Join('\n', bench.Log.Lines));
    }

    [TestMethod]
    public async Task No_proxy_is_asked_for_what_no_proxy_names()
    {
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", Body));
        using SourceBench bench = new(("http_proxy", "http://nowhere.invalid:1"), ("NO_PROXY", "example.org,127.0.0.0/8"));
        await ObtainAsync(bench, server.Url("a.tar"));
        Assert.AreEqual("/a.tar", server.Exchanges[0].Target);
    }

    [TestMethod]
    [DataRow("*", "http://a.example/", true)]
    [DataRow("example.org", "http://example.org/", true)]
    [DataRow("example.org", "http://EXAMPLE.org/", true)]
    [DataRow("example.org", "http://a.example.org/", true)]
    [DataRow(".example.org", "http://a.example.org/", true)]
    [DataRow("*.example.org", "http://a.example.org/", true)]
    [DataRow("example.org", "http://badexample.org/", false)]
    [DataRow("example.org:81", "http://example.org/", false)]
    [DataRow("example.org:81", "http://example.org:81/", true)]
    [DataRow("10.0.0.0/8", "http://10.1.2.3/", true)]
    [DataRow("10.0.0.0/8", "http://11.1.2.3/", false)]
    [DataRow("::1", "http://[::1]/", true)]
    [DataRow("a.b, c.d", "http://c.d/", true)]
    [DataRow("", "http://c.d/", false)]
    public void No_proxy_is_read_as_curl_reads_it(string direct, string url, bool bypassed)
    {
        ProxySettings settings = new(new HostEnvironment("/", new Dictionary<string, string> { ["http_proxy"] = "p:1", ["no_proxy"] = direct }));
        Assert.AreEqual(bypassed, settings.IsBypassed(new Uri(url)));
    }

    [TestMethod]
    public void Each_scheme_has_its_proxy_and_the_lower_case_goes_first()
    {
        ProxySettings settings = new(new HostEnvironment("/", new Dictionary<string, string>
        {
            ["https_proxy"] = "https://secure",
            ["HTTPS_PROXY"] = "http://other",
            ["all_proxy"] = "socks5://socks",
        }));
        Assert.AreEqual(new Uri("https://secure:443"), settings.GetProxy(new Uri("https://a/")));
        Assert.AreEqual(new Uri("socks5://socks:1080"), settings.GetProxy(new Uri("http://a/")));
    }

    [TestMethod]
    [DataRow("ftp://me:secret@proxy")]
    [DataRow("file://\u202e/x")]
    [DataRow("http://")]
    [DataRow("http://me:secret@pro xy")]
    public async Task A_variable_that_names_no_proxy_is_an_error(string value)
    {
        using SourceBench bench = new(("http_proxy", value));
        Problem problem = await ProblemOfAsync(() => ObtainAsync(bench, "http://nowhere.invalid/"));
        Assert.AreEqual("LAVA2032", problem.Code);
        Assert.DoesNotContain("secret", problem.Text);
    }

    [TestMethod]
    [DataRow("home/.netrc", "")]
    [DataRow("elsewhere", "NETRC")]
    public async Task A_netrc_file_gives_credentials_to_its_host_alone(string file, string variable)
    {
        using LoopbackServer other = new(exchange => exchange.ReplyAsync("200 OK", Body));
        using LoopbackServer server = new(exchange => exchange.Target == "/a"
            ? exchange.ReplyAsync("302 Found", [], "Location: b")
            : exchange.ReplyAsync("302 Found", [], $"Location: {other.Url("c")}"));
        using SourceBench first = new();
        string path = first.At(file);
        await File.WriteAllTextAsync(path, "machine 127.0.0.1 login me password secret\n");
        using SourceBench bench = new(variable.Length == 0 ? ("HOME", first.At("home")) : (variable, path));
        await ObtainAsync(bench, server.Url("a"));
        Assert.AreEqual(Basic("me:secret"), server.Exchanges[0]["Authorization"]);
        Assert.AreEqual(Basic("me:secret"), server.Exchanges[1]["Authorization"]);
        Assert.IsNull(other.Exchanges[0]["Authorization"]);
    }

    [TestMethod]
    [DataRow("machine h login a password b", "a:b")]
    [DataRow("machine other login x password y\nmachine h\n\tlogin a\n\tpassword b\n", "a:b")]
    [DataRow("machine h login \"a \\\"b\" password \"c d\"", "a \"b:c d")]
    [DataRow("# machine h login x password y\nmachine h login a account z password b#c", "a:b#c")]
    [DataRow("macdef init\nmachine h login x password y\n\nmachine h login a password b", "a:b")]
    [DataRow("machine h login a password b\nmachine h login x password y", "a:b")]
    [DataRow("default login a password b", null)]
    [DataRow("machine h", null)]
    [DataRow("machine", null)]
    [DataRow("", null)]
    public void A_netrc_file_is_read_as_curl_reads_it_but_for_the_default(string text, string? expected) =>
        Assert.AreEqual(expected is null ? null : Basic(expected), Netrc.Parse(text).BasicFor("H") is { } basic ? $"Basic {basic}" : null);

    [TestMethod]
    [DataRow(0, -1, 0, 1)]
    [DataRow(3, -1, 0, 8)]
    [DataRow(3, -1, 0.5, 10)]
    [DataRow(30, -1, 0.9, 60)]
    [DataRow(0, 20, 0, 20)]
    [DataRow(0, 9999, 0, 60)]
    public void Waits_double_and_honour_the_server_up_to_a_minute(int tried, int asked, double chance, double seconds)
    {
        TimeSpan? after = asked < 0 ? null : TimeSpan.FromSeconds(asked);
        Assert.AreEqual(seconds, RetryDelay.Of(TimeSpan.FromSeconds(1), tried, after, chance).TotalSeconds, 0.001);
    }
}
