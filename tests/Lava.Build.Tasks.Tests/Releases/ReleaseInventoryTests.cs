using Lava.Build.Cache;
using Lava.Build.Releases;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Releases;

[TestClass]
public sealed class ReleaseInventoryTests
{
    /// <summary>Its digest fits, so it is more than a bad block; still no exception may come of it.</summary>
    [TestMethod]
    public async Task A_record_with_a_path_that_none_can_have_is_damaged()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", "usr/share/text=words");
        ReleaseDescription description = bench.Describe(request);
        string release = bench.Layout.Release(await bench.AssembleAsync(description, [request]));
        string name = description.Components[0].StoreName!;
        IReadOnlyList<TreeManifest> manifests = await bench.Store.EnsureAsync([(request, name)], InspectionDepth.Manifest, CancellationToken.None);
        ReleaseContents contents = ReleaseContents.Build(
            description, [new ReleaseTree { Component = "a", StoreName = name, Manifest = manifests[0] }], new Dictionary<string, string>());
        ReleaseInventory inventory = ReleaseInventory.Take(release, CancellationToken.None);
        Assert.IsNull(Difference());
        foreach (ReleaseInventory bad in (ReleaseInventory[])
        [
            inventory with { Files = new Dictionary<string, string>(inventory.Files) { ["a\0b"] = new string('a', 64) } },
            inventory with { Links = new Dictionary<string, string>(inventory.Links) { ["a\0b"] = "text" } },
        ])
        {
            CacheBench.Damage(Path.Combine(release, ReleaseRecord.FileName), ReleaseRecord.ToJson(description, contents, bad));
            Assert.AreEqual("'release.json' is damaged: it names what no file system has", Difference());
        }

        string? Difference() => ReleaseVerifier.FindDifference(release, description, contents, true, CancellationToken.None);
    }
}
