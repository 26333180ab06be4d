using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Sources;
using Lava.Build.Unpacking;
using static Lava.Build.Tests.Sources.SourceBench;

namespace Lava.Build.Tests.Sources;

[TestClass]
public sealed class ArchiveSourceTests
{
    private static readonly ArchiveSource Source = new();
    private static readonly byte[] Body = [0x1f, 0x8b, .. Content(5000)];

    private static ComponentReference Archive(string? sha256, params (string Name, string Value)[] metadata) =>
        Reference("archive", "thing", "1", sha256, metadata);

    private static async Task<Pin> ResolveAsync(SourceBench bench, ComponentReference reference) =>
        (await Source.ResolveAsync([reference], bench.Context, CancellationToken.None)).Single();

    private static Task FetchAsync(SourceBench bench, params (ComponentReference Reference, Pin Pin)[] components) => Source.FetchAsync(
        [.. components.Select(component => new PinnedComponent(component.Reference, component.Pin))], bench.Context, CancellationToken.None);

    private static string Codes(IEnumerable<Problem> problems) => string.Join(' ', problems.Select(problem => problem.Code));

    [TestMethod]
    public async Task Without_a_hash_the_first_restore_pins_what_it_gets()
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", Body));
        ComponentReference reference = Archive(null, ("Url", server.Url("d/a%20b.tar.gz?x=1")));
        Pin pin = await ResolveAsync(bench, reference);
        Pin expected = new() { Name = "thing", Source = "archive", Version = "1", File = "a b.tar.gz", Size = Body.Length, Sha256 = Digest(Body) };
        Assert.AreEqual(expected, pin);
        await FetchAsync(bench, (reference, pin));
        Assert.HasCount(1, server.Exchanges);
    }

    [TestMethod]
    [DataRow("a.tar.gz", DisplayName = "an error page")]
    [DataRow("a.zip", DisplayName = "another format")]
    [DataRow("a.tar.xz", DisplayName = "yet another format")]
    public async Task What_cannot_be_an_archive_is_not_pinned(string name)
    {
        using SourceBench bench = new();
        byte[] page = name.EndsWith("gz", StringComparison.Ordinal) ? "<html>Please log in</html>"u8.ToArray() : Body;
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", page));
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(
            () => ResolveAsync(bench, Archive(null, ("Url", server.Url(name)))));
        Assert.AreEqual("LAVA2035", Codes(failure.Problems));
        Assert.Contains("'thing'", failure.Problems[0].Text);
    }

    [TestMethod]
    public async Task With_a_hash_resolving_asks_nobody()
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", Body));
        ComponentReference reference = Archive(Digest(Body), ("Url", server.Url("a.zip")));
        Pin pin = await ResolveAsync(bench, reference);
        Assert.AreEqual((Digest(Body), null, 0), (pin.Sha256, pin.Size, server.Exchanges.Count));
        await FetchAsync(bench, (reference, pin));
        CollectionAssert.AreEqual((string[])[Digest(Body)], bench.Cached());
    }

    [TestMethod]
    public async Task A_file_of_the_project_enters_the_cache()
    {
        using SourceBench bench = new();
        await File.WriteAllBytesAsync(Path.Combine(bench.Project, "a#1%.tar"), Body);
        ComponentReference reference = Archive(null, ("Path", "./a#1%.tar"));
        Pin pin = await ResolveAsync(bench, reference);
        Assert.AreEqual(("a#1%.tar", Digest(Body)), (pin.File, pin.Sha256));
        CollectionAssert.AreEqual((string[])[Digest(Body)], bench.Cached());
        await File.AppendAllTextAsync(Path.Combine(bench.Project, "a#1%.tar"), "more");
        File.Delete(bench.Archives.PathOf(pin.Sha256!));
        Assert.AreEqual("LAVA2001", (await ProblemOfAsync(() => FetchAsync(bench, (reference, pin)))).Code);
        Assert.IsEmpty(bench.Leftovers());
    }

    [TestMethod]
    public async Task A_file_that_is_missing_is_an_error()
    {
        using SourceBench bench = new();
        Problem problem = await ProblemOfAsync(() => ResolveAsync(bench, Archive(null, ("Path", "a.tar"))));
        Assert.AreEqual("LAVA2031", problem.Code);
        Assert.AreEqual(new SourceLocation("instance.proj", 3, 4), problem.Location);
    }

    [TestMethod]
    public async Task Mirrors_are_tried_after_the_url()
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(exchange =>
            exchange.Target == "/c.tar" ? exchange.ReplyAsync("200 OK", Body) : exchange.ReplyAsync("404 Not Found", []));
        Pin pin = await ResolveAsync(
            bench, Archive(null, ("Url", server.Url("a.tar")), ("Mirrors", $" {server.Url("b.tar")}; {server.Url("c.tar")} ;")));
        Assert.AreEqual(("a.tar", 3), (pin.File, server.Exchanges.Count));
    }

    [TestMethod]
    public async Task All_components_that_fail_are_told_of_in_order_and_the_others_are_kept()
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(exchange =>
            exchange.Target == "/2.tar" ? exchange.ReplyAsync("200 OK", Body) : exchange.ReplyAsync("404 Not Found", []));
        (ComponentReference, Pin)[] components =
        [
            .. Enumerable.Range(0, 6).Select(index => (
                Archive(null, ("Url", server.Url($"{index}.tar"))),
                new Pin { Name = "thing", Source = "archive", Sha256 = index == 2 ? Digest(Body) : new string('0', 64) })),
        ];
        IReadOnlyList<Problem> problems = await ProblemsOfAsync(() => FetchAsync(bench, components));
        Assert.AreEqual("LAVA2021 LAVA2021 LAVA2021 LAVA2021 LAVA2021", Codes(problems));
        for (int index = 0; index < 5; index++)
        {
            Assert.Contains($"/{(index < 2 ? index : index + 1)}.tar", problems[index].Text);
        }

        CollectionAssert.AreEqual((string[])[Digest(Body)], bench.Cached());
    }

    [TestMethod]
    public async Task No_more_than_four_are_fetched_at_once()
    {
        using SourceBench bench = new();
        int now = 0;
        int most = 0;
        TaskCompletionSource four = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using LoopbackServer server = new(async exchange =>
        {
            int count = Interlocked.Increment(ref now);
            int seen;
            while ((seen = Volatile.Read(ref most)) < count && Interlocked.CompareExchange(ref most, count, seen) != seen)
            {
            }

            if (count == 4)
            {
                four.SetResult();
            }

            await four.Task;
            Interlocked.Decrement(ref now);
            await exchange.ReplyAsync("200 OK", Content(10, exchange.Index));
        });
        ComponentReference[] references = [.. Enumerable.Range(0, 12).Select(index => Archive(null, ("Url", server.Url($"{index}.tar"))))];
        await Source.ResolveAsync(references, bench.Context, CancellationToken.None);
        Assert.AreEqual(4, most);
    }

    [TestMethod]
    [DataRow("Url=https://h/a.tar", "")]
    [DataRow("Url=http://h/a.tgz|Mirrors=https://m/a;file:///b", "")]
    [DataRow("Path=sub/a.tar.xz|Prefix=usr/lib/|StripComponents=1", "")]
    [DataRow("Url=https://h/download|Format=tar.gz", "")]
    [DataRow("Url=https://h/|Format=ZIP", "")]
    [DataRow("", "LAVA1024")]
    [DataRow("Url=https://h/", "LAVA1029")]
    [DataRow("Url=https://h/a.tar|Path=a.tar", "LAVA1024")]
    [DataRow("Path=a.tar|Mirrors=https://h/a.tar", "LAVA1027")]
    [DataRow("Path=../a.tar", "LAVA1007")]
    [DataRow("Path=/a.tar", "LAVA1007")]
    [DataRow("Path=a/../../a.tar", "LAVA1007")]
    [DataRow("Path=a\n.tar", "LAVA1020")]
    [DataRow("Url=a.tar", "LAVA1025")]
    [DataRow("Url=/a.tar", "LAVA1025")]
    [DataRow("Url=ftp://h/a.tar", "LAVA1025")]
    [DataRow("Url=https:///a.tar", "LAVA1025")]
    [DataRow("Url=https://h/a b.tar", "LAVA1025")]
    [DataRow("Url=file://\u202e/a.tar", "LAVA1025")]
    [DataRow("Url=file://host/a.tar", "LAVA1025")]
    [DataRow("Url=https://h/a.tar|Mirrors=nonsense", "LAVA1025")]
    [DataRow("Url=https://me:secret@h/a.tar", "LAVA1026")]
    [DataRow("Url=https://h/a.tar|Mirrors=https://secret@h/a.tar", "LAVA1026")]
    [DataRow("Url=https://me:secret@h h/a.tar", "LAVA1025")]
    [DataRow("Path=a.tar|Prefix=../x", "LAVA1007")]
    [DataRow("Path=a.tar|Prefix=/usr", "LAVA1007")]
    [DataRow("Path=a.tar|Prefix=a\tb", "LAVA1020")]
    [DataRow("Path=a.rar", "LAVA1029")]
    [DataRow("Path=a.tar|Format=rar", "LAVA1030")]
    public void Metadata_is_checked(string metadata, string codes)
    {
        (string, string)[] pairs =
            [.. metadata.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).Select(pair => (pair[0], pair[1]))];
        Problem[] problems = [.. Source.Check(Archive(null, pairs), "/project")];
        Assert.AreEqual(codes, Codes(problems));
        Assert.DoesNotContain("secret", string.Concat(problems.Select(problem => problem.Text)));
    }

    [TestMethod]
    [DataRow("-1")]
    [DataRow("one")]
    [DataRow("100")]
    [DataRow("1.0")]
    public void StripComponents_is_a_small_whole_number(string number) => Assert.AreEqual(
        Strings.BadNumber[..8], Codes(Source.Check(Archive(null, ("Path", "a.tar"), ("StripComponents", number)), "/project")));

    [TestMethod]
    [DataRow("a.tar", "", ArchiveFormat.Tar)]
    [DataRow("a.tar.gz", "", ArchiveFormat.TarGzip)]
    [DataRow("a.TGZ", "", ArchiveFormat.TarGzip)]
    [DataRow("a-1.2.tar.xz", "", ArchiveFormat.TarXz)]
    [DataRow("a.txz", "", ArchiveFormat.TarXz)]
    [DataRow("a.tar.zst", "", ArchiveFormat.TarZstandard)]
    [DataRow("a.tzst", "", ArchiveFormat.TarZstandard)]
    [DataRow("a.tar.bz2", "", ArchiveFormat.TarBzip2)]
    [DataRow("a.tbz2", "", ArchiveFormat.TarBzip2)]
    [DataRow("a.zip", "", ArchiveFormat.Zip)]
    [DataRow("a.zip", ".tar.xz", ArchiveFormat.TarXz)]
    public void The_recipe_follows_the_name_or_the_format(string path, string format, ArchiveFormat expected)
    {
        ComponentReference reference = Archive(null, ("Path", path), ("Format", format), ("Prefix", "./usr//lib/"), ("StripComponents", "2"));
        Assert.AreEqual(
            new TreeRecipe(expected, "usr/lib", 2),
            Source.Recipe(new PinnedComponent(reference, new Pin { Name = "thing", Source = "archive" })));
    }
}
