using System.Net;
using System.Net.Sockets;
using System.Text;
using Lava.Build.Services;
using Lava.Build.Services.Checks;

namespace Lava.Build.Tests.Services.Checks;

[TestClass]
public sealed class HttpCheckTests
{
    [TestMethod]
    public async Task A_page_with_the_status_and_the_text_passes()
    {
        using CheckBench bench = new();
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", "<h1>Wélcome</h1>"u8.ToArray(), "Content-Type: text/html; charset=utf-8"));
        Assert.IsNull((await bench.RunAsync(Page(server.Url("")) with { Expected = "Wélcome" })).Failure);
    }

    [TestMethod]
    public async Task Another_status_is_told_with_both_and_the_end_of_the_answer()
    {
        using CheckBench bench = new();
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("503 Service Unavailable", "maintenance\nuntil noon\n"u8.ToArray()));
        CheckFailure failure = (await bench.RunAsync(Page(server.Url("a")))).Failure!;
        Assert.AreEqual($"Expected status 200 from {server.Url("a")}, and it answered 503 Service Unavailable.", failure.Message);
        CollectionAssert.AreEqual(new[] { "maintenance", "until noon" }, failure.Lines.ToArray());
    }

    [TestMethod]
    public async Task Any_status_can_be_expected()
    {
        using CheckBench bench = new();
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("403 Forbidden", []));
        Assert.IsNull((await bench.RunAsync(Page(server.Url("")) with { Status = 403 })).Failure);
    }

    [TestMethod]
    public async Task A_redirect_is_not_followed_but_told()
    {
        using CheckBench bench = new();
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("302 Found", [], "Location: /login/", "Set-Cookie: a=b"));
        Assert.IsNull((await bench.RunAsync(Page(server.Url("")) with { Status = 302 })).Failure);
        StringAssert.Contains((await bench.RunAsync(Page(server.Url("")))).Failure!.Message, "302 Found and led to /login/.", StringComparison.Ordinal);
        Assert.HasCount(2, server.Exchanges);
        Assert.IsTrue(server.Exchanges.All(exchange => exchange["Cookie"] is null));
    }

    [TestMethod]
    public async Task Text_that_is_not_there_is_told()
    {
        using CheckBench bench = new();
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", "hello"u8.ToArray()));
        CheckFailure failure = (await bench.RunAsync(Page(server.Url("")) with { Expected = "goodbye" })).Failure!;
        Assert.Contains("Expected 'goodbye'", failure.Message);
        Assert.AreEqual("hello", failure.Lines.Single());
    }

    [TestMethod]
    public async Task A_server_that_says_nothing_fails_when_the_time_is_over()
    {
        using CheckBench bench = new();
        using LoopbackServer server = new(exchange => exchange.StallAsync());
        Assert.AreEqual("It did not end within 1 s.", (await bench.RunAsync(Page(server.Url("")) with { Timeout = 1 })).Failure!.Message);
    }

    [TestMethod]
    public async Task An_answer_without_an_end_is_read_no_further_than_text_is_looked_for()
    {
        using CheckBench bench = new();
        using LoopbackServer server = new(async exchange =>
        {
            await exchange.HeadAsync("200 OK");
            byte[] lines = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("more\n", 10_000)));
            while (true)
            {
                await exchange.SendAsync(lines);
            }
        });
        Assert.IsNull((await bench.RunAsync(Page(server.Url("")) with { Expected = "more" })).Failure);
    }

    [TestMethod]
    public async Task Where_nobody_listens_the_reason_is_told()
    {
        using CheckBench bench = new();
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        CheckFailure failure = (await bench.RunAsync(Page($"http://127.0.0.1:{port}/"))).Failure!;
        Assert.AreEqual($"Expected status 200 from http://127.0.0.1:{port}/, and there was no answer: Connection refused.", failure.Message);
    }

    [TestMethod]
    public async Task This_machine_is_asked_directly_and_others_by_the_proxy()
    {
        using LoopbackServer proxy = new(exchange => exchange.ReplyAsync("200 OK", "by proxy"u8.ToArray()));
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", "direct"u8.ToArray()));
        using CheckBench bench = new(("http_proxy", proxy.Url("")));
        Assert.IsNull((await bench.RunAsync(Page(server.Url("")) with { Expected = "direct" })).Failure);
        Assert.IsNull((await bench.RunAsync(Page("http://lab.example/") with { Expected = "by proxy" })).Failure);
        Assert.AreEqual("http://lab.example/", proxy.Exchanges.Single().Target);
    }

    [TestMethod]
    [DataRow("ftp://127.0.0.1/")]
    [DataRow("/accounts/login/")]
    public async Task What_is_no_URL_of_HTTP_fails_and_says_so(string url)
    {
        using CheckBench bench = new();
        Assert.Contains("is not an absolute URL", (await bench.RunAsync(Page(url))).Failure!.Message);
    }

    private static CheckDescription Page(string url) => new() { Name = "page", Http = url };
}
