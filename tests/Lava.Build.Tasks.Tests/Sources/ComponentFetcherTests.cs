using Lava.Build.Components;
using Lava.Build.Sources;
using static Lava.Build.Tests.Sources.SourceBench;

namespace Lava.Build.Tests.Sources;

[TestClass]
public sealed class ComponentFetcherTests
{
    private static readonly byte[] Body = Content(5000);

    [TestMethod]
    [DataRow(0, DisplayName = "one byte changed")]
    [DataRow(-1, DisplayName = "cut off")]
    public async Task A_damaged_archive_is_set_aside_and_fetched_again_in_the_same_run(int change)
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", Body));
        PinnedComponent component = Component(server);
        await ComponentFetcher.FetchAsync([component], Contexts(bench), CancellationToken.None);
        string archive = bench.Archives.PathOf(Digest(Body));
        byte[] damaged = change == 0 ? [.. Body[..^1], (byte)(Body[^1] ^ 1)] : Body[..^1];
        File.Delete(archive);
        await File.WriteAllBytesAsync(archive, damaged);

        await ComponentFetcher.FetchAsync([component], Contexts(bench), CancellationToken.None);
        CollectionAssert.AreEqual(Body, await File.ReadAllBytesAsync(archive));
        Assert.HasCount(2, server.Exchanges);
        Assert.Contains("LAVA2002", string.Join('\n', bench.Log.Warnings.Select(warning => warning.Code)));
        Assert.HasCount(1, Directory.GetFiles(bench.Layout.Damaged));
    }

    [TestMethod]
    public async Task What_the_cache_has_is_not_asked_for()
    {
        using SourceBench bench = new();
        using LoopbackServer server = new(exchange => exchange.ReplyAsync("200 OK", Body));
        PinnedComponent component = Component(server);
        await ComponentFetcher.FetchAsync([component], Contexts(bench), CancellationToken.None);
        await ComponentFetcher.FetchAsync([component], Contexts(bench), CancellationToken.None);
        Assert.HasCount(1, server.Exchanges);
    }

    private static SourceContexts Contexts(SourceBench bench) => new(bench.Context, bench.Layout);

    private static PinnedComponent Component(LoopbackServer server)
    {
        ComponentReference reference = Reference("archive", "thing", "1", null, ("Url", server.Url("a.zip")));
        return new PinnedComponent(
            reference,
            new Pin { Name = "thing", Source = "archive", Version = "1", File = "a.zip", Size = Body.Length, Sha256 = Digest(Body) });
    }
}
