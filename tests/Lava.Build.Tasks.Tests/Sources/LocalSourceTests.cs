using Lava.Build.Components;
using Lava.Build.Sources;
using static Lava.Build.Tests.Sources.SourceBench;

namespace Lava.Build.Tests.Sources;

[TestClass]
public sealed class LocalSourceTests
{
    private static readonly LocalSource Source = new();

    private static ComponentReference Local(string metadata) => Reference(
        "local",
        "thing",
        "",
        null,
        [.. metadata.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).Select(pair => (pair[0], pair[1]))]);

    [TestMethod]
    [DataRow("Path=../home", "")]
    [DataRow("Path=.|Prefix=lib/x|PythonPath=.;src", "")]
    [DataRow("", "LAVA1031")]
    [DataRow("Path=missing", "LAVA1032")]
    [DataRow("Path=file", "LAVA1032")]
    [DataRow("Path=a\nb", "LAVA1020")]
    [DataRow("Path=.|Prefix=../x", "LAVA1007")]
    [DataRow("Path=.|Prefix=/x", "LAVA1007")]
    [DataRow("Path=.|PythonPath=a;../b;/c", "LAVA1007 LAVA1007")]
    [DataRow("Path=.|PythonPath=a\tb", "LAVA1020")]
    public void Metadata_is_checked(string metadata, string codes)
    {
        using SourceBench bench = new();
        File.WriteAllText(Path.Combine(bench.Project, "file"), "");
        Assert.AreEqual(codes, string.Join(' ', Source.Check(Local(metadata), bench.Project).Select(problem => problem.Code)));
    }

    [TestMethod]
    public async Task It_is_used_in_place()
    {
        using SourceBench bench = new();
        ComponentReference reference = Local("Path=../home/|PythonPath=src/; .");
        Pin pin = (await Source.ResolveAsync([reference], bench.Context, CancellationToken.None)).Single();
        Assert.AreEqual(new Pin { Name = "thing", Source = "local" }, pin);
        PinnedComponent component = new(reference, pin);
        await Source.FetchAsync([component], bench.Context, CancellationToken.None);
        Assert.IsNull(Source.Recipe(component));
        Assert.AreEqual(bench.At("home"), LocalSource.DirectoryOf(reference, bench.Project));
        Assert.AreEqual("src/thing", LocalSource.PrefixOf(reference));
        Assert.AreEqual("lib/x", LocalSource.PrefixOf(Local("Prefix=lib/x/")));
        CollectionAssert.AreEqual((string[])["src", ""], LocalSource.PythonPathOf(reference).ToArray());
    }

    [TestMethod]
    [DataRow("deb", typeof(DebSource))]
    [DataRow("Archive", typeof(ArchiveSource))]
    [DataRow("LOCAL", typeof(LocalSource))]
    public void A_source_is_found_by_name_in_any_case(string name, Type type) =>
        Assert.AreEqual(type, SourceRegistry.Find(name)!.GetType());

    [TestMethod]
    public void Every_name_of_the_registry_is_a_source_and_no_other_is()
    {
        CollectionAssert.AreEqual((string[])["deb", "archive", "local"], SourceRegistry.Names.ToArray());
        Assert.IsNull(SourceRegistry.Find("svn"));
    }
}
