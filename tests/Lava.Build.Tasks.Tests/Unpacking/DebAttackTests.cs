using System.IO.Compression;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

/// <summary>Debian packages whose ar archive is not as deb(5) has it.</summary>
[TestClass]
public sealed class DebAttackTests
{
    private const string Taken = "first";
    private static readonly byte[] Data = new TarBuilder().File("first", "harmless").Finished();
    private static readonly byte[] Evil = new TarBuilder().File("../escape").Finished();

    /// <summary>The outcome is a code, or <see cref="Taken"/> if the one data member that counts is unpacked.</summary>
    private static readonly Dictionary<string, (string Outcome, Func<byte[]> Make)> Attacks = new()
    {
        ["nothing wrong"] = (Taken, () => new DebBuilder().Whole("data.tar", Data).Finished()),
        ["no debian-binary"] = ("LAVA3002", () => new DebBuilder().ControlTar().Member("data.tar", Data).Finished()),
        ["debian-binary last"] = ("LAVA3002", () => new DebBuilder().ControlTar().Member("data.tar", Data).Version().Finished()),
        ["version 3.0"] = ("LAVA3002", () => new DebBuilder().Version("3.0\n").ControlTar().Member("data.tar", Data).Finished()),
        ["version that is no number"] = ("LAVA3002", () => new DebBuilder().Version("two\n").ControlTar().Member("data.tar", Data).Finished()),
        ["control after data"] = ("LAVA3002", () => new DebBuilder().Version().Member("data.tar", Data).ControlTar().Finished()),
        ["no control"] = ("LAVA3002", () => new DebBuilder().Version().Member("data.tar", Data).Finished()),
        ["two controls"] = ("LAVA3002", () => new DebBuilder().Version().ControlTar().ControlTar("control.tar.gz").Member("data.tar", Data).Finished()),
        ["no data"] = ("LAVA3002", () => new DebBuilder().Version().ControlTar().Finished()),
        ["two data members, of which dpkg takes the first"] = (Taken, () => new DebBuilder().Whole("data.tar", Data).Member("data.tar", Evil).Finished()),
        ["two data members, the first hostile"] = ("LAVA3004", () => new DebBuilder().Whole("data.tar", Evil).Member("data.tar", Data).Finished()),
        ["unknown member before data"] = ("LAVA3002", () => new DebBuilder().Version().ControlTar().Member("extra", Evil).Member("data.tar", Data).Finished()),
        ["private member before data, as deb(5) allows"] = (Taken, () => new DebBuilder().Version().ControlTar().Member("_extra", Evil).Member("data.tar", Data).Finished()),
        ["unknown member behind data, as deb(5) allows"] = (Taken, () => new DebBuilder().Whole("data.tar", Data).Member("extra", Evil).Finished()),
        ["data with a slash behind its name, as ar of System V writes"] = (Taken, () => new DebBuilder().Whole("data.tar/", Data).Finished()),
        ["data in a directory"] = ("LAVA3002", () => new DebBuilder().Whole("a/data.tar", Data).Finished()),
        ["data upwards"] = ("LAVA3002", () => new DebBuilder().Whole("../data.tar", Data).Finished()),
        ["data packed by nobody knows what"] = ("LAVA3002", () => new DebBuilder().Whole("data.tar.zip", Data).Finished()),
        ["data that is not packed as its name says"] = ("LAVA3002", () => new DebBuilder().Whole("data.tar.xz", Data).Finished()),
        ["data that is no tar"] = ("LAVA3001", () => new DebBuilder().Whole("data.tar", [.. Enumerable.Repeat((byte)'#', 2048)]).Finished()),
        ["data of nothing"] = ("LAVA3001", () => new DebBuilder().Whole("data.tar", []).Finished()),
        ["size that goes beyond the archive"] = ("LAVA3002", () => new DebBuilder().Version().ControlTar().Member("data.tar", Data, size: "99999999").Finished()),
        ["size smaller than the data"] = ("LAVA3001", () => new DebBuilder().Version().ControlTar().Member("data.tar", Data, size: "700").Finished()),
        ["size that is negative"] = ("LAVA3002", () => new DebBuilder().Version().ControlTar().Member("data.tar", Data, size: "-1").Finished()),
        ["size that is no number"] = ("LAVA3002", () => new DebBuilder().Version().ControlTar().Member("data.tar", Data, size: "many").Finished()),
        ["control whose size takes in the data"] = ("LAVA3002", () => new DebBuilder().Version().Member("control.tar", Data, size: "3000").Member("data.tar", Data).Finished()),
        ["wrong mark behind a header"] = ("LAVA3002", () => new DebBuilder().Version().ControlTar().Member("data.tar", Data, magic: "xx").Finished()),
        ["wrong first line"] = ("LAVA3002", () => new DebBuilder("!<arc>\n\n").Whole("data.tar", Data).Finished()),
        ["thin archive"] = ("LAVA3002", () => new DebBuilder("!<thin>\n").Whole("data.tar", Data).Finished()),
        ["extended names of BSD"] = ("LAVA3002", () => new DebBuilder().Whole("#1/8", [.. "data.tar"u8, .. Data]).Finished()),
        ["garbage behind the end"] = (Taken, () => [.. new DebBuilder().Whole("data.tar", Data).Finished(), .. "garbage"u8]),
        ["nothing but the first line"] = ("LAVA3002", () => new DebBuilder().Finished()),
        ["a bomb as control, which is not unpacked"] = (Taken, () => new DebBuilder().Version().Member("control.tar.gz", Gzip(new byte[64 << 20])).Member("data.tar", Data).Finished()),
        ["a package in the package, which is a file"] = ("inner.deb", () => new DebBuilder().Whole("data.tar", new TarBuilder().Member('0', "inner.deb", new DebBuilder().Whole("data.tar", Evil).Finished()).Finished()).Finished()),
    };

    public static IEnumerable<object[]> Names => Attacks.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public async Task A_package_of_members_out_of_place_is_read_as_dpkg_does_or_refused(string name)
    {
        (string outcome, Func<byte[]> make) = Attacks[name];
        using Workbench bench = new();
        using HostileBench cache = new();
        string archive = await bench.WriteAsync(make());
        if (outcome.StartsWith("LAVA", StringComparison.Ordinal))
        {
            await cache.AssertRefusedAsync(archive, ArchiveFormat.Deb, null, outcome, name);
        }
        else
        {
            TreeManifest manifest = await bench.UnpackAsync(archive, ArchiveFormat.Deb);
            Assert.AreEqual(outcome, manifest.Entries.Single().Path);
        }
    }

    private static byte[] Gzip(byte[] content)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }
}
