using Lava.Build.Diagnostics;
using Lava.Build.Sources;
using static Lava.Build.Tests.Sources.Downloads;
using static Lava.Build.Tests.Sources.SourceBench;

namespace Lava.Build.Tests.Sources;

[TestClass]
public sealed class DownloadResumeTests
{
    [TestMethod]
    [DataRow("ETag: \"one\"", "\"one\"")]
    [DataRow("Last-Modified: Mon, 02 Jan 2023 03:04:05 GMT|Date: Mon, 02 Jan 2023 03:05:05 GMT", "Mon, 02 Jan 2023 03:04:05 GMT")]
    public async Task A_truncated_download_is_resumed(string headers, string condition)
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(CutOnce(exchange => exchange.ReplyRangeAsync(Body, headers.Split('|')), headers.Split('|')));
        ObtainedArchive archive = await ObtainAsync(bench, Request(server.Url("a.tar")));
        Assert.AreEqual(Digest(Body), archive.Sha256);
        Assert.AreEqual(condition, server.Exchanges[1]["If-Range"]);
        Assert.AreEqual(Body.Length / 2, server.Exchanges[1].RangeStart);
        Assert.IsEmpty(bench.Leftovers());
    }

    [TestMethod]
    [DataRow("ETag: W/\"one\"")]
    [DataRow("Last-Modified: Mon, 02 Jan 2023 03:04:05 GMT|Date: Mon, 02 Jan 2023 03:04:05 GMT")]
    [DataRow("X-Nothing: 1")]
    public async Task Without_a_strong_validator_a_download_starts_afresh(string headers)
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(CutOnce(exchange => exchange.ReplyAsync("200 OK", Body), headers.Split('|')));
        Assert.AreEqual(Digest(Body), (await ObtainAsync(bench, Request(server.Url("a.tar")))).Sha256);
        Assert.IsNull(server.Exchanges[1]["Range"]);
    }

    [TestMethod]
    public async Task A_server_without_ranges_sends_all_again()
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(CutOnce(exchange => exchange.ReplyAsync("200 OK", Body), Tag));
        Assert.AreEqual(Digest(Body), (await ObtainAsync(bench, Request(server.Url("a.tar")))).Sha256);
        Assert.IsNotNull(server.Exchanges[1]["Range"]);
    }

    [TestMethod]
    public async Task Content_that_changed_between_tries_is_taken_whole()
    {
        byte[] changed = Content(200_000, seed: 2);
        using SourceBench bench = new();
        using LoopbackServer server = new(CutOnce(exchange => exchange.ReplyAsync("200 OK", changed, "ETag: \"two\""), Tag));
        Assert.AreEqual(Digest(changed), (await ObtainAsync(bench, Request(server.Url("a.tar")))).Sha256);
    }

    [TestMethod]
    public async Task A_server_that_pieces_two_contents_together_is_asked_once_more_for_all()
    {
        byte[] changed = Content(Body.Length, seed: 2);
        using SourceBench bench = new();
        using LoopbackServer server = new(CutOnce(
            exchange => exchange["Range"] is null ? exchange.ReplyAsync("200 OK", changed) : exchange.ReplyRangeAsync(changed), Tag));
        Assert.AreEqual(Digest(changed), (await ObtainAsync(bench, Pinned(changed, server.Url("a.tar")))).Sha256);
        Assert.HasCount(3, server.Exchanges);
    }

    [TestMethod]
    [DataRow("ETag: \"two\"")]
    [DataRow("X-Nothing: 1")]
    public async Task A_part_that_may_be_of_another_content_is_not_taken_where_no_digest_could_tell(string header)
    {
        byte[] changed = Content(Body.Length, seed: 2);
        using SourceBench bench = new();
        using LoopbackServer server = new(CutOnce(
            exchange => exchange["Range"] is null ? exchange.ReplyAsync("200 OK", changed) : exchange.ReplyRangeAsync(changed, header), Tag));
        Assert.AreEqual(Digest(changed), (await ObtainAsync(bench, Request(server.Url("a.tar")))).Sha256);
        Assert.HasCount(3, server.Exchanges);
    }

    [TestMethod]
    [DataRow("206 Partial Content", "Content-Range: bytes 7-9/300000")]
    [DataRow("206 Partial Content", "X-Nothing: 1")]
    [DataRow("416 Range Not Satisfiable", "Content-Range: bytes */12")]
    public async Task A_wrong_range_makes_the_download_start_afresh(string status, string header)
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(CutOnce(
            exchange => exchange["Range"] is null ? exchange.ReplyAsync("200 OK", Body) : exchange.ReplyAsync(status, [1, 2, 3], header), Tag));
        Assert.AreEqual(Digest(Body), (await ObtainAsync(bench, Request(server.Url("a.tar")))).Sha256);
    }

    [TestMethod]
    public async Task A_server_that_cuts_off_and_resumes_wrongly_is_given_up()
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(async exchange =>
        {
            if (exchange["Range"] is not null)
            {
                await exchange.ReplyAsync("206 Partial Content", [1, 2, 3], "Content-Range: bytes 7-9/300000");
                return;
            }

            await exchange.HeadAsync("200 OK", $"Content-Length: {Body.Length}", Tag);
            await exchange.SendAsync(Body.AsMemory(0, Body.Length / 2));
        });
        // What one try more brings does not count again, so its resumption is the last.
        bench.Context = bench.Context with { Retries = 3 };
        Problem problem = await ProblemOfAsync(() => ObtainAsync(bench, Request(server.Url("a.tar"))));
        Assert.AreEqual("LAVA2033", problem.Code);
        Assert.Contains(server.Url("a.tar"), problem.Text);
        Assert.HasCount(4, server.Exchanges);
        Assert.IsEmpty(bench.Leftovers());
    }

    [TestMethod]
    public async Task A_later_run_resumes_what_an_earlier_one_left()
    {
        using SourceBench bench = new();
        bench.Context = bench.Context with { Retries = 0 };
        using LoopbackServer server = new(CutOnce(exchange => exchange.ReplyRangeAsync(Body, Tag), Tag));
        Problem problem = await ProblemOfAsync(() => ObtainAsync(bench, Request(server.Url("a.tar"))));
        Assert.AreEqual("LAVA2025", problem.Code);
        Assert.AreEqual(Digest(Body), (await ObtainAsync(bench, Request(server.Url("a.tar")))).Sha256);
        Assert.AreEqual(Body.Length / 2, server.Exchanges[1].RangeStart);
    }

    [TestMethod]
    public async Task As_long_as_each_try_brings_more_it_goes_on()
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(async exchange =>
        {
            int start = exchange.RangeStart;
            int end = Math.Min(start + (Body.Length / 10), Body.Length);
            await exchange.HeadAsync(
                start == 0 ? "200 OK" : "206 Partial Content",
                $"Content-Length: {Body.Length - start}",
                Tag,
                $"Content-Range: bytes {start}-{Body.Length - 1}/{Body.Length}");
            await exchange.SendAsync(Body.AsMemory(start..end));
        });
        Assert.AreEqual(Digest(Body), (await ObtainAsync(bench, Request(server.Url("a.tar")))).Sha256);
        Assert.IsGreaterThanOrEqualTo(10, server.Exchanges.Count);
    }

    [TestMethod]
    public async Task A_body_without_length_that_ends_early_is_known_by_the_pins_size()
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(async exchange =>
        {
            await exchange.HeadAsync("200 OK");
            await exchange.SendAsync(Body.AsMemory(0, exchange.Index == 0 ? 10 : Body.Length));
        });
        Assert.AreEqual(Digest(Body), (await ObtainAsync(bench, Pinned(Body, server.Url("a.tar")))).Sha256);
        Assert.HasCount(2, server.Exchanges);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task A_body_longer_than_the_pin_is_not_read_to_its_end(bool announced)
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(async exchange =>
        {
            await exchange.HeadAsync("200 OK", announced ? [$"Content-Length: {long.MaxValue}"] : []);
            while (true)
            {
                await exchange.SendAsync(Body);
            }
        });
        Problem problem = await ProblemOfAsync(() => ObtainAsync(bench, Pinned(Body, server.Url("a.tar"))));
        Assert.AreEqual("LAVA2030", problem.Code);
        Assert.IsEmpty(bench.Leftovers());
    }
}
