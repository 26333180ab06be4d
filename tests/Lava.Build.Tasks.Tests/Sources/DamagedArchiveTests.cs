using Lava.Build.Components;
using Lava.Build.Sources;

namespace Lava.Build.Tests.Sources;

[TestClass]
public sealed class DamagedArchiveTests
{
    [TestMethod]
    public async Task A_damaged_archive_of_the_right_size_is_set_aside_and_fetched_again_by_the_same_restore()
    {
        using SourceBench bench = new();
        byte[] content = SourceBench.Content(2000);
        string digest = SourceBench.Digest(content);
        await File.WriteAllBytesAsync(bench.At("project", "a.tar"), content);
        await File.WriteAllBytesAsync(bench.Archives.PathOf(digest), SourceBench.Content(2000, seed: 2));
        ComponentReference reference = SourceBench.Reference("archive", "a", "1", null, ("Path", "a.tar"));
        Pin pin = new() { Name = "a", Source = "archive", Version = "1", Size = content.Length, Sha256 = digest };

        await ComponentFetcher.FetchAsync([new PinnedComponent(reference, pin)], new SourceContexts(bench.Context, bench.Layout), CancellationToken.None);

        CollectionAssert.AreEqual(content, await File.ReadAllBytesAsync(bench.Archives.PathOf(digest)));
        Assert.AreEqual("LAVA2002", bench.Log.Warnings.Single().Code);
    }
}
