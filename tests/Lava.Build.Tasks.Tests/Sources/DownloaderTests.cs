using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lava.Build.Diagnostics;
using Lava.Build.Sources;
using static Lava.Build.Tests.Sources.Downloads;
using static Lava.Build.Tests.Sources.SourceBench;

namespace Lava.Build.Tests.Sources;

[TestClass]
public sealed class DownloaderTests
{
    [TestMethod]
    public async Task What_a_server_gives_is_cached_under_its_digest()
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", Body));
        ObtainedArchive archive = await ObtainAsync(bench, Request(server.Url("a.tar")));
        Assert.AreEqual(new ObtainedArchive(Digest(Body), Body.Length), archive);
        CollectionAssert.AreEqual(Body, await File.ReadAllBytesAsync(bench.Archives.PathOf(archive.Sha256)));
        Assert.IsEmpty(bench.Leftovers());
    }

    [TestMethod]
    public async Task What_is_cached_is_not_asked_for_again()
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", Body));
        await ObtainAsync(bench, Pinned(Body, server.Url("a.tar")));
        await ObtainAsync(bench, Pinned(Body, server.Url("a.tar")));
        Assert.HasCount(1, server.Exchanges);
    }

    [TestMethod]
    public async Task Builds_at_the_same_time_fetch_once()
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", Body));
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => ObtainAsync(bench, Pinned(Body, server.Url("a.tar")))));
        Assert.HasCount(1, server.Exchanges);
    }

    [TestMethod]
    [DataRow("503 Service Unavailable")]
    [DataRow("408 Request Timeout")]
    [DataRow("429 Too Many Requests")]
    [DataRow("500 Internal Server Error")]
    public async Task A_transient_answer_is_tried_again(string status)
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(exchange =>
            exchange.Index < 2 ? exchange.ReplyAsync(status, [], "Retry-After: 0") : exchange.ReplyAsync("200 OK", Body));
        Assert.AreEqual(Digest(Body), (await ObtainAsync(bench, Request(server.Url("a.tar")))).Sha256);
    }

    [TestMethod]
    public async Task What_stays_transient_fails_in_the_end()
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("503 Service Unavailable", []));
        Problem problem = await ProblemOfAsync(() => ObtainAsync(bench, Request(server.Url("a.tar"))));
        Assert.AreEqual("LAVA2021", problem.Code);
        Assert.HasCount(3, server.Exchanges);
    }

    [TestMethod]
    [DataRow("404 Not Found")]
    [DataRow("403 Forbidden")]
    [DataRow("400 Bad Request")]
    [DataRow("204 No Content")]
    [DataRow("206 Partial Content")]
    public async Task A_lasting_refusal_names_component_status_and_address_without_secrets(string status)
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(exchange => exchange.HeadAsync(status, status.StartsWith("204", StringComparison.Ordinal) ? [] : ["Content-Length: 0"]));
        Problem problem = await ProblemOfAsync(() => ObtainAsync(bench, Request(server.Url("a.tar?token=secret"))));
        Assert.AreEqual("LAVA2021", problem.Code);
        Assert.Contains("'thing'", problem.Text);
        Assert.Contains(status, problem.Text);
        Assert.Contains($"{server.Url("a.tar")} ", problem.Text);
        Assert.DoesNotContain("secret", problem.Text);
        Assert.HasCount(1, server.Exchanges);
    }

    [TestMethod]
    public async Task Wrong_content_is_not_kept()
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", Body));
        DownloadRequest request = Request(server.Url("a.tar")) with { Sha256 = new string('0', 64), Authority = "the lock file" };
        Problem problem = await ProblemOfAsync(() => ObtainAsync(bench, request));
        Assert.AreEqual("LAVA2001", problem.Code);
        Assert.Contains(Digest(Body), problem.Text);
        Assert.IsEmpty(bench.Leftovers());
        Assert.IsEmpty(bench.Cached());
        Assert.HasCount(1, server.Exchanges);
    }

    [TestMethod]
    [DataRow("302 Found")]
    [DataRow("301 Moved Permanently")]
    [DataRow("303 See Other")]
    [DataRow("307 Temporary Redirect")]
    [DataRow("308 Permanent Redirect")]
    public async Task A_redirect_is_followed(string status)
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(exchange => exchange.Target == "/here"
            ? exchange.ReplyAsync(status, [], "Location: there/a.tar")
            : exchange.ReplyAsync("200 OK", Body));
        Assert.AreEqual(Digest(Body), (await ObtainAsync(bench, Request(server.Url("here")))).Sha256);
        Assert.AreEqual("/there/a.tar", server.Exchanges[1].Target);
    }

    [TestMethod]
    public async Task A_redirect_to_a_name_beyond_ASCII_is_followed()
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(exchange => exchange.Target == "/here"
            ? exchange.ReplyAsync("302 Found", [], "Location: \u00c3\u00bc.tar")
            : exchange.ReplyAsync("200 OK", Body));
        Assert.AreEqual(Digest(Body), (await ObtainAsync(bench, Request(server.Url("here")))).Sha256);
        Assert.AreEqual("/%C3%BC.tar", server.Exchanges[1].Target);
    }

    [TestMethod]
    [DataRow("/b", "LAVA2026", "a circle")]
    [DataRow("/{0}", "LAVA2027", "endless")]
    [DataRow("ftp://127.0.0.1/a", "LAVA2029", "another scheme")]
    [DataRow("file:///etc/passwd", "LAVA2029", "a local file")]
    [DataRow("http://user:secret@127.0.0.1/a", "LAVA2029", "credentials")]
    [DataRow("http://[", "LAVA2029", "no URL")]
    [DataRow("http:///a", "LAVA2029", "no host")]
    // U+202E, as UTF-8: .NET's Uri breaks on it.
    [DataRow("file://\u00e2\u0080\u00ae/x", "LAVA2029", "a direction mark")]
    [DataRow("//\u00e2\u0080\u00ae/x", "LAVA2029", "a direction mark and no scheme")]
    [DataRow("", "LAVA2029", "nowhere")]
    public async Task A_redirect_that_leads_astray_is_an_error(string location, string code, string why)
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(exchange => exchange.ReplyAsync(
            "302 Found", [], location.Length == 0 ? "X-Nothing: 1" : $"Location: {location.Replace("{0}", $"{exchange.Index}", StringComparison.Ordinal)}"));
        Problem problem = await ProblemOfAsync(() => ObtainAsync(bench, Request(server.Url("a"))));
        Assert.AreEqual(code, problem.Code, why);
        Assert.DoesNotContain("secret", problem.Text);
        Assert.IsLessThanOrEqualTo(11, server.Exchanges.Count);
    }

    [TestMethod]
    public async Task A_server_that_says_nothing_is_given_up()
    {
        using SourceBench bench = new();
        bench.Context = bench.Context with { IdleTimeout = TimeSpan.FromMilliseconds(500), Retries = 1 };
        using LoopbackServer server = new(exchange => exchange.StallAsync());
        Problem problem = await ProblemOfAsync(() => ObtainAsync(bench, Request(server.Url("a.tar"))));
        Assert.AreEqual("LAVA2023", problem.Code);
        Assert.HasCount(2, server.Exchanges);
    }

    [TestMethod]
    public async Task A_body_that_stands_still_is_resumed()
    {
        using SourceBench bench = new();
        bench.Context = bench.Context with { IdleTimeout = TimeSpan.FromMilliseconds(500) };
        using LoopbackServer server = new(async exchange =>
        {
            if (exchange.Index > 0)
            {
                await exchange.ReplyRangeAsync(Body, Tag);
                return;
            }

            await exchange.HeadAsync("200 OK", $"Content-Length: {Body.Length}", Tag);
            await exchange.SendAsync(Body.AsMemory(0, 1000));
            await exchange.StallAsync();
        });
        Assert.AreEqual(Digest(Body), (await ObtainAsync(bench, Request(server.Url("a.tar")))).Sha256);
        Assert.AreEqual(1000, server.Exchanges[1].RangeStart);
    }

    [TestMethod]
    public async Task A_transfer_that_never_stands_still_must_end_all_the_same()
    {
        using SourceBench bench = new();
        bench.Context = bench.Context with { TransferTimeout = TimeSpan.FromMilliseconds(300) };
        using LoopbackServer server = new(async exchange =>
        {
            await exchange.HeadAsync("200 OK");
            while (true)
            {
                await exchange.SendAsync(new byte[1]);
                await Task.Yield();
            }
        });
        Problem problem = await ProblemOfAsync(() => ObtainAsync(bench, Request(server.Url("a.tar"))));
        Assert.AreEqual("LAVA2024", problem.Code);
    }

    [TestMethod]
    public async Task The_callers_cancellation_ends_a_transfer_and_is_no_problem()
    {
        using SourceBench bench = new();
        using CancellationTokenSource cancel = new();
        using LoopbackServer server = new(async exchange =>
        {
            await cancel.CancelAsync();
            await exchange.StallAsync();
        });
        using Downloader downloader = new(bench.Context);
        await Assert.ThrowsAsync<OperationCanceledException>(() => downloader.ObtainAsync(Request(server.Url("a.tar")), cancel.Token));
    }

    [TestMethod]
    public async Task Mirrors_are_tried_in_order_until_one_gives_it()
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(exchange =>
            exchange.Target == "/third" ? exchange.ReplyAsync("200 OK", Body) : exchange.ReplyAsync("404 Not Found", []));
        await ObtainAsync(bench, Pinned(Body, server.Url("first"), server.Url("second"), server.Url("third"), server.Url("fourth")));
        CollectionAssert.AreEqual(
            (string[])["/first", "/second", "/third"], server.Exchanges.Select(exchange => exchange.Target).ToArray());
    }

    [TestMethod]
    public async Task When_no_mirror_gives_it_all_failures_are_told_in_one_message()
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(exchange => exchange.ReplyAsync(exchange.Target == "/a" ? "404 Not Found" : "403 Forbidden", []));
        Problem problem = await ProblemOfAsync(() => ObtainAsync(bench, Request(server.Url("a"), server.Url("b"), "file:///nonexistent/c")));
        Assert.AreEqual("LAVA2020", problem.Code);
        foreach (string part in (string[])["LAVA2021", "404", "403", "LAVA2031", "/nonexistent/c", server.Url("a"), server.Url("b")])
        {
            Assert.Contains(part, problem.Text);
        }
    }

    [TestMethod]
    public async Task A_mirror_with_wrong_content_is_told_of_by_itself()
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(exchange =>
            exchange.Target == "/a" ? exchange.ReplyAsync("404 Not Found", []) : exchange.ReplyAsync("200 OK", Content(9)));
        DownloadRequest request = Request(server.Url("a"), server.Url("b")) with { Sha256 = Digest(Body) };
        IReadOnlyList<Problem> problems = await ProblemsOfAsync(() => ObtainAsync(bench, request));
        CollectionAssert.AreEqual((string[])["LAVA2001", "LAVA2021"], problems.Select(problem => problem.Code).ToArray());
    }

    [TestMethod]
    public async Task An_unreachable_server_is_a_problem_of_the_network()
    {
        using SourceBench bench = new();
        string url;
        using (LoopbackServer gone = new(exchange => exchange.StallAsync()))
        {
            url = gone.Url("a.tar");
        }

        Problem problem = await ProblemOfAsync(() => ObtainAsync(bench, Request(url)));
        Assert.AreEqual("LAVA2022", problem.Code);
        Assert.Contains("refused", problem.Text);
    }

    [TestMethod]
    public async Task Offline_opens_no_socket_but_reads_files()
    {
        using SourceBench bench = new();
        bench.Context = bench.Context with { Offline = true };
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", Body));
        Problem problem = await ProblemOfAsync(() => ObtainAsync(bench, Request(server.Url("a.tar"))));
        Assert.AreEqual("LAVA2017", problem.Code);
        Assert.IsEmpty(server.Exchanges);
        string file = bench.At("b #%41.tar");
        await File.WriteAllBytesAsync(file, Body);
        string url = $"file://{Uri.EscapeDataString(file).Replace("%2F", "/", StringComparison.Ordinal)}";
        Assert.AreEqual(Digest(Body), (await ObtainAsync(bench, Request(url))).Sha256);
        Assert.AreEqual(Digest(Body), (await ObtainAsync(bench, Request() with { Path = file })).Sha256);
    }

    [TestMethod]
    public async Task A_redirect_from_https_to_http_is_an_error()
    {
        using SourceBench bench = new();
        using X509Certificate2 certificate = Certificate();
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("302 Found", [], "Location: http://127.0.0.1/a?secret"), certificate);
        // No authority vouches for the test's certificate, so exactly it is trusted; the judgement of redirects is the same.
        byte[] trusted = certificate.RawData;
        using SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, given, _, _) => given!.GetRawCertData().SequenceEqual(trusted) },
        };
        using HttpClient client = new(handler);
        HttpTransfer transfer = new(client, Netrc.Parse(""), TimeSpan.FromSeconds(20));
        PartialFile part = new(bench.Archives.FreshPath("download"));
        DownloadRequest request = Request(server.Url("a.tar"));
        DownloadFailure failure = await Assert.ThrowsExactlyAsync<DownloadFailure>(
            () => transfer.ReceiveAsync(request, request.Urls[0], part, CancellationToken.None));
        Assert.AreEqual("LAVA2028", failure.Problem.Code);
        Assert.DoesNotContain("secret", failure.Problem.Text);
    }

    [TestMethod]
    public async Task A_certificate_that_nobody_vouches_for_is_refused_at_once()
    {
        using SourceBench bench = new();
        using X509Certificate2 certificate = Certificate();
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", Body), certificate);
        Problem problem = await ProblemOfAsync(() => ObtainAsync(bench, Request(server.Url("a.tar"))));
        Assert.AreEqual("LAVA2034", problem.Code);
        Assert.IsEmpty(server.Exchanges);
    }

    private static X509Certificate2 Certificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
