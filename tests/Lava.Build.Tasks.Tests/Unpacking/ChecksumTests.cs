using System.Buffers.Binary;
using System.Security.Cryptography;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

/// <summary>What programs read, damaged where only a checksum or a length of the packing shows it: the tar in it is whole.</summary>
[TestClass]
public sealed class ChecksumTests
{
    private const int LastBytes = 32;

    [TestMethod]
    [DataRow("tar.xz", true)]
    [DataRow("tar.zst", true)]
    [DataRow("tar.bz2", true)]
    [DataRow("deb, gz", true)]
    [DataRow("deb, xz", true)]
    [DataRow("deb, zst", true)]
    [DataRow("tar.xz", false)]
    [DataRow("tar.zst", false)]
    [DataRow("deb, xz", false)]
    [DataRow("deb, zst", false)]
    public async Task Each_of_the_last_bytes_is_missed_with_and_without_a_checksum(string name, bool check)
    {
        using Workbench bench = new();
        using HostileBench cache = new();
        Packing packing = AttackMatrix.Packings.Single(packing => packing.Name == name);
        byte[] data = await PackAsync(bench, packing, new TarBuilder().Member('0', "a", Noise(3000)).Finished(), check);
        for (int missing = 1; missing <= LastBytes; missing++)
        {
            await RefuseAsync(bench, cache, packing, Wrap(packing, data[..^missing]), $"{missing} bytes less");
            if (packing.Data is not null)
            {
                // The last byte of a package may be a filler.
                byte[] package = Wrap(packing, data);
                await RefuseAsync(bench, cache, packing, package[..^(missing + (data.Length & 1))], $"{missing} bytes less of the package");
            }
        }
    }

    [TestMethod]
    [DataRow("tar.xz")]
    [DataRow("tar.zst")]
    [DataRow("tar.bz2")]
    [DataRow("deb, gz")]
    [DataRow("deb, xz")]
    [DataRow("deb, zst")]
    public async Task An_archive_whose_checksum_is_wrong_is_refused(string name)
    {
        using Workbench bench = new();
        using HostileBench cache = new();
        Packing packing = AttackMatrix.Packings.Single(packing => packing.Name == name);
        byte[] data = await PackAsync(bench, packing, new TarBuilder().Member('0', "a", Noise(3000)).Finished(), check: true);
        Assert.AreEqual("a", (await bench.UnpackAsync(await bench.WriteAsync(Wrap(packing, data)), packing.Format)).Entries.Single().Path);
        foreach (int at in CheckBytes(packing.Data?.Format ?? packing.Format, data))
        {
            byte[] flipped = [.. data];
            flipped[at] ^= 0x80;
            await RefuseAsync(bench, cache, packing, Wrap(packing, flipped), $"byte {at} of {data.Length}");
        }
    }

    /// <summary>
    /// zstd and xz can leave the checksum out, and a tar or a package with a plain one has none of content. The archive's SHA-256 is the
    /// pin's by the time it is unpacked, so the archive was made so; the manifest has the content's own SHA-256, whatever it is.
    /// </summary>
    [TestMethod]
    [DataRow("tar")]
    [DataRow("tar.xz")]
    [DataRow("tar.zst")]
    [DataRow("deb")]
    [DataRow("deb, xz")]
    [DataRow("deb, zst")]
    public async Task Content_that_changed_in_an_archive_without_a_checksum_is_taken_and_only_the_pin_notices(string name)
    {
        using Workbench bench = new();
        Packing packing = AttackMatrix.Packings.Single(packing => packing.Name == name);

        // So much that even xz stores some as it is.
        byte[] noise = Noise(400_000);
        byte[] data = await PackAsync(bench, packing, new TarBuilder().Member('0', "a", noise).Finished(), check: false);
        int at = data.AsSpan().IndexOf(noise.AsSpan(300_000, 16));
        Assert.IsGreaterThan(0, at);
        data[at] ^= 0x80;
        noise[300_000] ^= 0x80;
        TreeManifest manifest = await bench.UnpackAsync(await bench.WriteAsync(Wrap(packing, data)), packing.Format);
        Assert.AreEqual(Convert.ToHexStringLower(SHA256.HashData(noise)), manifest.Entries.Single().Sha256);
    }

    /// <summary>Where a byte belongs to a checksum, or with xz to what says where it is.</summary>
    private static IEnumerable<int> CheckBytes(ArchiveFormat format, byte[] data)
    {
        switch (format)
        {
            case ArchiveFormat.TarGzip:
                // CRC-32 and length.
                return Enumerable.Range(data.Length - 8, 8);
            case ArchiveFormat.TarZstandard:
                return Enumerable.Range(data.Length - 4, 4);
            case ArchiveFormat.TarBzip2:
                // The first block's, behind two marks, and the stream's, which need not end with a byte but reaches into the last four.
                return [.. Enumerable.Range(10, 4), .. Enumerable.Range(data.Length - 4, 4)];
            default:
                // The block's of eight bytes, and the index and the footer behind it, which have their own.
                int index = 4 * (BinaryPrimitives.ReadInt32LittleEndian(data.AsSpan(data.Length - 8)) + 1);
                return Enumerable.Range(data.Length - 12 - index - 8, 8 + index + 12);
        }
    }

    private static Task RefuseAsync(Workbench bench, HostileBench cache, Packing packing, byte[] archive, string what)
    {
        string path = bench.PathOf("damaged");
        File.WriteAllBytes(path, archive);
        return cache.AssertRefusedAsync(path, packing.Format, null, "LAVA3002", $"{packing}, {what}");
    }

    /// <summary>A tar, packed, which a package is still to be made around.</summary>
    private static async Task<byte[]> PackAsync(Workbench bench, Packing packing, byte[] tar, bool check)
    {
        ArchiveFormat format = packing.Data?.Format ?? packing.Format;
        string path = await bench.PackAsync(tar, check ? format : ArchiveFormat.Tar);
        if (!check && format == ArchiveFormat.TarZstandard)
        {
            await bench.RunAsync("zstd", "-q", "--no-check", path, "-o", path += ".packed");
        }
        else if (!check && format == ArchiveFormat.TarXz)
        {
            await bench.RunAsync("xz", "-q", "--check=none", path);
            path += ".xz";
        }

        return await File.ReadAllBytesAsync(path);
    }

    private static byte[] Wrap(Packing packing, byte[] data) =>
        packing.Data is (_, { } ending) ? new DebBuilder().Whole("data.tar" + ending, data).Finished() : data;

    private static byte[] Noise(int count)
    {
        byte[] noise = new byte[count];
        new Random(1).NextBytes(noise);
        return noise;
    }
}
