using System.Security.Cryptography;
using System.Text;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

[TestClass]
public sealed class TreeManifestTests
{
    private static readonly string Digest = Hashing.OfText("x");

    private static readonly TreeEntry[] Entries =
    [
        new("bin", EntryKind.Directory, ModifiedSeconds: 5),
        new("bin/elf", EntryKind.File, true, 100, 6, Digest) { Elf = new ElfFacts("/lib64/ld.so", null, ["libc.so.6", "libm.so.6"]) },
        new("bin/script", EntryKind.File, true, 100, 6, Digest) { Interpreter = "/usr/bin/env python3" },
        new("lib.so", EntryKind.File, false, long.MaxValue, 0, Digest) { Elf = new ElfFacts(null, "lib.so.1", []) },
        new("odd", EntryKind.File, false, 2, 0, Digest) { Interpreter = "" },
        new("plain.o", EntryKind.File, false, 2, 0, Digest) { Elf = new ElfFacts(null, null, []) },
        new("tail.so", EntryKind.File, false, 2, 0, Digest) { Elf = new ElfFacts(null, null, ["liba"]) },
        new("ü nd \\ 'x'", EntryKind.Link, LinkTarget: "../ü #!"),
    ];

    [TestMethod]
    public async Task What_was_written_is_read()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "manifest");
        new TreeManifest(Entries).Write(path);
        CollectionAssert.AreEqual(Entries, TreeManifest.Read(path).Entries.ToArray());
        Assert.AreEqual(TreeModes.File, File.GetUnixFileMode(path));
        Assert.Throws<IOException>(() => new TreeManifest([]).Write(path));
    }

    [TestMethod]
    public async Task A_truncated_or_edited_manifest_is_noticed()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "manifest");
        byte[] whole = ManifestText.Write(Entries).ToArray();
        for (int at = 0; at < whole.Length; at++)
        {
            await File.WriteAllBytesAsync(path, whole[..at]);
            AssertDamaged(path);
            byte[] edited = [.. whole];
            edited[at] ^= 1;
            await File.WriteAllBytesAsync(path, edited);
            AssertDamaged(path);
        }

        await File.WriteAllBytesAsync(path, [.. whole, (byte)'\n']);
        AssertDamaged(path);
    }

    [TestMethod]
    [DataRow("lava-tree\t2\n")]
    [DataRow("lava-tree\t1\nz\tpath\t1\n")]
    [DataRow("lava-tree\t1\nd\tpath\n")]
    [DataRow("lava-tree\t1\nd\tpath\tx\n")]
    [DataRow("lava-tree\t1\nf\tpath\t1\t2\tdigest\tunknown\n")]
    [DataRow("lava-tree\t1\nd\tpath\t1")]
    [DataRow("lava-tree\t1\nd\t/etc\t1\n")]
    [DataRow("lava-tree\t1\nd\t\t1\n")]
    [DataRow("lava-tree\t1\nd\ta/../../b\t1\n")]
    [DataRow("lava-tree\t1\nd\ta//b\t1\n")]
    [DataRow("lava-tree\t1\nd\t./a\t1\n")]
    [DataRow("lava-tree\t1\nd\ta/b\t1\n")]
    [DataRow("lava-tree\t1\nl\ta\t1\t../../x\nd\ta/b\t1\n")]
    public async Task A_manifest_of_another_format_is_refused_though_its_digest_is_right(string lines)
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "manifest");
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines)));
        await File.WriteAllTextAsync(path, $"{lines}sha256\t{digest}\n");
        AssertDamaged(path);
    }

    private static void AssertDamaged(string path)
    {
        Problem problem = Assert.ThrowsExactly<LavaException>(() => TreeManifest.Read(path)).Problems.Single();
        Assert.AreEqual("LAVA3020", problem.Code);
        StringAssert.Contains(problem.Text, path);
    }
}
