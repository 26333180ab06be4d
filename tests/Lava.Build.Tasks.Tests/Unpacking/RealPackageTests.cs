using System.Globalization;
using System.Text;
using Lava.Build.Components;
using Lava.Build.Platform;
using Lava.Build.Sources;
using Lava.Build.Tests.Sources;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

/// <summary>Packages as Debian has them unpack to the tree that <c>dpkg-deb -x</c> gives; docs/reliability.md has the results.</summary>
[TestClass]
[DoNotParallelize]
public sealed class RealPackageTests
{
    /// <summary>Each for something that others have not.</summary>
    private static readonly (string Name, string Why)[] Chosen =
    [
        ("base-files", "sticky and setgid directories"),
        ("bzip2", "hard links, programs in `/bin`"),
        ("ca-certificates", "a name beyond ASCII"),
        ("fontconfig-config", "many absolute links"),
        ("git", "big; links between directories"),
        ("kmod", "absolute links in `/sbin`"),
        ("libc6", "`/lib`, `/lib64`; the dynamic loader"),
        ("libutempter0", "setgid program in `/usr/lib`"),
        ("mount", "setuid programs in `/bin`"),
        ("ncurses-term", "thousands of small files and links"),
        ("openssh-client", "setgid program; a version with an epoch"),
        ("passwd", "setuid and setgid programs; many languages"),
        ("perl-base", "a hard link to a big program"),
        ("postgresql-15", "PostgreSQL"),
        ("postgresql-client-15", "PostgreSQL"),
        ("python3-setuptools", "blanks in names"),
        ("sudo", "setuid program; files that only root may read"),
        ("systemd", "`/lib`; backslashes in names; links to devices"),
        ("tzdata", "hundreds of links, hundreds of directories"),
        ("unzip", "hard link"),
    ];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [TestCategory("Slow")]
    public async Task Packages_chosen_for_variety_unpack_as_dpkg_unpacks_them_however_they_are_packed()
    {
        using SourceBench source = Bench();
        Apt apt = await Apt.OpenAsync(source.Context, "", CancellationToken.None);
        Assert.IsNull(await apt.UpdateAsync(CancellationToken.None));
        ILookup<string, string> versions = await apt.VersionsAsync(Chosen.Select(row => row.Name), CancellationToken.None);
        string[] specifications = [.. Chosen.Select(row => $"{row.Name}={versions[row.Name].First()}")];
        StringBuilder table = new("| package | version | chosen for | paths | files | links | MB |\n|---|---|---|---|---|---|---|\n");
        foreach ((string specification, string archive) in await DownloadAsync(source, apt, specifications))
        {
            using Workbench bench = new();
            TreeManifest manifest = await CompareAsync(bench, archive);
            await CompareRepackedAsync(bench, archive, manifest);
            string[] words = specification.Split('=');
            table.Append(CultureInfo.InvariantCulture, $"| {words[0]} | {words[1]} | {Chosen.Single(row => row.Name == words[0]).Why} | {manifest.Entries.Count:N0} ")
                .Append(CultureInfo.InvariantCulture, $"| {manifest.Entries.Count(entry => entry.Kind == EntryKind.File):N0} ")
                .Append(CultureInfo.InvariantCulture, $"| {manifest.Entries.Count(entry => entry.Kind == EntryKind.Link):N0} | {manifest.Entries.Sum(entry => entry.Size) / 1e6:N1} |\n");
        }

        TestContext.WriteLine(table.ToString());
    }

    [TestMethod]
    [TestCategory("Slow")]
    public async Task The_packages_of_the_sample_unpack_as_dpkg_unpacks_them()
    {
        using SourceBench source = Bench();
        Apt apt = await Apt.OpenAsync(source.Context, "", CancellationToken.None);
        Assert.IsNull(await apt.UpdateAsync(CancellationToken.None));
        LockFile locked = LockFile.Read(Repository.At("sample-instance", "instance.lock.json"))!;
        Assert.HasCount(67, locked.Pins);
        string[] specifications = [.. locked.Pins.Values.Select(pin => $"{pin.Name}={pin.Version}")];
        int paths = 0;
        foreach ((_, string archive) in await DownloadAsync(source, apt, specifications))
        {
            using Workbench bench = new();
            paths += (await CompareAsync(bench, archive)).Entries.Count;
        }

        TestContext.WriteLine($"{locked.Pins.Count} packages, {paths} paths");
    }

    /// <summary>With the proxies of this machine, if it has any.</summary>
    private static SourceBench Bench() => new(
        [.. HostEnvironment.OfThisProcess().Variables.Where(pair => pair.Key.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase)).Select(pair => (pair.Key, pair.Value))]);

    private static async Task<IReadOnlyList<(string Specification, string Archive)>> DownloadAsync(SourceBench source, Apt apt, string[] specifications)
    {
        (IReadOnlyList<AptOffer> offers, string? failure) = await apt.OffersAsync(specifications, CancellationToken.None);
        Assert.IsNull(failure);
        string directory = Directory.CreateDirectory(source.At("packages")).FullName;
        ProcessOutcome outcome = await apt.DownloadAsync(specifications, directory, CancellationToken.None);
        return [.. specifications.Select(specification =>
        {
            AptOffer offer = offers.Single(offer => $"{offer.Name}={offer.Version}" == specification);
            string archive = Path.Combine(directory, offer.File);
            Assert.IsTrue(File.Exists(archive), $"{specification}: {outcome.Error}");
            return (specification, archive);
        })];
    }

    private static async Task<TreeManifest> CompareAsync(Workbench bench, string archive)
    {
        string expected = bench.PathOf("expected");
        await bench.RunAsync("dpkg-deb", "-x", archive, expected);
        TreeManifest manifest = await bench.UnpackAsync(archive, ArchiveFormat.Deb);
        await GoodArchiveTests.AssertSameAsync(expected, bench.Tree, manifest);
        return manifest;
    }

    /// <summary>The same content, the data member packed by gzip and by Zstandard, in turn.</summary>
    private static async Task CompareRepackedAsync(Workbench bench, string archive, TreeManifest expected)
    {
        await bench.RunAsync("sh", "-c", "dpkg-deb --fsys-tarfile \"$1\" > data.tar", "sh", archive);
        byte[] tar = await File.ReadAllBytesAsync(bench.PathOf("data.tar"));
        foreach (Packing packing in AttackMatrix.Packings.Where(packing => packing.Name is "deb, gz" or "deb, zst"))
        {
            TreeManifest manifest = await bench.UnpackAsync(await AttackMatrix.PackAsync(bench, packing, tar), ArchiveFormat.Deb);
            CollectionAssert.AreEqual(expected.Entries.ToArray(), manifest.Entries.ToArray(), $"{archive}, {packing}");
        }
    }
}
