using System.IO.Compression;
using Lava.Build.Diagnostics;
using Lava.Build.Tests.Unpacking;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Fuzzing;

/// <summary>
/// Unpacks archives beside a directory that must stay as it is. What was refused may leave files, links and directories in its own
/// tree only; what was taken must be exactly what its manifest says.
/// </summary>
internal sealed class UnpackFuzzTarget(ArchiveFormat format) : FuzzTarget
{
    private const string Kept = "kept";
    private static readonly UnpackLimits Limits = new(Entries: 30, Bytes: 4 << 20, Ratio: 200);
    private readonly Workbench _bench = WithCanary();
    private int _number;

    internal override string Name => format.ToString().ToLowerInvariant();

    internal override int Weight => UsesProgram ? 2 : 8;

    internal override TimeSpan TimeLimit => TimeSpan.FromSeconds(UsesProgram ? 60 : 20);

    private bool UsesProgram => format is not (ArchiveFormat.Tar or ArchiveFormat.TarGzip or ArchiveFormat.Zip);

    private string Canary => _bench.PathOf("canary");

    /// <summary>ZIP archives; tar archives for all others, each with a first byte that says how they are packed.</summary>
    internal override IEnumerable<byte[]> Seeds() => format == ArchiveFormat.Zip
        ? ZipMutations.Seeds()
        : TarMutations.Seeds().SelectMany(tar => Packings.Select(packing => (byte[])[packing, .. tar]));

    /// <summary>0: the tar archive is mutated and then packed; more: packed, and then damaged by that as seed. Plain tar has nothing to pack.</summary>
    private byte[] Packings => format == ArchiveFormat.Tar ? [0] : [0, 1];

    internal override byte[] Mutate(Random random, byte[] input, byte[] other) => format == ArchiveFormat.Zip
        ? ZipMutations.Mutate(random, input, other)
        : input.Length == 0 || other.Length == 0 ? [0]
        : [(byte)(input[0] == 0 || random.Next(3) == 0 ? 0 : random.Next(1, 256)), .. TarMutations.Mutate(random, input[1..], other[1..])];

    internal override async Task<string> RunAsync(byte[] input)
    {
        string archive = _bench.PathOf("archive");
        string tree = _bench.PathOf($"tree{_number++}");
        Directory.CreateDirectory(tree);
        await PackAsync(input, archive);
        long size = new FileInfo(archive).Length;
        UnpackRequest request = new("thing", archive, new TreeRecipe(format), Limits, new SourceLocation("a.proj", 7));
        string outcome;
        try
        {
            TreeManifest manifest = await Unpacker.UnpackAsync(request, tree, Workbench.Processes, Workbench.Log, CancellationToken.None);
            Assert.IsNull(TreeVerifier.FindDifferenceInContent(tree, manifest, CancellationToken.None));
            CollectionAssert.AreEqual(manifest.Entries.ToArray(), ManifestText.Read(ManifestText.Write(manifest.Entries)));
            outcome = Taken(manifest);
        }
        catch (LavaException refusal)
        {
            outcome = Outcome(refusal);
            StringAssert.StartsWith(outcome, "LAVA30", StringComparison.Ordinal);
            Assert.IsFalse(refusal.Message.Any(char.IsControl), $"a control character in a message: {refusal.Message}");
        }

        AssertNothingElse(tree);
        AssertHarmless(tree, size);
        Directory.Delete(tree, recursive: true);
        File.Delete(archive);
        return outcome;
    }

    public override void Dispose()
    {
        _bench.Dispose();
        base.Dispose();
    }

    private static Workbench WithCanary()
    {
        Workbench bench = new();
        Directory.CreateDirectory(bench.PathOf("canary"));
        File.WriteAllText(Path.Combine(bench.PathOf("canary"), Kept), Kept);
        return bench;
    }

    private static string Taken(TreeManifest manifest)
    {
        HashSet<string> kinds = [.. manifest.Entries.Select(entry =>
            $"{entry.Kind}{(entry.Executable ? "x" : "")}{(entry.Interpreter is null ? "" : "#")}{(entry.Elf is null ? "" : "E")}")];
        return $"taken: {string.Join(' ', kinds.Order(StringComparer.Ordinal))}, 2^{Math.ILogB(manifest.Entries.Count + 1)}";
    }

    private void AssertNothingElse(string tree)
    {
        string[] expected = ["archive", "canary", Path.GetFileName(tree)];
        CollectionAssert.AreEquivalent(expected, Directory.GetFileSystemEntries(_bench.Root).Select(Path.GetFileName).ToArray());
        Assert.AreEqual(Path.Combine(Canary, Kept), Directory.GetFileSystemEntries(Canary).Single());
        Assert.AreEqual(Kept, File.ReadAllText(Path.Combine(Canary, Kept)));
    }

    private static void AssertHarmless(string tree, long archiveSize)
    {
        long bytes = 0;
        int entries = 0;
        Stack<string> directories = new([tree]);
        while (directories.TryPop(out string? directory))
        {
            foreach (FileSystemInfo found in new DirectoryInfo(directory).EnumerateFileSystemInfos())
            {
                entries++;
                if (found.LinkTarget is not null)
                {
                    continue;
                }

                if (found is FileInfo file)
                {
                    bytes += file.Length;
                }
                else
                {
                    directories.Push(found.FullName);
                }

                UnixFileMode mode = found.UnixFileMode;
                Assert.IsTrue(found is DirectoryInfo ? mode == TreeModes.Directory : mode is TreeModes.File or TreeModes.Program, $"{found.FullName}: {mode}");
            }
        }

        Assert.IsLessThanOrEqualTo(Limits.Entries, entries, $"entries from {archiveSize} bytes");
        // Hard links count once for the disk, and as often as they are for this sum.
        Assert.IsLessThanOrEqualTo(Limits.Bytes * Limits.Entries, bytes);
    }

    private async Task PackAsync(byte[] input, string archive)
    {
        if (format is ArchiveFormat.Zip or ArchiveFormat.Tar)
        {
            await File.WriteAllBytesAsync(archive, format == ArchiveFormat.Zip || input.Length == 0 ? input : input[1..]);
            return;
        }

        byte[] tar = input.Length == 0 ? [] : input[1..];
        string packed = format == ArchiveFormat.TarGzip ? await GzipAsync(tar) : await _bench.PackAsync(tar, format);
        File.Move(packed, archive, overwrite: true);
        foreach (string left in Directory.GetFiles(_bench.Root).Where(left => left != archive))
        {
            File.Delete(left);
        }

        if (input.Length > 0 && input[0] != 0)
        {
            Random damage = new(input[0] + (256 * tar.Length));
            byte[] bytes = await File.ReadAllBytesAsync(archive);
            await File.WriteAllBytesAsync(archive, Damaged(damage, bytes));
        }
    }

    private byte[] Damaged(Random random, byte[] bytes) => format == ArchiveFormat.Deb && random.Next(2) == 0
        ? DebMutations.Mutate(random, bytes)
        : ByteMutations.Apply(random, bytes, [.. bytes.Reverse()]);

    /// <summary>Sometimes in several members, as RFC 1952 allows.</summary>
    private async Task<string> GzipAsync(byte[] tar)
    {
        string path = _bench.PathOf("archive-gz");
        await using FileStream file = File.Create(path);
        int pieces = 1 + (tar.Length % 3);
        foreach (byte[] piece in tar.Chunk(Math.Max(1, (tar.Length / pieces) + 1)).DefaultIfEmpty([]))
        {
            await using GZipStream gzip = new(file, CompressionLevel.Fastest, leaveOpen: true);
            await gzip.WriteAsync(piece);
        }

        return path;
    }
}
